/**
 * The recorded cases against the executable, from the command line:
 *
 *   npm run conformance -- [--node /path/to/node] [--only ID] [--jobs 2] [--daemon]
 *
 * `--daemon` sends the requests to daemons instead of starting a process for each; 8 jobs then, unless told.
 *
 * Prints each case that fails with what was wanted, progress on a terminal, the worst case's number of DNS queries,
 * and `N passed, N failed`. Exit status 0 if all passed, 1 if one failed or none was run, 2 for a wrong option.
 */
import { parseArgs } from 'node:util'
import { type CaseResult, runCases } from './executable.ts'
import { answerByDaemon } from './daemon.ts'
import { readRecordedCases } from './recorded-case.ts'

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
    const jobs = Number(values.jobs ?? (values.daemon ? 8 : 2))
    if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs}: a number from 1 on is expected`)
    return { node: values.node ?? process.execPath, only: values.only, jobs, daemon: values.daemon }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return undefined
  }
}

async function main({ node, only, jobs, daemon }: Options): Promise<number> {
  const cases = readRecordedCases().filter(recorded => only === undefined || recorded.id === only)
  let passed = 0
  let failed = 0
  let worst: CaseResult | undefined
  const how = { node, executable: 'dist/policyd-weight', jobs, ...(daemon ? { openAnswerer: answerByDaemon } : {}) }
  await runCases(cases, how, result => {
    if (result.queries > (worst?.queries ?? -1)) worst = result
    if (result.faults.length === 0) passed++
    else {
      failed++
      console.log(`not ok ${result.id} (${result.class})\n${result.faults.join('\n').replace(/^/gm, '  ')}`)
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${passed + failed} of ${cases.length}\r`)
  })
  if (worst) console.log(`at most ${worst.queries} DNS queries for one mail (${worst.id})`)
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}

const options = readOptions()
process.exitCode = options ? await main(options) : 2
