/**
 * Fuzzes what reads bytes of others (`npm run fuzz -- --seconds N [--target NAME] [--seed S]`).
 *
 *   targets/ → instrument.ts → thread.ts → printed; a failing input as a file under build/fuzz/
 *
 * Without --target all of them, N seconds each, as many at once as there are cores. The same seed tries the same inputs in
 * the same order; the default is always the same, so that a run says something about the sources and not about luck.
 *
 *   --input FILE     tries this one file of the target named
 *   --store NAME     puts the file of --input into the corpus under this name, if all properties hold
 *   --executions N   ends after so many inputs, to see a run again exactly
 *   --from FOLDER    begins with the files of this folder as well
 *   --distill        stores inputs that reach blocks which the stored ones do not, made short, as found-… in the corpus
 *   --unreached      prints the blocks that were never run
 *
 * Exit status: 0, 1 if a property did not hold, 2 if this was called the wrong way.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { runInJobs } from '../conformance/run-in-jobs.ts'
import { addToCorpus, CORPUS_FOLDER, nameFor, readCorpus, readFolder, writeInput } from './corpus.ts'
import { fuzz } from './fuzz.ts'
import type { Block } from './instrument.ts'
import type { Failure } from './search.ts'
import type { Target } from './target.ts'
import { type NamedTarget, TARGETS } from './targets.ts'
import type { Ended } from './thread.ts'
import type { Report } from './worker.ts'

const FAILURES_FOLDER = 'build/fuzz'
const MAX_DETAIL_CHARACTERS = 4000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    target: { type: 'string' },
    seed: { type: 'string', default: '1' },
    executions: { type: 'string' },
    input: { type: 'string' },
    store: { type: 'string' },
    from: { type: 'string' },
    distill: { type: 'boolean', default: false },
    unreached: { type: 'boolean', default: false },
  },
})

function usage(text: string): never {
  console.error(text)
  process.exit(2)
}

function numberOf(name: string, text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text)) usage(`--${name} is a number, not "${text}"`)
  return Number(text)
}

const chosen = TARGETS.filter(({ target }) => values.target === undefined || target.name === values.target)
if (chosen.length === 0)
  usage(`there is no target "${values.target}"; there are ${TARGETS.map(({ target }) => target.name).join(', ')}`)
if (chosen.length > 1 && (values.input ?? values.from) !== undefined) usage('--input and --from need --target')
if (values.store !== undefined && values.input === undefined) usage('--store needs --input')
const seed = numberOf('seed', values.seed)
const seconds = numberOf('seconds', values.seconds)
const executions =
  values.executions === undefined ? Number.POSITIVE_INFINITY : numberOf('executions', values.executions)

if (values.target === undefined) await runInJobs(chosen, availableParallelism(), fuzzBeside)
else for (const named of chosen) await fuzzHere(named)

/** A process of its own, for the thread is watched by the processor time of its process. */
async function fuzzBeside({ target }: NamedTarget): Promise<void> {
  const again = [...process.execArgv, ...process.argv.slice(1), '--target', target.name]
  const [status] = await once(spawn(process.execPath, again, { stdio: 'inherit' }), 'exit')
  if (status !== 0) process.exitCode = 1
}

async function fuzzHere(named: NamedTarget): Promise<void> {
  const { target } = named
  const { input, from } = values
  const { ended, blocks } = await fuzz(named, {
    seed,
    milliseconds: seconds * 1000,
    executions: input === undefined ? executions : 1,
    corpus: input === undefined ? readCorpus(target.name).map(({ input }) => input) : [readFileSync(input)],
    more: from === undefined ? [] : readFolder(from),
    distills: values.distill,
  })
  print(target, blocks, ended)
}

function print(target: Target, blocks: readonly Block[], ended: Ended): void {
  if ('executions' in ended) {
    const { executions, milliseconds, found, mostSteps, reached, distilled } = ended
    const isAbout = blocks.map(({ file }) => target.about.test(file))
    const all = isAbout.filter(is => is).length
    const sum = isAbout.filter((is, number) => is && reached[number]).length
    console.log(
      `${target.name}: seed ${seed}, ${executions} executions (${Math.round((executions * 1000) / milliseconds)}/s), ` +
        `${found} new inputs, ${sum} of ${all} blocks (${Math.round((100 * sum) / all)} %), at most ${mostSteps} steps`,
    )
    if (values.unreached) printUnreached(target, blocks, ended)
    for (const input of distilled) store(target, nameFor('found', input), input)
  } else console.log(`${target.name}: seed ${seed}`)
  if (ended.failure) printFailure(target, ended.failure)
  else if (values.input !== undefined && values.store !== undefined)
    store(target, values.store, readFileSync(values.input))
}

function store({ name: target }: Target, name: string, input: Uint8Array): void {
  addToCorpus(target, { name, input })
  console.log(`stored "${name}" in ${relative('', CORPUS_FOLDER)}/${target}.jsonl`)
}

function printFailure(target: Target, { input, property, details }: Failure): void {
  process.exitCode = 1
  const path = values.input ?? writeInput(FAILURES_FOLDER, nameFor(target.name, input), input)
  console.log(`${target.name}: FAILED: ${property}`)
  console.log(details.slice(0, MAX_DETAIL_CHARACTERS))
  console.log(
    `${input.length} bytes, in ${relative('', path)}; again: npm run fuzz -- --target ${target.name} --input ${path}`,
  )
}

function printUnreached({ about }: Target, blocks: readonly Block[], { reached }: Report): void {
  const lines = new Map<string, Set<number>>()
  for (const [number, { file, line }] of blocks.entries())
    if (about.test(file) && !reached[number]) lines.set(file, (lines.get(file) ?? new Set()).add(line))
  for (const [file, numbers] of lines) console.log(`  ${file}: ${[...numbers].join(' ')}`)
}
