/**
 * Whoever waits for the answer to a request: tells when he has gone, so that the work done for him can end.
 *
 *   daemon/connection.ts: its client is gone → Caller → admission.ts and evaluate.ts: the request leaves its place, its
 *   lookups are cancelled
 *
 * A process that Postfix starts has one caller and ends with him; there is none of these then.
 *
 * Total.
 */

/** Why a request gets no answer: nobody is there to read it. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone'

  constructor() {
    super('the client has closed its connection')
  }
}

/** By its name: each program of the executable has a class of its own (scripts/build.ts). */
export function isCallerGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'CallerGone'
}

export class Caller {
  #hasGone = false
  #onGone: (() => void) | undefined

  get hasGone(): boolean {
    return this.#hasGone
  }

  /** What is to be done when he goes, in the place of what was to be done before. */
  set onGone(work: (() => void) | undefined) {
    this.#onGone = work
  }

  /** He has gone. */
  leave(): void {
    if (this.#hasGone) return
    this.#hasGone = true
    this.#onGone?.()
  }
}
