/**
 * Datagrams that answer nothing we asked, from which it is told whether somebody is guessing ids.
 *
 *   queries.ts: a datagram that no query takes → isGuessing → new ports, new ids
 *
 * A socket takes datagrams from its server's address and port alone, so whoever forges one has found our port, and needs one
 * more guess in 65,536, on average half of that, to be taken for the server. Nobody gets so many: after MAX_GUESSES at one port
 * there is another. What comes late to a question of ours that is over (it was cancelled, or asked once more) is no guess.
 *
 * Total. Source: RFC 5452 4.3, 7, 9.2.
 */
import { isReply, messageId } from './wire.ts'

/** Guesses that one port gets: one in a thousand succeeds if a question is known, and waits all the while. */
const MAX_GUESSES = 64
/** How long a reply may be late, and how long guesses count: as long as a port is in use (ports.ts). */
const SPAN_MS = 10_000

export class Strays {
  /** Ids of questions that are over and may still be answered, of this span and of the one before. */
  #late = new Set<number>()
  #later = new Set<number>()
  #sinceMs = Number.NEGATIVE_INFINITY
  readonly #guesses: number[] = []

  /** An id is in use no more, and a reply to it may still come. */
  expect(id: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#late.add(id)
  }

  /** Counts a datagram that no query takes; true: a server's replies are being guessed, which is said once and counted anew. */
  isGuessing(server: number, datagram: Uint8Array, nowMs: number): boolean {
    if (!isReply(datagram)) return false
    this.#turn(nowMs)
    const id = messageId(datagram) as number
    if (this.#late.delete(id) || this.#later.delete(id)) return false
    const guesses = (this.#guesses[server] ?? 0) + 1
    this.#guesses[server] = guesses < MAX_GUESSES ? guesses : 0
    return guesses >= MAX_GUESSES
  }

  #turn(nowMs: number): void {
    if (nowMs - this.#sinceMs < SPAN_MS) return
    this.#sinceMs = nowMs
    this.#later = this.#late
    this.#late = new Set()
    this.#guesses.length = 0
  }
}
