/**
 * Measures verdicts (`npm run quality`): the corpus of test/quality/ through this program and through what else a Postfix can be
 * set up with, in this process, without network.
 *
 *   npm run quality                         figures of all engines, wrong verdicts by group, the words that decide them
 *   npm run quality -- --without [KEY]      what each parameter of a configuration is worth, switched off alone
 *   npm run quality -- --margins [KEY]      how far good mail of large providers stands from being stopped
 *   npm run quality -- --case ID            one mail: verdict, rate and words of every engine
 *   npm run quality -- --json               everything measured, a line of JSON for each mail and engine
 *   npm run quality -- --record             writes test/quality/figures.json and worth.json
 *   npm run quality -- --check              fails if a figure is worse than recorded
 *
 * KEY is the key of a configuration (quality/engines.ts); without it, modern.
 *
 * Exit status 0; 1 if --check finds a figure worse, or figures that cannot be compared; 64 for an option, a KEY or an ID that
 * is none; 70 with the stack for any other error. A reader that has seen enough (`| head`) changes none of it.
 */
import { parseArgs } from 'node:util'
import { codeOf, messageOf } from '../src/system/errno.ts'
import { EXIT_SOFTWARE, EXIT_USAGE } from '../src/system/exit-status.ts'
import { count, type Figures, isWrong, type Measured, measure, PARTS, type Part, readCorpus } from './quality/corpus.ts'
import { CONFIGURATIONS, configurationNamed, ENGINES } from './quality/engines.ts'
import { marginsOf, marginTable } from './quality/margins.ts'
import type { Config } from './quality/ours.ts'
import {
  compare,
  type Recorded,
  type RecordedWorth,
  readRecorded,
  writeRecorded,
  writeWorth,
} from './quality/recorded.ts'
import { engineTable, groupSizes, groupTable, renderText, wordTable } from './quality/tables.ts'
import { worthTable } from './quality/worth.ts'

interface Row {
  readonly key: string
  readonly title: string
  readonly measured: readonly Measured[]
  readonly figures: Figures
}

async function measureAll(part: Part): Promise<readonly Row[]> {
  const mails = readCorpus(part)
  const rows: Row[] = []
  for (const engine of ENGINES) {
    const measured = await measure(engine, mails)
    rows.push({ key: engine.key, title: engine.title, measured, figures: count(measured) })
  }
  return rows
}

async function report(part: Part): Promise<void> {
  const rows = await measureAll(part)
  console.log(`\n## ${part}\n\n${renderText(engineTable(rows))}`)
  console.log(renderText(groupTable(rows, groupSizes(rows[0]?.measured.map(({ mail }) => mail) ?? []))))
  for (const { key, title, measured } of rows) {
    if (!isOurs(key)) continue
    console.log(`${title}: wrong verdicts`)
    for (const { mail, result } of measured.filter(measured => isWrong(measured)))
      console.log(`  ${mail.id} ${result.verdict} ${result.rate?.toFixed(2) ?? '-'}  ${mail.note}`)
    console.log(`\n${renderText(wordTable(measured))}`)
  }
}

const isOurs = (key: string): boolean => CONFIGURATIONS.some(configuration => configuration.key === key)

async function showCase(id: string): Promise<void> {
  const mail = PARTS.flatMap(readCorpus).find(mail => mail.id === id)
  if (!mail) throw new UsageError(`no case ${id}`)
  console.log(`${mail.class} ${mail.group}, wants ${mail.want}: ${mail.note}`)
  for (const engine of ENGINES) {
    const { verdict, rate, words, answer } = await engine.verdict(mail)
    console.log(`\n${engine.title}: ${verdict}${rate === undefined ? '' : `, ${rate.toFixed(2)}`}\n  ${answer}`)
    for (const { word, points } of words) console.log(`  ${points.toFixed(2).padStart(6)}  ${word}`)
  }
}

async function figures(): Promise<Recorded> {
  const parts = await Promise.all(
    PARTS.map(async part => {
      const rows = await measureAll(part)
      return [part, Object.fromEntries(rows.map(({ key, title, figures }) => [key, { title, ...figures }]))] as const
    }),
  )
  return Object.fromEntries(parts) as Recorded
}

async function worth(): Promise<RecordedWorth> {
  const [modern, classic] = ['modern', 'classic'].map(key => configurationNamed(key).config) as [Config, Config]
  const parts = await Promise.all(
    PARTS.map(async part => [part, await worthTable(modern, classic, readCorpus(part))] as const),
  )
  return Object.fromEntries(parts) as RecordedWorth
}

async function check(): Promise<number> {
  const { worse, better, incomparable } = compare(readRecorded(), await figures())
  for (const sentence of worse) console.error(`worse: ${sentence}`)
  for (const sentence of incomparable) console.error(`cannot be compared: ${sentence}`)
  for (const sentence of better) console.log(`better: ${sentence}`)
  if (worse.length > 0 || incomparable.length > 0) {
    console.error('if that is meant, record it: npm run quality -- --record && npm run docs')
    return 1
  }
  console.log(better.length > 0 ? 'record it: npm run quality -- --record && npm run docs' : 'figures as recorded')
  return 0
}

async function json(): Promise<void> {
  for (const part of PARTS)
    for (const { key, measured } of await measureAll(part))
      for (const { mail, result } of measured) {
        const { id, class: kind, group, want } = mail
        console.log(JSON.stringify({ part, engine: key, id, class: kind, group, want, ...result }))
      }
}

const OPTIONS = {
  without: { type: 'boolean' },
  margins: { type: 'boolean' },
  json: { type: 'boolean' },
  record: { type: 'boolean' },
  check: { type: 'boolean' },
  case: { type: 'string' },
} as const

/** Asked for something that there is not. */
class UsageError extends Error {}

/** The options and the configuration of a command line. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true })
    const chosen = configurationNamed(positionals[0] ?? 'modern')
    return { ...values, chosen }
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

async function main(): Promise<number> {
  const { chosen, ...options } = readArguments()
  if (options.check) return check()
  if (options.case !== undefined) await showCase(options.case)
  else if (options.json) await json()
  else if (options.record) {
    writeRecorded(await figures())
    writeWorth(await worth())
  } else if (options.margins)
    console.log(renderText(marginTable(await marginsOf(chosen.config, PARTS.flatMap(readCorpus)))))
  else if (options.without) {
    if (chosen.base === undefined) throw new UsageError(`${chosen.key} has no base to be set back to`)
    const base = configurationNamed(chosen.base)
    for (const part of PARTS)
      console.log(`## ${part}\n\n${renderText(await worthTable(chosen.config, base.config, readCorpus(part)))}`)
  } else for (const part of PARTS) await report(part)
  return 0
}

/** Says what went wrong, and ends. */
function fail(error: unknown): never {
  const isUsage = error instanceof UsageError
  console.error(isUsage ? error.message : error)
  process.exit(isUsage ? EXIT_USAGE : EXIT_SOFTWARE)
}

process.stdout.on('error', error => {
  if (codeOf(error) !== 'EPIPE') fail(error)
})
process.exitCode = await main().catch(fail)
