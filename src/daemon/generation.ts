/**
 * A configuration at work: what answers requests under it, until the next one takes its place.
 *
 *   worker.ts: text → Generation.answer → answer.ts; then the log
 *
 * A request is decided wholly under the configuration it began with. When another one comes, the old generation is
 * retired: the requests in it are finished, then its cache file, sockets and log are given back. Name servers are
 * those that resolv.conf(5) names at the moment (turn/current-resolver.ts).
 *
 * The log and the journal are written once for all that was answered in a turn of the event loop, behind the answers; then what is
 * still to be counted is counted.
 *
 * Failure: `answer` rejects when there can be none (no policy request, an error of our own); the connection ends then.
 */
import { type Answered, type Answerer, answer, type Report } from '../answer.ts'
import { AnswerCount } from '../cache/answer-count.ts'
import type { Counter } from '../cache/format.ts'
import type { Caller } from '../turn/caller.ts'
import type { Config } from '../config/parameters/parameters.ts'
import type { Consultant } from '../consult.ts'
import { ExceptionsWatch } from '../exceptions/exceptions-watch.ts'
import type { Journal } from '../journal/journal.ts'
import type { DecidedRequest } from '../journal/decision-record.ts'
import { type LogEvent, warning } from '../log/event.ts'
import { Log } from '../log/log.ts'
import { LogFile } from '../log/log-file.ts'
import type { Native, NativeUnavailable } from '../system/native/native.ts'
import type { RequestText } from '../policy/attributes.ts'

/** Lines that wait for the end of the turn at most; half of what Log takes. */
const MAX_WAITING_LINES = 500
/** Decisions that wait for the journal at most, whose program may still be loading; a turn never has so many. */
const MAX_DECIDED = 10_000
/** How long exceptions are not looked at again. */
const LOOK_EVERY_MS = 1000

/** What generations of a worker have in common. */
export interface GenerationOptions {
  readonly cacheFileName: string
  readonly native: () => Native | NativeUnavailable
  readonly workers: number
  /** Takes the report on each decision, if one is wanted (`-d`). */
  readonly report: Report | undefined
}

export class Generation {
  readonly config: Config
  readonly #answerer: Answerer
  readonly #exceptions: ExceptionsWatch
  readonly #answers: AnswerCount
  readonly #log: Log
  readonly #logFile = new LogFile()
  #consultant: Consultant | Promise<Consultant> | undefined
  #journal: Journal | Promise<Journal> | undefined
  #journalClosed: Promise<void> | undefined
  /** What waits for the journal. */
  #decided: DecidedRequest[] = []
  #running = 0
  #isRetired = false
  #waitingLines = 0

  /** `configuration`: the path of the file it was read from; undefined: there is none. */
  constructor(
    config: Config,
    { cacheFileName, native, report, workers }: GenerationOptions,
    configuration: string | undefined,
  ) {
    this.config = config
    this.#exceptions = new ExceptionsWatch({
      path: config.EXCEPTIONS,
      configuration,
      lookEveryMs: LOOK_EVERY_MS,
      nowMs: Date.now,
      warn: this.warn,
    })
    this.#log = new Log(config, native, this.#logFile.append)
    const consultant = (): Consultant | Promise<Consultant> =>
      (this.#consultant ??= import('../open-consultant.ts').then(({ openConsultant }) => {
        const loaded = { config, path: configuration }
        const consultant = openConsultant(loaded, cacheFileName, native, this.warn, { kind: 'daemon', workers })
        this.#consultant = consultant
        return consultant
      }))
    this.#answerer = {
      instance: { config, consultant, nowMs: Date.now, exceptions: this.#exceptions },
      log: event => this.log(event),
      warn: this.warn,
      report,
    }
    this.#answers = new AnswerCount(consultant)
  }

  /** Logs a warning. */
  readonly warn = (text: string): void => this.log(warning(text))

  log(event: LogEvent): void {
    this.#log.add(event)
    if (this.#waitingLines === 0) setImmediate(() => this.#flush())
    if (++this.#waitingLines >= MAX_WAITING_LINES) this.#flush()
  }

  /** Counts what was answered without the cache, or not at all. */
  count(counter: Counter, usedException?: string): void {
    if (this.#answers.isEmpty) setImmediate(() => void this.#answers.write())
    this.#answers.add(counter, usedException)
  }

  /** Keeps exceptions that were read, for whoever starts later. */
  keep(): void {
    this.#exceptions.keep()
  }

  /** Writes down what lists were asked. */
  account(): void {
    const consultant = this.#consultant
    if (!(consultant instanceof Promise)) void consultant?.account()
  }

  /** The answer to a request, as it is sent; at once if nothing has to be waited for. */
  answer(text: RequestText, caller: Caller): string | Promise<string> {
    const answered = answer(text, this.#answerer, caller)
    return answered instanceof Promise ? this.#answerLater(answered) : this.#finish(answered)
  }

  async #answerLater(answering: Promise<Answered>): Promise<string> {
    this.#running++
    try {
      return this.#finish(await answering)
    } finally {
      this.#running--
      if (this.#isRetired) this.#closeWhenDone()
    }
  }

  #finish({ reply, events, uncounted, usedException, decided }: Answered): string {
    if (decided && this.#decided.length < MAX_DECIDED) this.#decided.push(decided)
    for (const event of events) this.log(event)
    if (uncounted !== undefined) this.count(uncounted, usedException)
    return reply
  }

  /** No request comes any more. */
  retire(): void {
    this.#isRetired = true
    this.#closeWhenDone()
  }

  /** Resolves when the journal has been written, after `retire`; undefined: it is still to be closed, or there is none. */
  get journalClosed(): Promise<void> | undefined {
    return this.#journalClosed
  }

  #flush(): void {
    if (this.#waitingLines === 0) return
    this.#waitingLines = 0
    void this.#log.flush()
    if (this.#decided.length > 0) void this.#journalize()
  }

  /** Every decision has a line in the log, so there is always one behind which this comes. */
  async #journalize(): Promise<void> {
    this.#journal ??= import('../journal/journal.ts').then(({ Journal }) => {
      this.#journal = new Journal(this.config, this.warn, true)
      return this.#journal
    })
    const journal = this.#journal instanceof Promise ? await this.#journal : this.#journal
    await journal.write(this.#decided.splice(0))
  }

  async #closeJournal(): Promise<void> {
    if (this.#decided.length > 0) await this.#journalize()
    const journal = await this.#journal
    journal?.close()
  }

  #closeWhenDone(): void {
    if (this.#running > 0) return
    // Behind the lines and the count of what was answered last.
    setImmediate(() => {
      this.#flush()
      this.#logFile.close()
      this.#exceptions.close()
      this.#journalClosed = this.#closeJournal()
      const consultant = this.#consultant
      this.#consultant = undefined
      Promise.resolve(consultant).then(
        opened => opened?.close(),
        () => {},
      )
    })
  }
}
