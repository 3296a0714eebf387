/**
 * `$EXCEPTIONS` at work: which exception is there for a request?
 *
 *   exceptions-watch.ts: request → Exceptions.find → load-exceptions.ts, when the file has changed → Match
 *
 * It is looked whether the file has changed before each request of a process that Postfix starts, once a second in the daemon. What serves is
 * what the file says, without a restart, a moment after its last change. Loaded where there is such a file.
 *
 * Failure: of a file that cannot be used nothing is taken over: what it said last goes on, or there are no exceptions, and mail is scored
 * as without; it is tried again every two seconds. `warn` is told once. Nothing is thrown.
 * Source: docs/exceptions.md.
 */
import { dirname } from 'node:path'
import { changedMs, identityOf, SETTLED_MS } from '../config/kept.ts'
import type { AskedAbout, Match } from './find-exception.ts'
import { type LoadedExceptions, loadExceptions } from './load-exceptions.ts'

export interface ExceptionsOptions {
  /** Empty: there are none. */
  readonly path: string
  /** The path of the configuration; undefined: there is none. */
  readonly configuration: string | undefined
  /** How long the file is not looked at again, in milliseconds. */
  readonly lookEveryMs: number
  readonly nowMs: () => number
  /** Takes what is wrong with lines of the file, and why it is not used. */
  readonly warn: (text: string) => void
  /** For tests. */
  readonly places?: readonly string[]
}

const ABSENT = '-'
/** A file that is changed is left alone for so long, and one that keeps changing for no longer than that. */
const WRITTEN_MS = 250
const MOST_WRITTEN_MS = 1000
/** When one that could not be used is tried again. */
const AGAIN_MS = 2000

export class Exceptions {
  readonly #options: ExceptionsOptions
  #loaded: LoadedExceptions | undefined
  #loading: Promise<void> | undefined
  /** What the file was when it was looked at last. */
  #identity = ABSENT
  #lookedMs = Number.NEGATIVE_INFINITY
  #isDamaged = false
  /** When it is read again, though it looks the same. */
  #againMs = Number.POSITIVE_INFINITY
  #told = ''
  /** Since when there is a change that is not yet taken over. */
  #waitsSinceMs = Number.POSITIVE_INFINITY

  constructor(options: ExceptionsOptions) {
    this.#options = options
  }

  /** At once, unless the file has changed. */
  find(request: AskedAbout): Match | undefined | Promise<Match | undefined> {
    this.#look(this.#options.nowMs())
    return this.#loading?.then(() => this.#ask(request)) ?? this.#ask(request)
  }

  /** Keeps what was compiled, behind the answer. */
  keep(): void {
    if (!this.#loaded?.keep) return
    const { keep, ...loaded } = this.#loaded
    this.#loaded = loaded
    // It may have been changed once more within the same tick of the clock.
    if (keep().kind === 'young') this.#againMs = this.#options.nowMs() + SETTLED_MS
  }

  /** No request comes any more. */
  close(): void {
    this.#loaded?.close()
    this.#loaded = undefined
  }

  #look(nowMs: number): void {
    const sinceMs = nowMs - this.#lookedMs
    const isDue = sinceMs >= this.#options.lookEveryMs || sinceMs < 0
    if (!isDue || this.#loading !== undefined) return
    this.#lookedMs = nowMs
    const identity = this.#identityNow()
    const hasEnded = this.#loaded?.isOfTime(nowMs) === false
    // A clock that was set back says nothing of when to try again.
    const isSame = sinceMs >= 0 && identity === this.#identity && !hasEnded && !this.#isDamaged && nowMs < this.#againMs
    if (isSame || (!hasEnded && !this.#isDamaged && this.#isBeingWritten(identity, nowMs))) return
    this.#waitsSinceMs = Number.POSITIVE_INFINITY
    this.#identity = identity
    this.#againMs = Number.POSITIVE_INFINITY
    if (identity === ABSENT) this.close()
    else this.#loading = this.#load(identity, nowMs)
  }

  /** Who writes a file in its place has it empty, or not there, for a moment, in which nobody is to be refused. */
  #isBeingWritten(identity: string, nowMs: number): boolean {
    const { path, lookEveryMs } = this.#options
    if (this.#loaded === undefined || identity === this.#identity) return false
    const sinceMs = nowMs - changedMs(identity === ABSENT ? identityOfDirectory(path) : identity)
    if (!(Math.abs(sinceMs) < WRITTEN_MS)) return false
    this.#waitsSinceMs = Math.min(this.#waitsSinceMs, nowMs)
    if (nowMs - this.#waitsSinceMs >= MOST_WRITTEN_MS) return false
    this.#lookedMs = nowMs - Math.max(0, lookEveryMs - WRITTEN_MS)
    return true
  }

  #identityNow(): string {
    try {
      return identityOf(this.#options.path)
    } catch (error) {
      // Something is there that may not be looked at, which is said when it is loaded.
      return String(error)
    }
  }

  async #load(identity: string, nowMs: number): Promise<void> {
    const { path, configuration, places } = this.#options
    try {
      const mustCompile = this.#isDamaged
      this.#isDamaged = false
      const loaded = await loadExceptions({ path, configuration, identity, nowMs, mustCompile, places })
      if (typeof loaded === 'string') this.#fail(`${path} ${loaded}`, nowMs)
      else {
        this.close()
        this.#loaded = loaded
        if (loaded?.fault !== undefined) this.#tell(loaded.fault)
      }
    } catch (error) {
      this.#fail(`${path} cannot be used: ${String(error)}`, nowMs)
    }
    this.#loading = undefined
  }

  #ask(request: AskedAbout): Match | undefined | Promise<Match | undefined> {
    try {
      return this.#loaded?.find(request)
    } catch {
      // What is kept was damaged behind its head, or cannot be read any more.
      if (this.#isDamaged) return undefined
      this.#isDamaged = true
      this.#loading ??= this.#load(this.#identity, this.#options.nowMs())
      return this.#loading.then(() => this.#askAgain(request))
    }
  }

  #askAgain(request: AskedAbout): Match | undefined {
    try {
      return this.#loaded?.find(request)
    } catch {
      return undefined
    }
  }

  /** What keeps it from being used may pass and leave the file as it is: no descriptor was free, or the configuration changes hands. */
  #fail(text: string, nowMs: number): void {
    this.#againMs = nowMs + AGAIN_MS
    this.#tell(text)
  }

  /** Each once. */
  #tell(text: string): void {
    if (text === this.#told) return
    this.#told = text
    this.#options.warn(text)
  }
}

function identityOfDirectory(path: string): string {
  try {
    return identityOf(dirname(path))
  } catch {
    return ABSENT
  }
}
