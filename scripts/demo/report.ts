/**
 * One mail of the demo as text: who sent it, the verdict, the rules that led there.
 *
 * What a run gave → lines of at most 100 columns. Rules and scores are read from the program's own `weighted check:`
 * line, as a log analyser would. Pure; no errors: what cannot be read is not shown.
 */
import { type DemoMail, verdictOf } from '../../testkit/demo-mails.ts'

const COLUMNS = 100

/** What came of a mail. `action` stands behind `action=`; `weighted` is the log line, undefined if there is none. */
export interface DemoRun {
  readonly mail: DemoMail
  readonly action: string
  readonly weighted: string | undefined
  readonly elapsedMs: number
  readonly queries: number
}

/** Puts a terminal's colour round a text, or leaves it as it is. */
export type Paint = (text: string, colour: 'red' | 'yellow' | 'green' | 'bold' | 'dim') => string

const VERDICTS = {
  accept: { word: 'ACCEPT', colour: 'green' },
  defer: { word: 'DEFER', colour: 'yellow' },
  reject: { word: 'REJECT', colour: 'red' },
} as const

/** The report of one mail, several lines. */
export function renderRun({ mail, action, weighted, elapsedMs, queries }: DemoRun, paint: Paint): string {
  const verdict = VERDICTS[verdictOf(action)]
  const cost = `${queries} DNS ${queries === 1 ? 'query' : 'queries'}, ${elapsedMs.toFixed(0)} ms from start to exit`
  return [
    paint(mail.title, 'bold'),
    ...wrap(`client ${mail.name}[${mail.client}], helo ${mail.helo}, from ${mail.sender}`, '  '),
    `  ${paint(verdict.word, verdict.colour)}  ${paint(cost, 'dim')}`,
    ...wrap(action, '  '),
    ...renderRules(readRules(weighted ?? '')),
    '',
  ].join('\n')
}

interface AppliedRule {
  readonly rule: string
  readonly score: number
}

/** `weighted check:  NOT_IN_A=-1.5 B=ERR(0) …; <client=…` → `[{ rule: 'NOT_IN_A', score: -1.5 }, { rule: 'B: error', score: 0 }]`. */
export function readRules(weighted: string): AppliedRule[] {
  const reasons = weighted.slice(0, Math.max(0, weighted.lastIndexOf('; <client=')))
  const words = reasons.matchAll(/ (\S+)=(?:(ERR|SKIP)\()?(-?[\d.]+(?:e[+-]\d+)?)\)?(?= |$)/g)
  return Array.from(words, ([, rule, trouble, score]) => ({
    rule: trouble === undefined ? `${rule}` : `${rule}: ${trouble === 'ERR' ? 'error' : 'skipped'}`,
    score: Number(score),
  }))
}

function renderRules(rules: readonly AppliedRule[]): string[] {
  if (rules.length === 0) return []
  const width = Math.max(...rules.map(({ rule }) => rule.length))
  let total = 0
  const rows = rules.map(({ rule, score }) => {
    total += score
    return `    ${rule.padEnd(width)}  ${score.toFixed(2).padStart(7)}  ${total.toFixed(2).padStart(7)}`
  })
  return [`    ${'rule'.padEnd(width)}  ${'score'.padStart(7)}  ${'total'.padStart(7)}`, ...rows]
}

/** Breaks a text at blanks so that no line with its indent passes the columns; a word that is too long stays whole. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > COLUMNS) {
      lines.push(`${indent}${line}`)
      line = `  ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, `${indent}${line}`]
}
