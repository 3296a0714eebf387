/**
 * The recorded figures, and whether new ones are worse.
 *
 *   test/quality/worth.json ⇄ RecordedWorth; test/quality/figures.json ⇄ Recorded; Recorded, new figures → compare → quality.ts --check
 *
 * Worse is each figure by itself: more good mail stopped, more of it refused, more spam accepted, less dark spam caught, more
 * wrong verdicts in a group. Who gives one for another says so by recording it. Figures of a corpus that has changed cannot be
 * compared: they have to be recorded.
 *
 * Failure: a file that is missing or no JSON is an error.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Table } from './tables.ts'
import { type Figures, FOLDER, type Part } from './corpus.ts'

/** Figures by part of the corpus, then by the engine's key, with its title. */
export type Recorded = Readonly<Record<Part, Readonly<Record<string, Figures & { readonly title: string }>>>>

const FILE = join(FOLDER, 'figures.json')

/** What the parameters of the profile modern are worth, by part of the corpus (worth.ts); shown, and not compared. */
export type RecordedWorth = Readonly<Record<Part, Table>>

const WORTH_FILE = join(FOLDER, 'worth.json')

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Recorded
}

export function writeRecorded(recorded: Recorded): void {
  writeFileSync(FILE, `${JSON.stringify(recorded, undefined, 2)}\n`)
}

export function readWorth(): RecordedWorth {
  return JSON.parse(readFileSync(WORTH_FILE, 'utf8')) as RecordedWorth
}

export function writeWorth(worth: RecordedWorth): void {
  writeFileSync(WORTH_FILE, `${JSON.stringify(worth, undefined, 2)}\n`)
}

/** What is worse than recorded, what is better, and what cannot be compared, a sentence each. */
export interface Comparison {
  readonly worse: readonly string[]
  readonly better: readonly string[]
  readonly incomparable: readonly string[]
}

export function compare(recorded: Recorded, now: Recorded): Comparison {
  const worse: string[] = []
  const better: string[] = []
  const incomparable: string[] = []
  for (const [part, engines] of Object.entries(now)) {
    for (const key of new Set([...Object.keys(engines), ...Object.keys(recorded[part as Part] ?? {})])) {
      const before = recorded[part as Part]?.[key]
      const after = engines[key]
      if (!before || !after || !isSameCorpus(before, after)) {
        incomparable.push(`${part}, ${key}: other mails or another engine than recorded`)
        continue
      }
      const was = badness(before)
      const is = badness(after)
      for (const figure of new Set([...Object.keys(was), ...Object.keys(is)])) {
        const [a = 0, b = 0] = [was[figure], is[figure]]
        if (a !== b) (b > a ? worse : better).push(`${part}, ${key}: ${figure} ${a} → ${b}`)
      }
    }
  }
  return { worse, better, incomparable }
}

function isSameCorpus(one: Figures, other: Figures): boolean {
  return one.good === other.good && one.spam === other.spam && one.dark === other.dark
}

/** Figures of which more is worse. */
function badness({ refused, deferred, accepted, dark, caught, wrong }: Figures): Record<string, number> {
  const groups = Object.entries(wrong).map(([group, times]) => [`wrong in ${group}`, times] as const)
  return {
    'good mail stopped': refused + deferred,
    'good mail refused': refused,
    'spam accepted': accepted,
    'dark spam not caught': dark - caught,
    ...Object.fromEntries(groups),
  }
}
