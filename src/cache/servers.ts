/**
 * What the host knows of its name servers that do not answer: so each process need not find it out by itself.
 *
 *   turn/server-trouble.ts: isTroubled, read, note, claimProbe, clear → words of the cache file, or of a process's own
 *
 * A row is a server, found by a number that follows from its address and port. So what is known of one does not pass to another that a
 * changed resolv.conf(5) has in its place, and configurations with other servers keep out of each other's way. There are
 * rows for ROWS servers that do not answer; one more takes the row that was asked after least lately.
 *
 * Layout, in words: 1 if there may be anything to know, three that are 0; then rows of five: the server's number, since when it
 * is silent, since when to the control question, when it was last asked after, or answered, and how often since somebody has waited for it to the
 * end. Times are milliseconds of the clock of deadlines
 * (system/clock.ts), which all processes of a host share and nobody sets, modulo 2^32; 0: it is not so.
 *
 * The caller holds the lock. Killed between two stores a writer leaves a row that says less than it meant to, never more, for the
 * number of a server is written while its row says nothing; or the first word 1 with nothing to know, which the next
 * `read` puts right. After a restart of the host times are of another clock: a server that was not asked after for
 * FORGOTTEN_MS, forwards or backwards, is forgotten.
 *
 * Total. Damage makes a server be asked last that need not be, or, all of a host's at once, an outage, until one answers.
 * Sources: format.ts; docs/behaviour/dns-and-lists.md#a-name-server-that-does-not-answer.
 */

const ROWS = 16
const HEAD_WORDS = 4
const ROW_WORDS = 5
const SINCE = 1
const CONTROL_SINCE = 2
const ASKED = 3
const PROBES = 4

/** Size of the area; it ends where a line of the processor's cache does. */
export const SERVERS_BYTES: number = Math.ceil((4 * (HEAD_WORDS + ROWS * ROW_WORDS)) / 64) * 64

/** How long what is known counts when nobody asks after the server. */
const FORGOTTEN_MS = 600_000
/** A silent server is asked after so often at most, by all processes together. */
const PROBE_INTERVAL_MS = 1000

/** What a server is silent to: nothing; questions to lists that others answered; the control question, which anybody can. */
export type Silence = 'none' | 'lists' | 'control'

/** Since when a server is silent, in milliseconds. */
export interface ServerState {
  readonly silence: Silence
  readonly silentMs: number
}

/** Of a server that nobody says anything else of. */
export const ANSWERS: ServerState = { silence: 'none', silentMs: 0 }

/** Whether nobody answers: all there are, and there are some, are silent to the control question. */
export function isOutage(states: readonly ServerState[]): boolean {
  return states.length > 0 && states.every(({ silence }) => silence === 'control')
}

/** `'192.0.2.1:53'` → its number, never 0. */
export function serverNumber(text: string): number {
  let hash = 0x2545f491
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash | 0 || 1
}

/** The servers that do not answer, over the words of a file or of any memory. */
export class SilentServers {
  readonly #words: Int32Array
  readonly #at: number

  /** `at`: the word at which the area begins. */
  constructor(words: Int32Array, at: number) {
    this.#words = words
    this.#at = at
  }

  /** False: every server answers, as far as anybody knows. */
  get isTroubled(): boolean {
    return this.#words[this.#at] !== 0
  }

  /** What is known of each of these servers, given by number. */
  read(servers: readonly number[], nowMs: number): readonly ServerState[] {
    this.#forget(nowMs)
    return servers.map(server => {
      const row = this.#rowOf(server)
      if (row === undefined) return ANSWERS
      const control = this.#words[row + CONTROL_SINCE] as number
      const since = control || (this.#words[row + SINCE] as number)
      const silence = control !== 0 ? 'control' : since !== 0 ? 'lists' : 'none'
      return silence === 'none' ? ANSWERS : { silence, silentMs: Math.max(0, elapsed(since, nowMs)) }
    })
  }

  /**
   * A server is silent; `isControl`: to the control question. One of which nothing was known counts as asked after. `sinceMs`: to
   * a question of that time; if the server has answered somebody since, that is no news.
   */
  note(server: number, isControl: boolean, nowMs: number, sinceMs?: number): void {
    const words = this.#words
    const known = this.#rowOf(server)
    if (known !== undefined && !this.#isSilent(known) && sinceMs !== undefined) {
      if (elapsed(words[known + ASKED] as number, sinceMs) <= 0) return
    }
    const row = known ?? this.#free(nowMs)
    if (known === undefined) {
      this.#empty(row)
      words[row] = server
      words[row + ASKED] = stamp(nowMs)
    }
    words[this.#at] = 1
    words[row + PROBES] = 0
    if (words[row + SINCE] === 0) words[row + SINCE] = stamp(nowMs)
    if (isControl && words[row + CONTROL_SINCE] === 0) words[row + CONTROL_SINCE] = stamp(nowMs)
  }

  /** A server has answered. Its row says when, as long as it is not needed for another. */
  clear(server: number, nowMs: number): void {
    const row = this.#rowOf(server)
    if (row === undefined) return
    this.#words[row + CONTROL_SINCE] = 0
    this.#words[row + SINCE] = 0
    this.#words[row + ASKED] = stamp(nowMs)
    this.#settle()
  }

  /**
   * Whether it is the caller's turn to ask after a silent server; undefined: it is not. Else the how manieth time this is since
   * somebody has waited for it to the end, from 1.
   */
  claimProbe(server: number, nowMs: number): number | undefined {
    const words = this.#words
    const row = this.#rowOf(server)
    if (row === undefined || !this.#isSilent(row)) return undefined
    if (Math.abs(elapsed(words[row + ASKED] as number, nowMs)) < PROBE_INTERVAL_MS) return undefined
    words[row + ASKED] = stamp(nowMs)
    words[row + PROBES] = (words[row + PROBES] as number) + 1
    return words[row + PROBES]
  }

  #forget(nowMs: number): void {
    for (const row of this.#rows())
      if (Math.abs(elapsed(this.#words[row + ASKED] as number, nowMs)) > FORGOTTEN_MS) this.#empty(row)
    this.#settle()
  }

  #settle(): void {
    if (!this.#rows().some(row => this.#isSilent(row))) this.#words[this.#at] = 0
  }

  #isSilent(row: number): boolean {
    return this.#words[row + SINCE] !== 0 || this.#words[row + CONTROL_SINCE] !== 0
  }

  /** What it says goes first, whose it was last. */
  #empty(row: number): void {
    this.#words[row + CONTROL_SINCE] = 0
    this.#words[row + SINCE] = 0
    this.#words[row] = 0
  }

  #rowOf(server: number): number | undefined {
    return this.#rows().find(row => this.#words[row] === server)
  }

  #free(nowMs: number): number {
    const rows = this.#rows()
    const age = (row: number): number => Math.abs(elapsed(this.#words[row + ASKED] as number, nowMs))
    const free = rows.find(row => this.#words[row] === 0) ?? rows.find(row => !this.#isSilent(row))
    return free ?? rows.reduce((oldest, row) => (age(row) > age(oldest) ? row : oldest))
  }

  #rows(): number[] {
    return Array.from({ length: ROWS }, (_, row) => this.#at + HEAD_WORDS + row * ROW_WORDS)
  }
}

function stamp(ms: number): number {
  return Math.floor(ms) | 0 || 1
}

/** Milliseconds from then to now, half of 2^32 either way. */
function elapsed(then: number, nowMs: number): number {
  return (Math.floor(nowMs) - then) | 0
}
