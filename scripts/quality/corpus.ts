/**
 * The corpus: mails as Postfix tells of them, the DNS each of them meets, and what should become of it.
 *
 *   test/quality/*.jsonl → readCorpus → engines → Measured → count, tables.ts
 *
 * A mail is good (`ham`) or spam, and wants to be accepted, deferred, rejected, or `any`: what cannot be told before the body.
 * A good mail that is not accepted is wrong, whether refused or deferred; so is spam that is accepted. Spam that wants `any` is
 * dark: it is reported apart, and no verdict on it is wrong.
 *
 * Failure: a line that is no case is an error with its number.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DnsZone } from '../../testkit/dns-server.ts'

/** What an answer to Postfix comes to. */
export type Verdict = 'accept' | 'defer' | 'reject'

/** One mail. `group`: its kind, `bigprov`; `note`: what it is made from. */
export interface Case {
  readonly id: string
  readonly class: 'ham' | 'spam'
  readonly group: string
  readonly note: string
  readonly want: Verdict | 'any'
  readonly zone: DnsZone
  /** The attributes of the policy request, in their order. */
  readonly request: Readonly<Record<string, string>>
}

/** A word of the log and the points it gave: `IN_SPAMCOP`, 1.5. */
export interface WordScore {
  readonly word: string
  readonly points: number
}

/** What an engine makes of a mail. */
export interface Result {
  readonly verdict: Verdict
  /** The sum, where the engine has one. */
  readonly rate?: number
  readonly words: readonly WordScore[]
  /** The answer, or the restriction that gave it. */
  readonly answer: string
  /** DNS queries sent; absent: nothing was looked up, or the engine is no program. */
  readonly queries?: number
}

/** Something that answers mails. `key` is its name in recorded figures. */
export interface Engine {
  readonly key: string
  readonly title: string
  verdict(mail: Case): Result | Promise<Result>
}

/** A mail and what became of it. */
export interface Measured {
  readonly mail: Case
  readonly result: Result
}

/** Figures of an engine. `wrong`: wrong verdicts by class and group, `ham listed` → 3; groups without any are absent. */
export interface Figures {
  readonly good: number
  readonly refused: number
  readonly deferred: number
  readonly spam: number
  readonly accepted: number
  readonly dark: number
  readonly caught: number
  readonly wrong: Readonly<Record<string, number>>
}

/** The parts of the corpus; their figures stay apart. A further part is a file beside it and a word here. */
export const PARTS = ['given', 'extended', 'further', 'probing'] as const
export type Part = (typeof PARTS)[number]

/** Where the corpus is. */
export const FOLDER = join(fileURLToPath(import.meta.url), '..', '..', '..', 'test', 'quality')

/** A part of the corpus, in its order. Throws on a line that is no case. */
export function readCorpus(part: Part): readonly Case[] {
  const lines = readFileSync(join(FOLDER, `${part}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
  return lines.map((line, index) => {
    const mail = JSON.parse(line) as Partial<Case>
    if (!mail.id || !mail.class || !mail.want || !mail.zone || !mail.request)
      throw new Error(`${part}.jsonl, line ${index + 1}: no case`)
    return mail as Case
  })
}

/** What Postfix makes of an action: `'450 later'` → `defer`. Throws on an action that is none of ours. */
export function verdictOf(action: string): Verdict {
  if (/^(?:PREPEND|DUNNO|OK\b)/i.test(action)) return 'accept'
  if (/^(?:4|DEFER)/i.test(action)) return 'defer'
  if (/^(?:5|REJECT)/i.test(action)) return 'reject'
  throw new Error(`an action that is neither: ${action}`)
}

/** Has an engine answer all mails, one after another. */
export async function measure(engine: Engine, mails: readonly Case[]): Promise<readonly Measured[]> {
  const measured: Measured[] = []
  for (const mail of mails) measured.push({ mail, result: await engine.verdict(mail) })
  return measured
}

/** Whether the verdict is wrong. */
export function isWrong({ mail, result }: Measured): boolean {
  if (mail.want === 'any') return false
  return mail.class === 'ham' ? result.verdict !== 'accept' : result.verdict === 'accept'
}

/** The class and group of a mail: `ham listed`. */
export function groupOf({ class: kind, group }: Case): string {
  return `${kind} ${group}`
}

/** Sums up. */
export function count(measured: readonly Measured[]): Figures {
  const good = measured.filter(({ mail }) => mail.class === 'ham' && mail.want !== 'any')
  const spam = measured.filter(({ mail }) => mail.class === 'spam' && mail.want !== 'any')
  const dark = measured.filter(({ mail }) => mail.class === 'spam' && mail.want === 'any')
  const became = (of: readonly Measured[], verdict: Verdict): number =>
    of.filter(({ result }) => result.verdict === verdict).length
  const wrong: Record<string, number> = {}
  for (const { mail } of measured.filter(isWrong)) wrong[groupOf(mail)] = (wrong[groupOf(mail)] ?? 0) + 1
  return {
    good: good.length,
    refused: became(good, 'reject'),
    deferred: became(good, 'defer'),
    spam: spam.length,
    accepted: became(spam, 'accept'),
    dark: dark.length,
    caught: dark.length - became(dark, 'accept'),
    wrong: Object.fromEntries(Object.entries(wrong).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
