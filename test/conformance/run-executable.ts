/**
 * The recorded cases, the recorded sequences and the cases of the field against the executable, from the command line:
 *
 *   npm run conformance -- [--node /path/to/node] [--only ID] [--jobs 8] [--daemon]
 *
 * `--daemon` sends the recorded cases to daemons instead of starting a process for each. The others need processes and are
 * left out then.
 *
 * Prints each case that fails with what was wanted, progress on a terminal, the worst case's number of DNS queries,
 * and `N passed, N failed`. Exit status 0 if all passed, 1 if one failed or none was run, 2 for a wrong option.
 */
import { parseArgs } from 'node:util'
import { type CaseResult, runCases } from './executable.ts'
import { answerByDaemon } from './daemon.ts'
import { readFieldCases, runFieldCases } from './field.ts'
import { readRecordedCases } from './recorded-case.ts'
import { JOBS } from './run-in-jobs.ts'
import { readRecordedSequences, runSequences } from './sequence.ts'

interface Options {
  readonly node: string
  readonly only: string | undefined
  readonly jobs: number
  readonly daemon: boolean
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        node: { type: 'string' },
        only: { type: 'string' },
        jobs: { type: 'string' },
        daemon: { type: 'boolean', default: false },
      },
    })
    const jobs = Number(values.jobs ?? JOBS)
    if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs}: a number from 1 on is expected`)
    return { node: values.node ?? process.execPath, only: values.only, jobs, daemon: values.daemon }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return undefined
  }
}

async function main({ node, only, jobs, daemon }: Options): Promise<number> {
  const wanted = <T extends { readonly id: string }>(all: readonly T[]): T[] =>
    all.filter(each => only === undefined || each.id === only)
  const cases = wanted(readRecordedCases())
  const sequences = daemon ? [] : wanted(readRecordedSequences())
  const fieldCases = daemon ? [] : wanted(readFieldCases())
  const total = cases.length + sequences.length + fieldCases.length
  let passed = 0
  let failed = 0
  let worst: CaseResult | undefined
  const how = { node, executable: 'dist/policyd-weight', jobs, ...(daemon ? { openAnswerer: answerByDaemon } : {}) }
  const count = (result: CaseResult): void => {
    if (result.faults.length === 0) passed++
    else {
      failed++
      console.log(`not ok ${result.id} (${result.class})\n${result.faults.join('\n').replace(/^/gm, '  ')}`)
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${passed + failed} of ${total}\r`)
  }
  await runCases(cases, how, result => {
    if (result.queries > (worst?.queries ?? -1)) worst = result
    count(result)
  })
  await runSequences(sequences, how, count)
  await runFieldCases(fieldCases, how, count)
  if (worst) console.log(`at most ${worst.queries} DNS queries for one mail (${worst.id})`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}

const options = readOptions()
process.exitCode = options ? await main(options) : 2
