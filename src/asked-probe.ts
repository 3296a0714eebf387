/**
 * A probe of a list that is under way, and what is noted of it.
 *
 *   vouch.ts, background-probes.ts: host → askProbe → (answers) → noteAnswers → cache/probes.ts; what that changes → log
 *
 * Failure: a probe that is not answered by its deadline, PROBE_MS behind its start, says nothing. Where the cache does not answer in
 * time nothing is noted, and the list is probed again before long.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import type { Cache } from './cache/cache.ts'
import type { ProbeResult } from './cache/entries.ts'
import { noteProbe, PROBE_MS, type QuarantineChange, RELEASE_CLEAN } from './cache/probes.ts'
import { ownCommand } from './config/own-command.ts'
import type { Config } from './config/parameters/parameters.ts'
import type { FanOut } from './dns/fan-out.ts'
import type { Evaluator } from './evaluate.ts'
import { answerOf, type ListProbe, probeOf } from './list-probe.ts'
import { shownHost } from './lists/shown-host.ts'
import { monotonicMs } from './system/clock.ts'

/** What probes are made with. */
export interface Probing {
  readonly config: Config
  /** The path of the file it was read from; absent: there is none. */
  readonly configuration?: string | undefined
  readonly cache: Cache
  readonly evaluator: Pick<Evaluator, 'probe'>
  /** Takes what an operator should know: a sentence for the log. */
  readonly tell: (text: string) => void
}

/** A probe that was asked, at a point in time of the wall clock. */
export interface AskedProbe {
  readonly probe: ListProbe
  readonly fanOut: FanOut
  readonly askedMs: number
}

/** Asks; `answered` is told of each answer, `isAnswered` says whether it was the last. */
export function askProbe(
  host: string,
  askedMs: number,
  { config, evaluator }: Pick<Probing, 'config' | 'evaluator'>,
  answered?: () => void,
): AskedProbe {
  const probe = probeOf(host, config)
  const questions = probe.asked.map(({ question }) => question)
  return { probe, fanOut: evaluator.probe(questions, monotonicMs() + PROBE_MS, answered), askedMs }
}

/** Whether all that was asked has an outcome. */
export function isAnswered({ probe, fanOut: { answers } }: AskedProbe): boolean {
  return probe.asked.every(({ question }) => answers.get(question) !== undefined)
}

/** Notes what it was answered, and tells what that changes. */
export function noteAnswers(
  { probe, fanOut: { answers }, askedMs }: AskedProbe,
  { cache, config, configuration, tell }: Omit<Probing, 'evaluator'>,
): ProbeResult {
  const { host } = probe
  const noted = cache.transact(({ probes }) => {
    const wasTestListed = (probes.get(host)?.testSeenSeconds ?? 0) > 0
    const answer = answerOf(probe, answers, config, wasTestListed)
    return { answer, change: noteProbe(probes, host, askedMs, answer) }
  })
  if (noted?.change) tell(describeQuarantine(noted.change, config, configuration))
  return (noted?.answer ?? answerOf(probe, answers, config, false)).result
}

/** `list bl.example.org cannot be trusted (127.83.12.9 is listed) and is left alone until …`. */
function describeQuarantine(
  { host, why }: QuarantineChange,
  { zone_codes }: Config,
  configuration: string | undefined,
): string {
  const list = shownHost(host, zone_codes)
  if (why === undefined) return `list ${list} is asked again: ${RELEASE_CLEAN} probes in a row were clean`
  const release = ownCommand(configuration, ['lists', '--release', list])
  return `list ${list} cannot be trusted (${why}) and is left alone until ${RELEASE_CLEAN} probes in a row are clean; to ask it before: ${release}`
}
