/**
 * The clues of a mail: what speaks for or against it, and what is to be left out to do without each.
 *
 *   mail and the steps of its verdict → cluesOf → Candidate[] → deciding.ts
 *
 * A list that names the client or a domain of the mail, or that is in trouble, with all its words; a rule that added to the rate and is
 * not due to a list; that the sender's SPF record allows the client; that the client was remembered as good.
 *
 * Pure, total. Never on the way of a request.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import type { ListQuestion } from '../lists/questions.ts'
import type { Judged } from './preventable.ts'
import type { Step } from './tally.ts'

/** How a mail is scored: a program of the executable, of which the command line has no copy. */
export type ScoringProgram = typeof import('./scoring-program.ts')

/** What is left out of a mail. */
export interface Omission {
  readonly hosts?: readonly string[]
  readonly rules?: readonly Pick<Candidate, 'name' | 'points'>[]
  readonly memory?: true
  /** What the SPF record is taken to say. */
  readonly spf?: 'none'
}

/** What speaks for or against a mail. */
export interface Candidate {
  readonly kind: 'list' | 'rule' | 'memory'
  /** Host of a list, as it is configured; word of a rule; of memory `ham`. */
  readonly name: string
  /** The words in the reasons that are due to it. */
  readonly rules: readonly string[]
  /** What it has added to the rate, all its words together. */
  readonly points: number
  readonly omission: Omission
}

/** Adds nothing, but keeps other rules from being applied: without it the sender has no record. */
const SPF_TIE = 'SPF_PASS'

/** All clues of a mail: lists first, then what rules are left. */
export function cluesOf(
  scoring: ScoringProgram,
  judged: Judged,
  steps: readonly Step[],
  config: Config,
): readonly Candidate[] {
  const words = wordsOfLists(scoring, judged, config)
  const ofLists = new Set([...words.values()].flatMap(each => [...each]))
  const lists = [...words].map(([host, own]): Candidate => {
    const rules = steps.filter(({ rule }) => own.has(rule))
    return { kind: 'list', name: host, ...summed(rules), omission: { hosts: [host] } }
  })
  const names = new Set(steps.map(({ rule }) => rule).filter(rule => !ofLists.has(rule)))
  const rules = [...names].map((name): Candidate => {
    const clue = { kind: 'rule', name, ...summed(steps.filter(({ rule }) => rule === name)) } as const
    return { ...clue, omission: omissionOf([clue]) }
  })
  const isKnown = judged.known.cachedHamScore !== undefined
  const memory: Candidate = { kind: 'memory', name: 'ham', rules: [], points: 0, omission: { memory: true } }
  return [
    ...(isKnown ? [memory] : []),
    ...lists,
    ...rules.filter(({ name, points }) => points !== 0 || name === SPF_TIE),
  ]
}

function summed(steps: readonly Step[]): Pick<Candidate, 'rules' | 'points'> {
  return {
    rules: [...new Set(steps.map(({ rule }) => rule))],
    points: steps.reduce((sum, { score }) => sum + score, 0),
  }
}

/** For each list that names somebody, or is in trouble, its words in the reasons. */
function wordsOfLists(
  { ListQuestions, beginScoring, readListAnswer }: ScoringProgram,
  judged: Judged,
  config: Config,
): ReadonlyMap<string, ReadonlySet<string>> {
  const { request, answers, known } = judged
  const lists = known.lists ?? new ListQuestions(request, config)
  const words = new Map<string, Set<string>>()
  const note = (entry: ConfiguredList, question: ListQuestion | undefined, prefix: string): void => {
    if (known.skippedLists?.has(entry.host)) return
    const scoring = beginScoring(request, answers, config, known)
    const { kind } = readListAnswer(scoring, entry, question)
    if (kind === 'clean' || kind === 'open') return
    const own = words.get(entry.host) ?? new Set()
    words.set(entry.host, own.add(kind === 'listed' ? `${prefix}IN_${entry.label}` : entry.label))
  }
  for (const entry of [...config.dnsbl_score, ...config.dnswl_score]) note(entry, lists.ofClient(entry), '')
  for (const entry of config.rhsbl_score)
    for (const { question, prefix } of lists.ofDomains(entry)) note(entry, question, prefix)
  return words
}

/** What leaves all of these out. */
export function omissionOf(clues: readonly Pick<Candidate, 'kind' | 'name' | 'points'>[]): Omission {
  const rules = clues.filter(({ kind }) => kind === 'rule')
  return {
    hosts: clues.filter(({ kind }) => kind === 'list').map(({ name }) => name),
    rules: rules.filter(({ name }) => name !== SPF_TIE),
    ...(clues.some(({ kind }) => kind === 'memory') && { memory: true }),
    ...(rules.some(({ name }) => name === SPF_TIE) && { spf: 'none' }),
  }
}
