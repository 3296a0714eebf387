/**
 * A root directory with nothing but Debian in it, and commands that run there.
 *
 *   const root = await makeCleanRoot(folder, 'trixie', { downloaded: ['nodejs'] }); root.run('dpkg', '-i', '/x.deb'); root.files(); root.remove()
 *
 * What is to be installed later is downloaded at once: the commands then need no network, and get none (each-suite.ts). Debian 13
 * is the first release whose own Node.js will do; in Debian 12 the one that runs this stands for it, as a package
 * NODE_PACKAGE.
 *
 * Failure: a command that fails is an exception with all it printed.
 */
import { execFile, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Releases of Debian that the package is for, by number. */
export const SUITES = { 12: 'bookworm', 13: 'trixie' } as const
export type Suite = (typeof SUITES)[keyof typeof SUITES]

/** Where a release has its package of Node.js: its own, or a file that is put into the root. */
export const NODE_PACKAGE: Readonly<Record<Suite, string>> = { bookworm: '/nodejs.deb', trixie: 'nodejs' }
/** Of commands in a root. */
export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  DEBIAN_FRONTEND: 'noninteractive',
  LC_ALL: 'C.UTF-8',
}
/** What other packages' scripts, the kernel and time change by themselves. */
const NOT_OURS =
  /^(?:dev|proc|sys|tmp|run\/adduser|var\/cache|var\/lib\/(?:apt|dpkg)|var\/log|etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-)(?:\/|$)/

export interface Packages {
  /** Installed from the start. */
  readonly included?: readonly string[]
  readonly downloaded: readonly string[]
}

/** Installs a minimal Debian below `path`, and downloads packages with what they need. */
export async function makeCleanRoot(
  path: string,
  suite: Suite,
  { included = [], downloaded }: Packages,
): Promise<CleanRoot> {
  const mirror = mirrorOfThisMachine()
  const include = included.length > 0 ? [`--include=${included.join(',')}`] : []
  await ended('debootstrap', ['--variant=minbase', ...include, suite, path, mirror], process.env)
  chmodSync(path, 0o755)
  writeFileSync(join(path, 'etc/apt/sources.list'), `deb ${mirror} ${suite} main\n`)
  const root = new CleanRoot(path)
  await ended('chroot', [path, 'apt-get', 'update', '-qq'], ENVIRONMENT)
  if (NODE_PACKAGE[suite].startsWith('/')) wrapNode(path, NODE_PACKAGE[suite])
  const download = [path, 'apt-get', 'install', '-qq', '-y', '--no-install-recommends', '--download-only']
  for (const name of downloaded) await ended('chroot', [...download, name], ENVIRONMENT)
  return root
}

/** Makes a package of the Node.js that runs this. */
function wrapNode(path: string, name: string): void {
  const folder = join(path, 'tmp', 'nodejs')
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true })
  mkdirSync(join(folder, 'usr', 'bin'), { recursive: true })
  copyFileSync(process.execPath, join(folder, 'usr', 'bin', 'node'))
  const architecture = runCommand('dpkg', ['--print-architecture'], process.env).trim()
  writeFileSync(
    join(folder, 'DEBIAN', 'control'),
    `Package: nodejs
Version: ${process.versions.node}
Architecture: ${architecture}
Maintainer: nobody <nobody@example.org>
Depends: libc6, libstdc++6
Description: Node.js, for a test
`,
  )
  runCommand('dpkg-deb', ['--root-owner-group', '-Znone', '--build', folder, join(path, name)], process.env)
  rmSync(folder, { recursive: true })
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

/** Resolves when a command has ended; another root may be made meanwhile. */
async function ended(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)(command, args, { env, maxBuffer: 1 << 26 })
}

function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env, maxBuffer: 1 << 26 })
  if (error) throw error
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: exit status ${status}\n${stdout}${stderr}`)
  return `${stdout}${stderr}`
}
