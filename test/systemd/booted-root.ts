/**
 * A clean root directory (clean-root.ts) in which systemd runs as process 1, and commands that run there.
 *
 *   const booted = await boot(root); await booted.run('systemctl', 'restart', 'x'); await booted.log(mark); await booted.powerOff()
 *
 * systemd-nspawn makes the container, without a systemd on this machine. Its network is that of this process, so a DNS server
 * and clients here are on its loopback (each-suite.ts has made a network with nothing else). A command is run as from a
 * root's shell: in all namespaces of process 1, in no unit. Nothing here waits in the way of a load under way.
 *
 * systemd of Debian 13 boots on the unified hierarchy of control groups alone; a machine that has another one has that as
 * well, and it is mounted over the first in the mount namespace of this process. Where the controllers are bound to the other
 * one there are none, so MemoryMax= has no effect here.
 *
 * Failure: a container that does not come up in BOOT_MS is thrown with what it printed; how a command ended is a value.
 * Sources: systemd-nspawn(1), nsenter(1), cgroups(7).
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CleanRoot, type Ended, ENVIRONMENT } from '../debian/clean-root.ts'
import { waitFor } from '../../testkit/wait-for.ts'

/** What a root needs to be booted. */
export const BOOT_PACKAGES = ['systemd', 'systemd-sysv'] as const

const BOOT_MS = 90_000
const COMMAND_MS = 120_000
const LOGGED_MS = 30_000
/** A look takes processes, and the load needs the processors. */
const PAUSE_MS = 200
const CGROUPS = '/sys/fs/cgroup'
/** What systemd has reached when it starts no more units by itself. */
const BOOTED = 'multi-user.target'

export interface BootedRoot {
  readonly files: CleanRoot
  /** Runs a command to its end, however that is. */
  run(...command: string[]): Promise<Ended>
  /** The same, which has to end well; what it printed. */
  mustRun(...command: string[]): Promise<string>
  /** Runs a command until `powerOff`. */
  keepRunning(...command: string[]): void
  /** A place in the journal: the last line of the service; empty: it has logged nothing yet. */
  mark(): Promise<string>
  /** What the service has logged since, line by line. */
  log(mark: string): Promise<readonly string[]>
  /** Waits for a line. */
  logged(mark: string, line: RegExp): Promise<void>
  powerOff(): Promise<void>
}

/** Boots; resolves when systemd is at multi-user.target. */
export async function boot(files: CleanRoot): Promise<BootedRoot> {
  const leaveGroup = enterGroupOfOwn()
  writeFileSync(join(files.path, 'etc/machine-id'), `${'6b'.repeat(16)}\n`)
  writeFileSync(join(files.path, 'etc/hostname'), 'mx\n')
  const settings = ['--register=no', '--keep-unit', '--resolv-conf=off', '--timezone=off', '--link-journal=no']
  const container = spawn('systemd-nspawn', ['--quiet', '--directory', files.path, ...settings, '--boot'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let console = ''
  for (const stream of [container.stdout, container.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      console = `${console}${text}`.slice(-20_000)
    })
  let leader: number | undefined
  const kept: ChildProcess[] = []
  const inside = (command: readonly string[]): [string, string[]] => [
    'nsenter',
    ['--target', String(leader), '--all', '--root', '--wd', '--', ...command],
  ]

  function run(...command: string[]): Promise<Ended> {
    return new Promise(resolve => {
      const [file, args] = inside(command)
      const child = execFile(file, args, { env: ENVIRONMENT, timeout: COMMAND_MS, maxBuffer: 1 << 26 }, (_, out, err) =>
        resolve({ status: child.exitCode, printed: `${out}${err}` }),
      )
    })
  }

  async function mustRun(...command: string[]): Promise<string> {
    const { status, printed } = await run(...command)
    if (status !== 0) throw new Error(`${command.join(' ')}: exit status ${status}\n${printed}`)
    return printed
  }

  /** journalctl(1) of Debian 12 leaves one line out behind a place that is no line of these. */
  async function mark(): Promise<string> {
    const printed = await mustRun('journalctl', '--lines=1', '--show-cursor', '--output=cat', ...OURS)
    return /^-- cursor: (\S+)$/m.exec(printed)?.[1] ?? ''
  }

  async function log(mark: string): Promise<readonly string[]> {
    const behind = mark === '' ? [] : [`--after-cursor=${mark}`]
    const printed = await mustRun('journalctl', '--quiet', '--output=cat', ...behind, ...OURS)
    return printed.split('\n').filter(line => line !== '')
  }

  async function powerOff(): Promise<void> {
    for (const child of kept) child.kill('SIGKILL')
    if (container.exitCode === null && container.signalCode === null) {
      const ended = once(container, 'exit')
      // With its first process a container ends.
      if (leader === undefined) container.kill('SIGKILL')
      else process.kill(leader, 'SIGKILL')
      await ended
    }
    await leaveGroup()
  }

  try {
    await waitFor(
      'systemd to boot',
      async () => {
        if (container.exitCode !== null) throw new Error('systemd-nspawn has ended')
        leader ??= firstProcessBelow(container.pid ?? 0)
        return leader !== undefined && (await run('systemctl', 'is-active', BOOTED)).status === 0
      },
      BOOT_MS,
      PAUSE_MS,
    )
  } catch (error) {
    await powerOff()
    throw new Error(`${error instanceof Error ? error.message : error}\n${console}`)
  }
  return {
    files,
    run,
    mustRun,
    keepRunning: (...command) => kept.push(spawn(...inside(command), { env: ENVIRONMENT, stdio: 'ignore' })),
    mark,
    log,
    logged: (mark, line) => {
      const isThere = async (): Promise<boolean> => (await log(mark)).some(each => line.test(each))
      return waitFor(`logged: ${line}`, isThere, LOGGED_MS, PAUSE_MS)
    },
    powerOff,
  }
}

/** The daemon to syslog, and to its standard error. */
const OURS = ['--identifier=postfix/policyd-weight', '--identifier=policyd-weight']

/** The process 1 of a container that a process has made. */
function firstProcessBelow(pid: number): number | undefined {
  for (const child of childrenOf(pid)) {
    const found = isFirst(child) ? child : firstProcessBelow(child)
    if (found !== undefined) return found
  }
  return undefined
}

function childrenOf(pid: number): number[] {
  return readOr(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function isFirst(pid: number): boolean {
  return /^NSpid:\t\d+\t1$/m.test(readOr(`/proc/${pid}/status`))
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Has this process, and what it starts, in a control group of its own; returns how to leave and remove it. */
function enterGroupOfOwn(): () => Promise<void> {
  spawnSync('mount', ['-t', 'cgroup2', 'cgroup2', CGROUPS])
  const group = join(CGROUPS, `policyd-weight-test-${Date.now()}`)
  mkdirSync(group)
  const enter = (path: string): void => writeFileSync(join(path, 'cgroup.procs'), '0')
  enter(group)
  return () => {
    enter(CGROUPS)
    return waitFor('the control group is empty', () => isRemoved(group))
  }
}

/** Removes a group with those below it; false: processes in it are still ending. */
function isRemoved(path: string): boolean {
  const groups = readdirSync(path, { withFileTypes: true }).filter(entry => entry.isDirectory())
  if (!groups.every(({ name }) => isRemoved(join(path, name)))) return false
  try {
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}
