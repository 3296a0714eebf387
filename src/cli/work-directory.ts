/**
 * A working directory that is there.
 *
 *   command-line.ts: loaded in front of yargs, which asks for it when it is loaded
 *
 * The directory a shell or a daemon was started in may have been removed; whoever asks for it then gets an error, each of
 * the daemon's new workers too. Nothing can be meant by a path relative to it any more, so `/` does as well.
 *
 * Failure: none that matters: `/` is always there.
 * Source: getcwd(3), ENOENT.
 */
try {
  process.cwd()
} catch {
  process.chdir('/')
}
