/**
 * A client's connection: its socket and its session, brought together.
 *
 *   worker.ts: socket → Connection: bytes → session.ts → answer → bytes
 *
 * Answers to requests that came in together leave in one write, unless one of them has to be waited for: then those before
 * it go first. While a client does not read, nothing more is read from it and nothing decided for it.
 *
 * Failure: whatever is wrong with a request, or with us, ends this connection and no other: earlier answers are sent, the
 * request at hand gets none, a warning is logged, and Postfix asks once more before it defers the mail. A client that
 * goes away is no failure: its request ends. One that has only said that it says no more cannot be told from one that is
 * gone, so what it has asked is worked on for HALF_CLOSED_MS and no longer.
 * Source: SMTPD_POLICY_README (trouble); docs/behaviour/postfix.md#trouble.
 */

import type { Socket } from 'node:net'
import { messageOf } from '../system/errno.ts'
import { Caller, isCallerGone } from '../turn/caller.ts'
import type { RequestText } from '../policy/attributes.ts'
import { Session } from './session.ts'

/** What a connection needs from its worker. */
export interface ConnectionOptions {
  /** The answer to a request, ready to be sent; throws or rejects if there can be none. */
  readonly answer: (text: RequestText, caller: Caller) => string | Promise<string>
  readonly warn: (text: string) => void
  /** A request was faulty, or not answered because of us; not one whose client has gone. */
  readonly unanswered: () => void
  /** Whether to close behind an answer, `$TRY_BALANCE`. */
  readonly closesAfterAnswer: () => boolean
  readonly nowMs: () => number
}

/** How long a request is worked on whose client has closed its side of the connection. */
const HALF_CLOSED_MS = 2000

/** Characters of answers that are collected before they are sent anyway. */
const MAX_COLLECTED = 16 * 1024

export class Connection {
  readonly #socket: Socket
  readonly #session: Session
  readonly #options: ConnectionOptions
  #collected = ''
  #sendSoon: NodeJS.Immediate | undefined
  /** The kernel has not taken all of what was sent. */
  #isUnsent = false
  #isWorking = false
  #isPaused = false
  /** The client has said its last; what it has asked is answered. */
  #hasEnded = false
  #isEnding = false
  /** Who waits for the request at hand. */
  #caller: Caller | undefined
  #patience: NodeJS.Timeout | undefined

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#session = new Session(options.nowMs())
    socket.on('data', bytes => this.#receive(bytes))
    socket.on('end', () => {
      this.#hasEnded = true
      if (!this.#isWorking && this.#session.phase !== 'blocked') this.#end()
      this.#limitPatience()
    })
    // A client that resets the connection; 'close' follows.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isEnding = true
      this.#caller?.leave()
    })
  }

  /** Closes the connection if one of its deadlines has passed. */
  checkDeadline(nowMs: number): void {
    const why = this.#session.overdue(nowMs)
    if (why === undefined) return
    if (this.#session.phase !== 'idle') this.#options.warn(`connection closed: ${why}`)
    if (this.#session.phase === 'receiving') this.#options.unanswered()
    this.#isEnding = true
    this.#socket.destroy()
  }

  /** Ends the connection as soon as no request is being decided; what is half received is not waited for. */
  finish(): void {
    this.#isEnding = true
    if (!this.#isWorking) this.#end()
  }

  #receive(bytes: Buffer): void {
    this.#session.receive(bytes)
    if (this.#session.isFull) {
      this.#isPaused = true
      this.#socket.pause()
    } else void this.#work()
  }

  /** Decides what there is to decide, one request after the other. Never rejects. */
  async #work(): Promise<void> {
    if (this.#isWorking) return
    this.#isWorking = true
    const { answer, closesAfterAnswer, nowMs, warn, unanswered } = this.#options
    try {
      for (;;) {
        const text = this.#isEnding ? undefined : this.#session.take(nowMs())
        if (text === undefined) break
        const caller = new Caller()
        const answered = answer(text, caller)
        // Not `+=` with the await on its right: meanwhile what is collected may have been sent.
        const reply = answered instanceof Promise ? await this.#waitFor(answered, caller) : answered
        this.#collected += reply
        this.#session.answered(nowMs())
        if (this.#isUnsent) this.#session.blocked(nowMs())
        if (closesAfterAnswer()) this.#isEnding = true
        if (this.#collected.length >= MAX_COLLECTED) this.#send()
        else this.#sendSoon ??= setImmediate(() => this.#send())
      }
    } catch (error) {
      if (!isCallerGone(error)) {
        warn(`no answer sent: ${messageOf(error)}`)
        unanswered()
      }
      this.#isEnding = true
    }
    this.#isWorking = false
    this.#send()
    if (this.#isEnding || (this.#hasEnded && this.#session.phase !== 'blocked')) this.#end()
    else if (this.#isPaused && !this.#session.isFull) {
      this.#isPaused = false
      this.#socket.resume()
    }
  }

  async #waitFor(answer: Promise<string>, caller: Caller): Promise<string> {
    this.#caller = caller
    this.#limitPatience()
    try {
      return await answer
    } finally {
      this.#caller = undefined
      clearTimeout(this.#patience)
    }
  }

  /** Of a client that has closed its side nobody knows whether it still waits for the request at hand. */
  #limitPatience(): void {
    if (this.#hasEnded && this.#caller) this.#patience = setTimeout(() => this.#socket.destroy(), HALF_CLOSED_MS)
  }

  #send(): void {
    if (this.#sendSoon) clearImmediate(this.#sendSoon)
    this.#sendSoon = undefined
    if (this.#collected === '' || !this.#socket.writable) return
    this.#socket.write(this.#collected, 'latin1')
    this.#collected = ''
    if (this.#socket.writableLength === 0) return
    if (this.#session.phase !== 'deciding') this.#session.blocked(this.#options.nowMs())
    if (this.#isUnsent) return
    this.#isUnsent = true
    this.#socket.write('', () => {
      this.#isUnsent = false
      this.#session.drained(this.#options.nowMs())
      void this.#work()
    })
  }

  /** Closes the connection behind what has been sent; one that does not take it is closed by its deadline. */
  #end(): void {
    this.#isEnding = true
    this.#socket.destroySoon()
  }
}
