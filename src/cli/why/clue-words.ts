/**
 * Which single clue decided, in sentences.
 *
 *   ExplainedDecision → describeClues → why-page.ts, why-json.ts
 *
 * Pure, total.
 */
import type { Fate } from '../../score/fate.ts'
import { formatNumber } from '../../text/number.ts'
import type { ExplainedClue, ExplainedDecision } from './explanation.ts'

const ENDS: Readonly<Record<Fate, string>> = { accepted: 'accepted', deferred: 'deferred', rejected: 'refused' }

/** Sentences; none if there is nothing to say about clues. */
export function describeClues({
  clues,
  pair,
  cluesMissing,
  scored,
  scoredFate: fate,
}: ExplainedDecision): readonly string[] {
  if (cluesMissing !== undefined)
    return scored.by === undefined ? [`Which clue decided cannot be told: ${cluesMissing}.`] : []
  const changes = clues.flatMap(clue => (clue.without.kind === 'changed' ? [{ clue, without: clue.without }] : []))
  const turning = changes.filter(({ without }) => fate === 'accepted' || without.fate === 'accepted')
  const others = changes.filter(({ without }) => fate !== 'accepted' && without.fate !== 'accepted')
  const open = clues.filter(({ without }) => without.kind === 'open')
  return [
    ...turning.map(({ clue, without }) => toldChange(clue, without)),
    ...(turning.length === 0 ? [noneDecides(clues, pair, fate, open.length > 0), ...toldHeaviest(clues, fate)] : []),
    ...(others.length === 0 ? [] : [toldOthers(others)]),
    ...(open.length === 0
      ? []
      : [`Of ${namesOf(open)} it cannot be told: it was enough, so nobody waited for what else there was to know.`]),
  ]
}

/** What it comes to without the one that weighs most, if that makes no difference. */
function toldHeaviest(clues: readonly ExplainedClue[], fate: Fate): readonly string[] {
  const weight = ({ points }: ExplainedClue): number => (fate === 'accepted' ? -points : points)
  const [heaviest] = clues.filter(clue => weight(clue) > 0).toSorted((one, other) => weight(other) - weight(one))
  if (heaviest?.without.kind !== 'same') return []
  const { rate } = heaviest.without
  const sum = rate === undefined ? '' : ` (rate ${formatNumber(rate)})`
  return [`Even without ${nameOf(heaviest)} it would be ${ENDS[fate]}${sum}.`]
}

/** Of one that is kept out, clues without which it would be so otherwise. */
function toldOthers(
  others: readonly { readonly clue: ExplainedClue; readonly without: { readonly fate: Fate } }[],
): string {
  const ends = [...new Set(others.map(({ without }) => ENDS[without.fate]))].join(' or ')
  const names = namesOf(others.map(({ clue }) => clue))
  return `Without ${others.length === 1 ? names : `one of ${names}`} it would have been ${ends}.`
}

function noneDecides(
  clues: readonly ExplainedClue[],
  pair: readonly ExplainedClue[] | undefined,
  fate: Fate,
  isOpen: boolean,
): string {
  const turns = fate === 'accepted' ? 'keeps it out by its absence' : 'lets it in by its absence'
  if (pair) return `No single clue ${turns}; two do: ${namesOf(pair)}.`
  if (isOpen) return `No single clue is known that ${turns}.`
  return clues.length === 0 ? 'No clue had a part in it.' : `No single clue ${turns}, nor any two.`
}

function toldChange(clue: ExplainedClue, { fate, rate }: { readonly fate: Fate; readonly rate?: number }): string {
  const sum = rate === undefined ? '' : ` (rate ${formatNumber(rate)})`
  return `Without ${nameOf(clue)} it would have been ${ENDS[fate]}${sum}.`
}

function namesOf(clues: readonly ExplainedClue[]): string {
  return clues.map(nameOf).join(', ')
}

/** `the list bl.spamcop.net (+3.75)`, `CL_IP_NE_HELO (+1.5)`. */
function nameOf(clue: ExplainedClue | undefined): string {
  if (!clue) return ''
  const { kind, shown, points } = clue
  const name = kind === 'list' ? `the list ${shown}` : shown
  return points === 0 ? name : `${name} (${points > 0 ? '+' : ''}${formatNumber(Math.round(points * 1000) / 1000)})`
}
