/**
 * What a process does about name servers that do not answer, with what the host knows of them.
 *
 *   server-watch.ts: heard, silent, isOutage → ServerTrouble ⇄ cache/servers.ts
 *
 * A program of its own, which is loaded when the first server is silent.
 *
 * Silent servers are asked last, by all processes. One process a second asks each of them the control question, beside the
 * lookups of the mail at hand, which waits for none of it; a reply, to whomever and whatever, and the server is asked in its turn.
 *
 * All of them are silent to the control question: that is an outage. While it lasts nobody waits for DNS. The mail that asks
 * the control question waits for a reply for PROBE_WAIT_MS, so that the first one behind the outage is scored as any other; what
 * comes later is read when the process has nothing else to do, in spawn mode before the next request is read (rest), and
 * ends the outage then.
 * (Rejected: waiting for nothing at all. A process that Postfix starts stands still between requests, and would hear of the end
 * of an outage when it is asked again; one that has a single request never would.) Where nobody ever waits long enough, the process
 * of each IN_EARNEST-th probe does before it ends, so that no outage outlasts its cause.
 *
 * Guarantees: an outage begins and ends in one transaction of one process, which says so in the log; behind a process that
 * is killed before it has, the line is missing and nothing else is. A mail waits for PROBE_WAIT_MS at most.
 * Failure: without the cache a process knows what it found out itself, or nothing.
 * Source: docs/behaviour/dns-and-lists.md#a-name-server-that-does-not-answer, cache/servers.ts.
 */
import type { Cache } from '../cache/cache.ts'
import { ANSWERS, isOutage, type ServerState, SilentServers, serverNumber } from '../cache/servers.ts'
import type { ServerHealth } from '../dns/hearing.ts'
import { describeServer, type NameServer } from '../dns/name-server.ts'
import type { Resolver } from '../dns/resolver.ts'
import { monotonicMs } from '../system/clock.ts'

/** What processes of the host share. */
export interface Host {
  readonly cache: Pick<Cache, 'transact'>
  /** Takes what an operator should know. */
  readonly warn: (text: string) => void
  /** The clock of deadlines, for tests. */
  readonly now?: () => number
}

/** Who asks the servers of a watch. */
export type Prober = Pick<Resolver, 'probe' | 'rest'>

/** How long a mail waits for the reply that would end an outage: a resolver near by has answered by then. */
const PROBE_WAIT_MS = 30
/** How long a process waits for one when it has nothing else to do, and how long when it is about to end. */
const PROBE_MS = 2500
const LEAVE_MS = 100
/** So many probes for which nobody has waited to the end. */
const IN_EARNEST = 20

export class ServerTrouble implements ServerHealth {
  order: readonly number[]
  readonly #host: Host
  readonly #servers: readonly NameServer[]
  readonly #numbers: readonly number[]
  readonly #now: () => number
  /** What was known of them last. */
  #states: readonly ServerState[] = []
  /** Servers that are asked whether they are back, and in which turn last. */
  readonly #probing = new Map<number, number>()
  #turn = 0
  #leaveMs = LEAVE_MS
  /** Who waits for news. */
  readonly #waiting = new Set<() => void>()

  /** `servers`: those of a resolver, in its order. */
  constructor(servers: readonly NameServer[], host: Host) {
    this.#servers = servers
    this.#host = host
    this.#now = host.now ?? monotonicMs
    this.#numbers = servers.map(server => serverNumber(describeServer(server)))
    this.order = this.#inOrder()
  }

  /** Whether the reply of a silent server is waited for. */
  get isProbing(): boolean {
    return this.#probing.size > 0
  }

