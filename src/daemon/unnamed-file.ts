/**
 * A file without a name: nothing on disk to collide with or to clean up, gone with the last process that has it.
 *
 *   scoreboard.ts, worker-report.ts → openUnnamedFile → a descriptor
 *
 * Failure: undefined where no place for it allows such files.
 * Source: open(2) O_TMPFILE.
 */
import { constants, openSync } from 'node:fs'

const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY
/** How a link to one in /proc/PID/fd ends; what is in front depends on who looks, and through which mounts. */
export const UNNAMED_FILE = /\/#\d+ \(deleted\)$/

/** Opens one, readable for us alone. */
export function openUnnamedFile(): number | undefined {
  for (const directory of ['/dev/shm', '/tmp']) {
    try {
      return openSync(directory, O_TMPFILE | constants.O_RDWR, 0o600)
    } catch {
      // The next one, or none.
    }
  }
  return undefined
}
