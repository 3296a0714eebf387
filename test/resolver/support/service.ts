/**
 * The service as smtpd(8) meets it: a process for each in spawn mode, or a connection of the daemon.
 *
 *   const service = spawnedService(folder, parameters); const answer = await service.ask(request); await service.stop()
 *
 * As with Postfix, each of them has one request at a time, and goes on to the next; a request that finds none idle gets
 * another one. All share one configuration and one cache file.
 *
 * Failure: a process or connection that ends in place of an answer is answered `''`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { DAEMON_USER, startDaemon } from '../../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../../testkit/executable.ts'
import {
  configurationText,
  inEmptyEnvironment,
  type Parameters,
  requestBytes,
} from '../../../testkit/policy-process.ts'

export interface Service {
  /** Makes so many processes or connections ready. */
  open(count: number): Promise<void>
  /** Resolves to the answer, its empty line included. */
  ask(request: Buffer): Promise<string>
  /** Ends all of it; requests without an answer are answered `''`. */
  stop(): Promise<void>
}

interface Peer {
  readonly input: Writable
  readonly output: Readable
  end(): void
}

/** Processes that are started at the same time: more would only keep each other waiting. */
const STARTS = 4
/** Answered without DNS. */
const SHORT_CUT = requestBytes(attributesOf({ sender: '' }))

class Pool implements Service {
  readonly #connect: () => Peer
  readonly #ended: () => Promise<unknown>
  readonly #idle: Peer[] = []
  readonly #peers = new Set<Peer>()

  /** `ended` is called when all peers were told to end. */
  constructor(connectPeer: () => Peer, ended: () => Promise<unknown>) {
    this.#connect = connectPeer
    this.#ended = ended
  }

  async open(count: number): Promise<void> {
    const ready: Peer[] = []
    let left = count
    const openSome = async (): Promise<void> => {
      while (left-- > 0) {
        const peer = this.#another()
        await this.#exchange(peer, SHORT_CUT)
        ready.push(peer)
      }
    }
    await Promise.all(Array.from({ length: STARTS }, openSome))
    this.#idle.push(...ready)
  }

  async ask(request: Buffer): Promise<string> {
    const peer = this.#idle.pop() ?? this.#another()
    const answer = await this.#exchange(peer, request)
    if (answer !== '') this.#idle.push(peer)
    return answer
  }

  async stop(): Promise<void> {
    for (const peer of this.#peers) peer.end()
    await this.#ended()
  }

  #exchange({ input, output }: Peer, request: Buffer): Promise<string> {
    return new Promise(resolve => {
      let text = ''
      const finish = (answer: string): void => {
        output.removeAllListeners('data')
        output.removeListener('close', closed)
        resolve(answer)
      }
      const closed = (): void => finish('')
      output.once('close', closed)
      output.on('data', (part: string) => {
        text += part
        if (text.endsWith('\n\n')) finish(text)
      })
      input.write(request)
    })
  }

  #another(): Peer {
    const peer = this.#connect()
    this.#peers.add(peer)
    peer.input.on('error', () => {})
    peer.output.setEncoding('latin1').on('error', () => {})
    return peer
  }
}

/** Spawn mode, with the prepared copy of the executable that a package installs. */
export function spawnedService(folder: string, parameters: Parameters): Service {
  const [executable, configuration, cache] = ['policyd-weight', 'conf', 'cache'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  cpSync(EXECUTABLE, executable)
  execFileSync('/usr/bin/env', ['-i', process.execPath, executable, 'prepare'], { stdio: 'ignore' })
  mkdirSync(cache)
  for (const owned of [folder, cache]) chownSync(owned, DAEMON_USER.options.uid ?? 0, DAEMON_USER.options.gid ?? 0)
  const own: Parameters = { LOCKPATH: `${cache}/`, LOGFILE: join(folder, 'log') }
  writeFileSync(configuration, configurationText({ ...own, ...parameters }))
  const { file, args, env } = inEmptyEnvironment([process.execPath, executable, '-f', configuration])
  const exits: Promise<unknown>[] = []
  return new Pool(
    () => {
      const child: ChildProcess & { stdin: Writable; stdout: Readable } = spawn(file, args, {
        env,
        stdio: ['pipe', 'pipe', 'ignore'],
        ...DAEMON_USER.options,
      })
      exits.push(new Promise(resolve => child.once('close', resolve)))
      // In the middle of a wait for DNS it would not notice that its input has ended.
      return { input: child.stdin, output: child.stdout, end: () => child.kill('SIGKILL') }
    },
    () => Promise.all(exits),
  )
}

/** The daemon, with as many workers as it starts by itself. */
export async function daemonService(folder: string, parameters: Parameters): Promise<Service> {
  const daemon = await startDaemon(folder, { MAX_PROC: 50, ...parameters })
  return new Pool(
    () => {
      const socket = connect(daemon.socketPath)
      return { input: socket, output: socket, end: () => socket.destroy() }
    },
    () => daemon.stop(),
  )
}
