/**
 * A root directory with nothing but Debian in it, and commands that run there.
 *
 *   const root = makeCleanRoot(folder, ['nodejs']); root.run('dpkg', '-i', '/x.deb'); root.files(); root.remove()
 *
 * Debian 13 is the first release whose own Node.js will do, so nothing has to be put in by hand. What is to be installed
 * later is downloaded at once: the commands then need no network, and get none (run.ts).
 *
 * Failure: a command that fails is an exception with all it printed.
 */
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SUITE = 'trixie'
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
/** What other packages' scripts, the kernel and time change by themselves. */
const NOT_OURS =
  /^(?:dev|proc|sys|tmp|run\/adduser|var\/cache|var\/lib\/(?:apt|dpkg)|var\/log|etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-)(?:\/|$)/

/** Installs a minimal Debian below `path`, and downloads packages with what they need. */
export function makeCleanRoot(path: string, packages: readonly string[]): CleanRoot {
  const mirror = mirrorOfThisMachine()
  runCommand('debootstrap', ['--variant=minbase', SUITE, path, mirror], process.env)
  chmodSync(path, 0o755)
  writeFileSync(join(path, 'etc/apt/sources.list'), `deb ${mirror} ${SUITE} main\n`)
  const root = new CleanRoot(path)
  root.run('apt-get', 'update', '-qq')
  for (const name of packages)
    root.run('apt-get', 'install', '-qq', '-y', '--no-install-recommends', '--download-only', name)
  return root
}

/** The first of Debian's own that apt takes packages from. */
function mirrorOfThisMachine(): string {
  const targets = runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Origin: Debian'], process.env)
  const mirror = targets.split('\n').find(uri => uri !== '' && !uri.includes('security'))
  if (mirror === undefined) throw new Error('apt on this machine takes nothing from Debian; run apt-get update')
  return mirror
}

export interface Ended {
  /** Null if it could not be started, or a signal ended it. */
  readonly status: number | null
  /** To both descriptors. */
  readonly printed: string
}

export class CleanRoot {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Runs a command in the root; returns what it printed, to both descriptors. */
  run(command: string, ...args: string[]): string {
    return runCommand('chroot', [this.path, command, ...args], ENVIRONMENT)
  }

  /** Runs a command in the root while this process goes on serving it; resolves when it ends, however. */
  runMeanwhile(...command: string[]): Promise<Ended> {
    return new Promise(resolve => {
      const child = execFile('chroot', [this.path, ...command], { env: ENVIRONMENT }, (_, stdout, stderr) =>
        resolve({ status: child.exitCode, printed: `${stdout}${stderr}` }),
      )
    })
  }

  /** The command line that runs a command there as the user of the service. */
  asServiceUser(...command: string[]): string[] {
    return ['/usr/sbin/chroot', '--userspec=polw:polw', this.path, ...command]
  }

  has(path: string): boolean {
    return existsSync(join(this.path, path))
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8')
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.path, path), text)
  }

  /** Names in a directory that match. */
  list(directory: string, pattern: RegExp): string[] {
    return readdirSync(join(this.path, directory)).filter(name => pattern.test(name))
  }

  /** Every path in the root that is anybody's own doing, sorted. */
  files(): string[] {
    return runCommand('find', [this.path, '-xdev', '-printf', '%P\n'], ENVIRONMENT)
      .split('\n')
      .filter(name => name !== '' && !NOT_OURS.test(name))
      .sort()
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 1 << 26 })
  if (error) throw error
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: exit status ${status}\n${stdout}${stderr}`)
  return `${stdout}${stderr}`
}
