/**
 * A daemon of the built executable for tests: in the foreground, as the calling user, with a folder of its own.
 *
 *   const daemon = await startDaemon(socketFolder(t), { NS: … }); … daemon.log(); await daemon.stop()
 *
 * It listens on a unix socket in its folder, so tests never meet over a port. Its environment is as empty as a service
 * manager's.
 *
 * Failure: one that does not start rejects with what it printed. Whoever starts one stops it, or kills it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { EXECUTABLE, logLines } from './executable.ts'
import { configurationText, inEmptyEnvironment, type Parameters } from './policy-process.ts'
import { waitFor } from './wait-for.ts'

/** nobody and nogroup; who tests are run as if that is root. */
const NOBODY = 65_534

/** The user a daemon of the tests runs as, and how to start it so. */
export const DAEMON_USER =
  process.geteuid?.() === 0
    ? { name: 'nobody', options: { uid: NOBODY, gid: NOBODY } }
    : { name: userInfo().username, options: {} }

export interface DaemonProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly folder: string
  readonly socketPath: string
  readonly configuration: string
  /** Writes the configuration file; the daemon is told of it by a signal, or finds out. */
  configure(parameters: Parameters): void
  /** All log lines so far, without time and pid. */
  log(): readonly string[]
  /** Process ids of its workers. */
  workers(): readonly number[]
  /** Stops it; resolves to its exit status. */
  stop(): Promise<number | string | null>
}

export interface DaemonStart {
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The command in place of `node EXECUTABLE -f FILE -D start`; FILE is handed to it. */
  readonly command?: (file: string) => readonly string[]
  /** A descriptor that becomes its descriptor 3. */
  readonly handedOver?: number
  /** What else it has from its starter; the first three are not looked at. */
  readonly inherited?: readonly (number | 'ignore' | 'pipe')[]
}

/** A folder whose path is short enough for sockets in it, unlike tap's; removed with the test. */
export function socketFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'polw-'))
  // The daemon may be another user.
  chmodSync(folder, 0o755)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts a daemon and waits until it listens. */
export async function startDaemon(
  folder: string,
  parameters: Parameters = {},
  { args = ['-D', 'start'], environment = {}, command, handedOver, inherited }: DaemonStart = {},
): Promise<DaemonProcess> {
  mkdirSync(folder, { recursive: true })
  if (process.geteuid?.() === 0) chownSync(folder, NOBODY, NOBODY)
  const [configuration, socketPath, logFile] = ['conf', 'socket', 'log'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const own: Parameters = {
    TCP_PORT: 0,
    SOCKET: socketPath,
    PIDFILE: join(folder, 'pid'),
    LOGFILE: logFile,
    LOCKPATH: `${join(folder, 'cache')}/`,
    USER: DAEMON_USER.name,
    MAX_PROC: 2,
  }
  // Put in place whole: the daemon may be reading it.
  const configure = (changed: Parameters): void => {
    writeFileSync(`${configuration}.new`, configurationText({ ...own, ...parameters, ...changed }), 'latin1')
    renameSync(`${configuration}.new`, configuration)
  }
  configure({})
  const policy = command?.(configuration) ?? [process.execPath, EXECUTABLE, '-f', configuration, ...args]
  const { file, args: rest, env } = inEmptyEnvironment(policy, environment)
  const child = spawn(file, rest, {
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...(inherited?.slice(3) ?? [handedOver ?? 'ignore'])],
    ...DAEMON_USER.options,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('latin1').on('data', (text: string) => {
      output += text
    })
  await waitFor('the daemon to listen', () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the daemon has ended: ${output}`)
    return output.includes('listening on')
  })
  const pid = child.pid ?? 0
  return {
    child,
    pid,
    folder,
    socketPath,
    configuration,
    configure,
    log: () => logLines(logFile),
    workers: () => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const [code, signal] = await ended
      return signal ?? code
    },
  }
}

/** A client's connection, and what has come over it. */
export interface Client {
  readonly socket: Socket
  readonly received: () => string
  /** Sends, and waits until so many answers have come since the connection was opened. Rejects if it is closed instead. */
  ask(bytes: string | Buffer, answers: number): Promise<string>
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
}

/** Connects to a daemon; one that cannot be connected to is closed at once. */
export async function connectTo(address: string | number): Promise<Client> {
  const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address)
  let text = ''
  let isClosed = false
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  socket.on('error', () => {})
  const closed = new Promise<void>(resolve => {
    socket.once('close', () => {
      isClosed = true
      resolve()
    })
  })
  await Promise.race([new Promise<void>(resolve => socket.once('connect', resolve)), closed])
  return {
    socket,
    closed,
    received: () => text,
    ask: async (bytes, answers) => {
      socket.write(bytes)
      await waitFor(`answer ${answers}`, () => {
        const isThere = text.split('\n\n').length > answers
        if (isClosed && !isThere) throw new Error(`closed after: ${text}`)
        return isThere
      })
      return text
    },
  }
}
