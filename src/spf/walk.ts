/**
 * One walk through the records of a domain: what it has read, what it still needs, and its limits.
 *
 *   check-spf.ts: SpfWalk → check-host.ts: look, spendTerm, noteVoid, end → Ends
 *
 * Where an answer is missing the walk goes on with both: that the term matches, and that it does not. Counts are ranges then,
 * and how it may end is a set. While all answers are there each range is a number, and the set has one member.
 *
 * Invariant: a result rests on at most MAX_NEEDED queries, and at most MAX_AHEAD others were asked for ahead of their turn:
 * MAX_NEEDED + MAX_AHEAD in all, as long as the same `asked` comes with each call for a request.
 * Sources: RFC 7208 4.6.4; docs/behaviour/spf.md#limits.
 */
import { type Answers, type Outcome, type Question, questionKey } from '../dns/outcome.ts'
import type { Qualified } from './record.ts'

/** `everybody`: a pass, but by a term that all the world matches. */
export type SpfResult = Qualified | 'everybody' | 'none' | 'temperror' | 'permerror'

/**
 * What made a result what it is. `term` is a stranger's text, as it was written, the first MAX_TERM_CHARACTERS of it: whoever
 * shows it masks it (maskText).
 */
export interface Decided {
  readonly result: SpfResult
  readonly domain: string
  readonly term: string
}

/** What is kept of a term. */
const MAX_TERM_CHARACTERS = 100
/** Terms that cause queries (RFC 7208 4.6.4). */
const MAX_TERMS = 10
/** Terms whose query finds nothing. */
const MAX_VOIDS = 2
/** Names of an `mx`, or of a client, that are looked up. */
export const MAX_NAMES = 10
/** Queries that a result may rest on; one that needs more is none. */
export const MAX_NEEDED = 22
/** Queries that were asked for before it was sure that they are needed. */
const MAX_AHEAD = 8

interface Count {
  least: number
  greatest: number
}

/** How the check of a host may end, and the least counts with which it may. */
export interface Ends {
  readonly decided: Map<SpfResult, Decided>
  least: { readonly terms: number; readonly voids: number } | undefined
}

export interface SpfWalk {
  readonly client: string
  readonly sender: string
  readonly helo: string
  readonly answers: Answers
  /** Keys of the questions that were handed out for this request, by this walk or an earlier one. */
  readonly asked: Set<string>
  readonly needs: Question[]
  /** Keys of the questions that the walk came to. */
  readonly seen: Set<string>
  readonly terms: Count
  readonly voids: Count
  /** No answer was missing so far. */
  isSure: boolean
  /** How many of `asked` may turn out to be in vain. */
  ahead: number
  /** Queries that answers which are not there may make necessary. */
  behind: number
  /** MAX_NEEDED is exceeded. */
  isExpensive: boolean
}

export function newEnds(): Ends {
  return { decided: new Map(), least: undefined }
}

/** It may end like this. */
export function end(walk: SpfWalk, ends: Ends, decided: Decided): void {
  ends.least ??= { terms: walk.terms.least, voids: walk.voids.least }
  if (ends.decided.has(decided.result)) return
  ends.decided.set(decided.result, { ...decided, term: decided.term.slice(0, MAX_TERM_CHARACTERS) })
}

/** The outcome of a lookup; undefined: it is not there, and is asked for if that is allowed. */
export function look(walk: SpfWalk, question: Question): Outcome | undefined {
  const key = questionKey(question)
  walk.seen.add(key)
  if (walk.isSure && walk.seen.size > MAX_NEEDED) walk.isExpensive = true
  if (walk.isExpensive) {
    walk.isSure = false
    return undefined
  }
  const outcome = walk.answers.get(question)
  if (outcome) return outcome
  const isFirst = walk.isSure
  if (isFirst) {
    walk.isSure = false
    for (const other of walk.asked) if (!walk.seen.has(other)) walk.ahead++
  }
  if (walk.asked.has(key)) walk.needs.push(question)
  else if (isFirst || walk.ahead < MAX_AHEAD) {
    if (!isFirst) walk.ahead++
    walk.asked.add(key)
    walk.needs.push(question)
  }
  return undefined
}

/** Counts a term that causes queries; false: it surely exceeds the limit. */
export function spendTerm(walk: SpfWalk, ends: Ends, domain: string, term: string): boolean {
  return spend(walk, walk.terms, 1, MAX_TERMS, ends, { result: 'permerror', domain, term })
}

/** Counts a term that finds nothing, or may; false: it surely exceeds the limit. */
export function noteVoid(
  walk: SpfWalk,
  outcome: Outcome | undefined,
  ends: Ends,
  domain: string,
  term: string,
): boolean {
  const isVoid = outcome?.kind === 'nodata' || outcome?.kind === 'nxdomain'
  if (outcome && !isVoid) return true
  return spend(walk, walk.voids, outcome ? 1 : 0, MAX_VOIDS, ends, { result: 'permerror', domain, term })
}

function spend(walk: SpfWalk, count: Count, least: number, most: number, ends: Ends, decided: Decided): boolean {
  count.least += least
  count.greatest++
  if (count.greatest > most) end(walk, ends, decided)
  // What goes on has kept the limit.
  count.greatest = Math.min(count.greatest, most)
  return count.least <= most
}

/** A record that is not there may use up all that is left. */
export function expectAnything(walk: SpfWalk): void {
  walk.terms.greatest = MAX_TERMS
  walk.voids.greatest = MAX_VOIDS
  walk.behind += MAX_NEEDED
}
