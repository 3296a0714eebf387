/**
 * What `why` and `explain` say, as JSON for programs: one line.
 *
 *   ExplainedDecision, decisions → whyJson, explainJson → standard output
 *
 * The names are stable; docs/why.schema.json has them all, and a test holds what is printed against it. Each text is masked.
 *
 * Pure, total.
 */
import type { Outcome } from '../../dns/outcome.ts'
import type { DecisionRecord } from '../../journal/decision-record.ts'
import type { Clue } from '../../score/deciding.ts'
import type { Fate } from '../../score/fate.ts'
import { maskText } from '../../text/mask.ts'
import { describeClues } from './clue-words.ts'
import type { ExplainedClue, ExplainedDecision } from './explanation.ts'

export interface WhyReport {
  readonly words: readonly string[]
  /** ISO 8601. */
  readonly since: string
  readonly source: 'journal' | 'log'
  readonly decisions: readonly DecisionRecord[]
  readonly fateOf: (record: DecisionRecord) => Fate
  readonly isCut: boolean
  /** Of the newest refusal, or, without one, the newest decision. */
  readonly explained: ExplainedDecision | undefined
}

export function whyJson({ words, since, source, decisions, fateOf, isCut, explained }: WhyReport): string {
  return line({
    searched: words,
    since,
    source,
    cut: isCut,
    decisions: decisions.map(record => ({ ...summaryOf(record), fate: fateOf(record) })),
    explained: explained ? explanationOf(explained) : null,
  })
}

/** `facts`: what else there is to say of a mail that has not come yet. */
export function explainJson(explanation: ExplainedDecision): string {
  return line({ explained: explanationOf(explanation) })
}

function line(value: object): string {
  return `${JSON.stringify(masked(value))}\n`
}

function summaryOf({ id, time, config, request, action, would, exempt, by, repeats }: DecisionRecord): object {
  return {
    id: id || null,
    time,
    config: config || null,
    client: request.client_address ?? '',
    name: request.client_name ?? '',
    helo: request.helo_name ?? '',
    sender: request.sender ?? '',
    recipient: request.recipient ?? '',
    action,
    would: would ?? null,
    exempt: exempt ? { who: exempt.who, action: exempt.action } : null,
    by: by ?? null,
    repeats: repeats ?? null,
  }
}

function explanationOf(explanation: ExplainedDecision): object {
  const { record, scored, fate, verdict, lookups, notAwaited, rules, clues, pair } = explanation
  return {
    ...summaryOf(record),
    fate,
    verdict,
    why: scored.why ?? null,
    rate: scored.rate ?? null,
    summary: describeClues(explanation),
    clues: clues.map(clueOf),
    pair: pair ? pair.map(({ shown }) => shown) : null,
    cluesMissing: explanation.cluesMissing ?? null,
    lookups: [...lookups, ...notAwaited].map(({ type, name, list, answer, ms, server }) => ({
      type,
      name,
      list: list ?? null,
      answer: answer ? answerOf(answer) : null,
      ms: ms ?? null,
      server: server ?? null,
    })),
    rules: rules.map(rule => ({ ...rule, text: rule.text ?? null })),
    delist: explanation.delist,
    remedies: explanation.remedies,
    notes: explanation.notes,
  }
}

function answerOf(answer: Outcome): object {
  return {
    kind: answer.kind,
    values: answer.kind === 'found' ? answer.values : [],
    reason: answer.kind === 'failed' ? answer.reason : null,
  }
}

function clueOf({ kind, shown, rules, points, without }: ExplainedClue): object {
  return { kind, name: shown, rules, points, without: withoutOf(without) }
}

function withoutOf(without: Clue['without']): object {
  return without.kind === 'open'
    ? { kind: 'open', fates: without.fates, rate: null, missing: without.missing.length }
    : { kind: without.kind, fates: [without.fate], rate: without.rate ?? null, missing: 0 }
}

/** The same with every text masked. */
function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, masked(inner)]))
}
