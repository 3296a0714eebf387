/**
 * Diagnoses → what `doctor` prints, and its exit status.
 *
 * For people a line each, the remedy indented below it, a summary at the end; for programs one line of JSON.
 * Everything that Postfix, the DNS or a configuration had a hand in is masked.
 *
 * Exit status: 0 all is well (notes do not count), 1 there are warnings, 2 there are errors. Pure, total.
 */
import { maskText } from '../../text/mask.ts'
import { restartNeeded } from './check-confinement.ts'
import type { Diagnosis, Level } from './diagnosis.ts'

const LEVELS = ['ok', 'note', 'warning', 'error'] as const
const LEVEL_WIDTH = 7

/** What to print, ending in a line feed, and the exit status. */
export interface DoctorReport {
  readonly text: string
  readonly status: 0 | 1 | 2
}

export function renderReport(diagnoses: readonly Diagnosis[], json: boolean): DoctorReport {
  const unique = withoutRepetitions(diagnoses)
  const count = (level: Level): number => unique.filter(each => each.level === level).length
  const counts = { ok: count('ok'), note: count('note'), warning: count('warning'), error: count('error') }
  const status = counts.error > 0 ? 2 : counts.warning > 0 ? 1 : 0
  if (json) return { text: `${JSON.stringify({ status, counts, diagnoses: unique.map(masked) })}\n`, status }
  const lines = unique
    .map(masked)
    .flatMap(({ level, about, text, remedy }) => [
      `${level.padEnd(LEVEL_WIDTH)} ${about}: ${text}`,
      ...remedy.map(line => `${' '.repeat(LEVEL_WIDTH + 1)}  ${line}`),
    ])
  return { text: `${[...lines, summarize(counts, restartNeeded(diagnoses) ?? 'postfix reload')].join('\n')}\n`, status }
}

function summarize(counts: Readonly<Record<Level, number>>, take: string): string {
  const parts = LEVELS.map(level => `${counts[level]} ${level === 'ok' || counts[level] === 1 ? level : `${level}s`}`)
  const advice = counts.error + counts.warning > 0 ? `; after a change: ${take}, and doctor again` : ''
  return `${parts.join(', ')}${advice}`
}

/** Several services of master.cf follow one setting of main.cf: it is reported once. */
function withoutRepetitions(diagnoses: readonly Diagnosis[]): Diagnosis[] {
  return [...new Map(diagnoses.map(each => [`${each.code} ${each.about} ${each.text}`, each])).values()]
}

function masked(diagnosis: Diagnosis): Diagnosis {
  const { about, text, remedy } = diagnosis
  return { ...diagnosis, about: maskText(about), text: maskText(text), remedy: remedy.map(maskText) }
}