  heard(server: number): void {
    if (!isSilent(this.#states[server])) return
    this.#know(this.#states.map((state, index) => (index === server ? ANSWERS : state)))
    this.#change(servers => {
      const before = this.#read(servers)
      servers.clear(this.#numbers[server] as number, this.#now())
      if (!isOutage(before)) return undefined
      const seconds = Math.round(Math.min(...before.map(({ silentMs }) => silentMs)) / 1000)
      return `name server ${describeServer(this.#servers[server] as NameServer)} answers again, after ${seconds} s without any: mail is scored`
    })
    this.#wake()
  }

  silent(silent: readonly number[], isControl: boolean, sinceMs: number): void {
    this.#change(servers => {
      const wasOutage = isOutage(this.#read(servers))
      for (const server of silent) servers.note(this.#numbers[server] as number, isControl, this.#now(), sinceMs)
      if (wasOutage || !isOutage(this.#read(servers))) return undefined
      return `no name server answers the control question (${this.#servers.map(describeServer).join(' ')}): no mail is scored until one does`
    })
  }

  /** Nothing is known of any server but good. */
  clear(): void {
    if (this.#states.length > 0) this.#know([])
  }

  /**
   * Looks at what is known, for a mail that is about to be looked up. Whether there is an outage: then there is nobody to ask. Has
   * silent servers asked whether they are back, if it is this process's turn.
   */
  async isOutage(prober: Prober): Promise<boolean> {
    const turns: number[] = []
    this.#change(servers => {
      const states = this.#read(servers)
      for (const [server, number] of this.#numbers.entries()) {
        const probes = isSilent(states[server]) ? servers.claimProbe(number, this.#now()) : undefined
        if (probes === undefined) continue
        turns.push(server)
        if (probes % IN_EARNEST === 0) this.#leaveMs = PROBE_MS
      }
      return undefined
    })
    for (const server of turns) this.#probe(prober, server)
    if (!isOutage(this.#states)) return false
    await this.#listen(prober, turns, PROBE_WAIT_MS, () => !isOutage(this.#states))
    return isOutage(this.#states)
  }

  /**
   * Waits for replies that are on their way, for whoever has nothing else to do: until there is something to read from the
   * descriptor `input`, or, without one, for a moment.
   */
  async rest(prober: Prober, input?: number): Promise<void> {
    const isOver = (): boolean => !this.isProbing
    if (input === undefined) await this.#listen(prober, [...this.#probing.keys()], this.#leaveMs, isOver)
    else await prober.rest(isOver, { input })
  }

  #probe(prober: Prober, server: number): void {
    const turn = this.#turn++
    this.#probing.set(server, turn)
    const settled = (): void => {
      if (this.#probing.get(server) === turn) this.#probing.delete(server)
      this.#wake()
    }
    prober.probe(server, turn, this.#now() + PROBE_MS, { settled })
  }

  /** Hears what lies ready and, of those that are being asked, what comes within so many milliseconds. */
  async #listen(prober: Prober, asked: readonly number[], waitMs: number, isEnough: () => boolean): Promise<void> {
    let left = asked.length
    const isOver = (): boolean => left === 0 || isEnough()
    const settled = (): void => {
      left--
      this.#wake()
    }
    for (const server of asked)
      prober.probe(server, this.#probing.get(server) ?? this.#turn, this.#now() + waitMs, { settled })
    await prober.rest(isOver)
    await this.#until(isOver)
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look()
  }

  #until(isOver: () => boolean): Promise<void> | undefined {
    if (isOver()) return undefined
    return new Promise(resolve => {
      const look = (): void => {
        if (!isOver()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
    })
  }

  /** One transaction, and what it has to say. */
  #change(change: (servers: SilentServers) => string | undefined): void {
    const done = this.#host.cache.transact(tables => {
      const servers = new SilentServers(tables.words, tables.serversAt)
      const text = change(servers)
      return { text, states: tables.hasSilentServers ? this.#read(servers) : [] }
    })
    if (!done) return
    this.#know(done.states)
    if (done.text !== undefined) this.#host.warn(done.text)
  }

  #read(servers: SilentServers): readonly ServerState[] {
    return servers.read(this.#numbers, this.#now())
  }

  #know(states: readonly ServerState[]): void {
    this.#states = states
    this.order = this.#inOrder()
  }

  #inOrder(): readonly number[] {
    const all = this.#servers.map((_, server) => server)
    const isLast = (server: number): boolean => isSilent(this.#states[server])
    return [...all.filter(server => !isLast(server)), ...all.filter(isLast)]
  }
}

function isSilent(state: ServerState | undefined): boolean {
  return state !== undefined && state.silence !== 'none'
}
