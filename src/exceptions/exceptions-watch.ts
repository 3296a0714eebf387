/**
 * Whether there is a file of exceptions: what each process has of them, whose requests nearly never meet one.
 *
 *   decide.ts: request → ExceptionsWatch.find → no such file; or exceptions.ts, loaded for it → Match → decide.ts
 *
 * It is looked whether the file is there before each request of a process that Postfix starts, once a second in the daemon.
 *
 * Failure: none; exceptions.ts.
 */
import { isThere } from '../config/usual-file.ts'
import type { Exceptions, ExceptionsOptions } from './exceptions.ts'
import type { AskedAbout, Match } from './find-exception.ts'

export class ExceptionsWatch {
  readonly #options: ExceptionsOptions
  #exceptions: Exceptions | Promise<Exceptions> | undefined
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: ExceptionsOptions) {
    this.#options = options
  }

  /** At once, unless the file is new or has changed. */
  find(request: AskedAbout): Match | undefined | Promise<Match | undefined> {
    const exceptions = this.#exceptions ?? this.#look()
    return exceptions instanceof Promise ? exceptions.then(loaded => loaded.find(request)) : exceptions?.find(request)
  }

  /** Keeps what was compiled, behind the answer. */
  keep(): void {
    if (!(this.#exceptions instanceof Promise)) this.#exceptions?.keep()
  }

  /** No request comes any more. */
  close(): void {
    if (!(this.#exceptions instanceof Promise)) this.#exceptions?.close()
  }

  #look(): Promise<Exceptions> | undefined {
    const { path, lookEveryMs, nowMs } = this.#options
    if (path === '') return undefined
    const now = nowMs()
    const sinceMs = now - this.#lookedMs
    if (sinceMs >= 0 && sinceMs < lookEveryMs) return undefined
    this.#lookedMs = now
    if (!isThere(path)) return undefined
    const loading = import('./exceptions.ts').then(({ Exceptions }) => {
      const exceptions = new Exceptions(this.#options)
      this.#exceptions = exceptions
      return exceptions
    })
    this.#exceptions = loading
    return loading
  }
}
