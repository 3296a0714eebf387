/**
 * Serves standard input: one answer per request, in order, until end of file.
 *
 *   descriptor 0 → policy/request-reader.ts → answer.ts → descriptor 1, then the log, then what is still to be counted
 *   (answer-count.ts, list-accounts.ts) and written down (journal/)
 *
 * This is what runs under spawn(8), for as long as the smtpd(8) on the other end keeps its connection, and what a
 * piped request meets. It never ends between requests: Postfix would wait a second at the next one.
 *
 * Failure: on trouble (not the policy protocol, a bound broken, an error of our own, output closed) no answer is
 * sent for the request at hand, a warning is logged, and the exit status is 75; Postfix then asks once more and,
 * failing that, defers the mail. Nothing is ever accepted or refused because something broke here.
 * Source: SMTPD_POLICY_README; docs/behaviour/postfix.md#one-answer-for-each-request.
 */
import { type Answered, type Answerer, answer, type Report } from './answer.ts'
import { AnswerCount } from './cache/answer-count.ts'
import type { LoadedConfig } from './config/loaded.ts'
import type { Consultant } from './consult.ts'
import { ExceptionsWatch } from './exceptions/exceptions-watch.ts'
import { StandardInput, writeStandardOutput } from './system/descriptors.ts'
import { messageOf } from './system/errno.ts'
import { EXIT_OK, EXIT_TROUBLE } from './system/exit-status.ts'
import type { Journal } from './journal/journal.ts'
import { configurationErrors, type LogEvent, warning } from './log/event.ts'
import { Log } from './log/log.ts'
import { loadNative, type Native, type NativeUnavailable } from './system/native/native.ts'
import type { DecidedRequest } from './journal/decision-record.ts'
import type { RequestText } from './policy/attributes.ts'
import { RequestReader } from './policy/request-reader.ts'

/** The name of the cache file in `$LOCKPATH`. */
export const CACHE_FILE_NAME = 'policyd-weight.cache'

/** What makes serving by hand different from serving Postfix. */
export interface ServeOptions {
  readonly report?: Report
  /** Where log lines go in place of the log. */
  readonly log?: Pick<Log, 'add' | 'flush'>
  /** Adds to a request what somebody who tries one may leave out. */
  readonly complete?: (text: RequestText) => RequestText
  /** The name of the cache file in `$LOCKPATH`. */
  readonly cacheFileName?: string
  /** How the native part is had; each caller loads it once. */
  readonly native?: () => Native | NativeUnavailable
}

/** Serves until end of file. Resolves to the exit status; never rejects. */
export async function serve(loaded: LoadedConfig, options: ServeOptions = {}): Promise<number> {
  const { config, findings } = loaded
  const { native = nativeOnce(), cacheFileName = CACHE_FILE_NAME } = options
  const log = options.log ?? new Log(config, native)
  for (const event of configurationErrors(findings)) log.add(event)
  const warn = (text: string): void => log.add(warning(text))
  let status = EXIT_OK
  let isOver = false
  let consultant: Consultant | Promise<Consultant> | undefined
  const openOnce = (): Consultant | Promise<Consultant> =>
    (consultant ??= import('./open-consultant.ts').then(({ openConsultant }) => {
      // Nobody misses a cache that is opened only to count.
      const warnInTime = (text: string): void => {
        if (!isOver) warn(text)
      }
      consultant = openConsultant(loaded, cacheFileName, native, warnInTime, { kind: 'spawn' })
      return consultant
    }))
  const answers = new AnswerCount(async hasUses => {
    if (consultant !== undefined || hasUses) return openOnce()
    const { openCounters } = await import('./cache/count-alone.ts')
    return openCounters(`${config.LOCKPATH}/${cacheFileName}`, native()) ?? openOnce()
  })
  let { keep } = loaded
  let journal: Journal | undefined
  const journalize = async (decided: DecidedRequest): Promise<void> => {
    journal ??= new (await import('./journal/journal.ts')).Journal(config, warn, false)
    await journal.write([decided])
  }
  const exceptions = new ExceptionsWatch({
    path: config.EXCEPTIONS,
    configuration: loaded.path,
    lookEveryMs: 0,
    nowMs: Date.now,
    warn,
  })
  const answered = ({ uncounted, usedException, decided }: Answered): Promise<unknown> | undefined => {
    // Whoever ends by it would load it later; from here on SIGUSR1 opens no debugger (addon.c).
    native()
    keep?.()
    keep = undefined
    exceptions.keep()
    if (uncounted !== undefined) answers.add(uncounted, usedException)
    const counting = !answers.isEmpty && (consultant !== undefined || answers.isFull) ? answers.write() : undefined
    const accounting = consultant instanceof Promise ? undefined : consultant?.account()
    const journaling = decided && journalize(decided)
    const all = [counting, accounting, journaling].filter(each => each !== undefined)
    return all.length > 1 ? Promise.all(all) : all[0]
  }
  const rest = (input?: number): Promise<void> | undefined => {
    const resting = consultant instanceof Promise ? undefined : consultant?.rest(input)
    // What it came to may be told now: there may be no next request.
    return resting?.then(() => log.flush())
  }
  try {
    const instance = { config, consultant: openOnce, nowMs: Date.now, exceptions }
    const answerer = { instance, log: (event: LogEvent) => log.add(event), warn, report: options.report }
    await serveRequests(answerer, log, answered, rest, options.complete)
  } catch (error) {
    warn(`no answer sent: ${messageOf(error)}`)
    answers.add('unanswered')
    status = EXIT_TROUBLE
  }
  await rest()
  await log.flush()
  isOver = true
  if (!answers.isEmpty) await answers.write()
  return status
}

/** Loads the native part at the first call. */
export function nativeOnce(): () => Native | NativeUnavailable {
  let native: Native | NativeUnavailable | undefined
  return () => {
    native ??= loadNative()
    return native
  }
}

async function serveRequests(
  answerer: Answerer,
  log: Pick<Log, 'add' | 'flush'>,
  answered: (answered: Answered) => Promise<unknown> | undefined,
  rest: (input?: number) => Promise<void> | undefined,
  complete: ServeOptions['complete'],
): Promise<void> {
  let uncaught: Promise<never> | undefined
  /** Errors of callbacks (sockets, timers) reach nobody's await. */
  const wait = <T>(awaited: Promise<T>): Promise<T> => {
    uncaught ??= new Promise<never>((_, reject) => process.on('uncaughtException', reject))
    return Promise.race([awaited, uncaught])
  }
  const input = new StandardInput()
  const reader = new RequestReader()
  for (;;) {
    const next = reader.next()
    if (next === undefined) {
      const resting = rest(0)
      if (resting !== undefined) await wait(resting)
      const read = input.read()
      const bytes = read instanceof Promise ? await wait(read) : read
      if (!bytes) break
      reader.push(bytes)
      continue
    }
    const answering = answer(complete?.(next) ?? next, answerer)
    const given = answering instanceof Promise ? await wait(answering) : answering
    const writing = writeStandardOutput(given.reply)
    if (writing !== undefined) await wait(writing)
    for (const event of given.events) log.add(event)
    const logging = log.flush()
    if (logging !== undefined) await wait(logging)
    const counting = answered(given)
    if (counting !== undefined) await wait(counting)
  }
  if (reader.hasPartialRequest) throw new Error('the input ended in the middle of a request')
}
