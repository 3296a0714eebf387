/**
 * Runs the cases found in the field against the executable.
 *
 *   field/field.jsonl → FieldCase → one process, its requests one after the other, a faulty name server → faults
 *
 * field/README.md describes what is in a case. What is expected is what is right, not what anything answered once.
 *
 * Failure: a wrong answer is a fault of that case, never an exception; a process that hangs is killed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DNS_FAULTS, type DnsFault } from '../support/dns-faults.ts'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import type { CaseResult, RunOptions } from './executable.ts'
import { JOBS, runInJobs } from './run-in-jobs.ts'

const here = dirname(fileURLToPath(import.meta.url))

type Attributes = Readonly<Record<string, string>>

export interface FieldCase {
  readonly id: string
  readonly class: string
  /** What was reported. */
  readonly note: string
  readonly config?: Parameters
  readonly zone?: DnsZone
  readonly request?: Attributes
  /** Several go to one process. */
  readonly requests?: readonly Attributes[]
  readonly fault?: DnsFault
  /** With its caches on. */
  readonly cache?: true
  /** What stands behind `action=`, `null` where it does not matter; or only what it comes to, where the words are free. */
  readonly expected:
    | { readonly action: string }
    | { readonly actions: readonly (string | null)[] }
    | { readonly verdicts: readonly ('accept' | 'defer' | 'reject')[] }
}

/** The cases that have to come out right. */
export function readFieldCases(): FieldCase[] {
  return readFileSync(join(here, 'field', 'field.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** Runs cases, some at once, and hands out each result as it comes. Resolves when all have ended. */
export async function runFieldCases(
  cases: readonly FieldCase[],
  { node, executable, jobs = JOBS }: Omit<RunOptions, 'openAnswerer'>,
  onResult: (result: CaseResult) => void,
): Promise<void> {
  await runInJobs(cases, jobs, async fieldCase => onResult(await runFieldCase(fieldCase, [node, executable])))
}

async function runFieldCase(fieldCase: FieldCase, command: readonly string[]): Promise<CaseResult> {
  const { id, note, config, zone = {}, request, requests = request ? [request] : [], fault, cache } = fieldCase
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-field-'))
  const configuration = join(folder, 'policyd-weight.conf')
  const dns = await startDnsServer(zone, fault === undefined ? {} : { tamper: DNS_FAULTS[fault] })
  const parameters = {
    NS: `127.0.0.1:${dns.port}`,
    ...(cache ? {} : { CACHESIZE: 0, POSCACHESIZE: 0 }),
    DNS_RETRY_IVAL: 1,
    DNS_RETRIES: 1,
    LOCKPATH: join(folder, 'lock/'),
    LOGFILE: join(folder, 'log'),
  }
  writeFileSync(configuration, configurationText({ ...parameters, ...config }), 'latin1')
  const policy = new PolicyConversation([...command, '-f', configuration])
  const actions: string[] = []
  for (const each of requests) actions.push(await policy.ask(requestBytes(each)))
  const endFaults = await policy.end()
  await dns.close()
  rmSync(folder, { recursive: true, force: true })
  const faults = [...findFaults(fieldCase, actions), ...endFaults]
  return { id, class: note, faults, queries: dns.queries.length }
}

function findFaults({ expected }: FieldCase, actions: readonly string[]): string[] {
  const isVerdicts = 'verdicts' in expected
  const want = isVerdicts ? expected.verdicts : 'actions' in expected ? expected.actions : [expected.action]
  const got = isVerdicts ? actions.map(verdictOf) : actions
  if (want.length !== got.length) return [`${got.length} answers, ${want.length} expected`]
  return want.flatMap((each, at) =>
    each === null || each === got[at] ? [] : [`request ${at + 1}\n  want ${each}\n  got  ${got[at]}`],
  )
}

function verdictOf(action: string): 'accept' | 'defer' | 'reject' {
  if (/^(?:PREPEND|DUNNO|OK\b)/i.test(action)) return 'accept'
  return /^(?:4|DEFER)/i.test(action) ? 'defer' : 'reject'
}
