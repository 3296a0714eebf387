/**
 * Runs the recorded sequences against the executable: requests that share a cache, a clock and processes.
 *
 *   sequences/*.jsonl → RecordedSequence → processes on one cache, asked one after the other → faults
 *
 * sequences/README.md describes what is in a sequence and where it is from. Each gets a configuration, a cache and a DNS
 * server of its own. The clock is moved, not waited for: every process has moved-clock.cjs in front of it.
 *
 * Failure: a wrong answer is a fault of that sequence, never an exception; a process that hangs is killed.
 * Source: docs/behaviour/cache.md.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import type { CaseResult, RunOptions } from './executable.ts'
import { JOBS, runInJobs } from './run-in-jobs.ts'

const here = dirname(fileURLToPath(import.meta.url))
const MOVED_CLOCK = join(here, '..', 'support', 'moved-clock.cjs')

/** A request to the process of a name, `A` unless told, which is started if there is none; or what happens in between. */
type Step =
  | { readonly ask: Readonly<Record<string, string>>; readonly proc?: string }
  | { readonly sleep: number }
  | { readonly end: string }
  | { readonly zone: DnsZone }

export interface RecordedSequence {
  readonly id: string
  /** How the reference was run; we always are processes. */
  readonly mode: string
  readonly config: Parameters
  readonly zone: DnsZone
  readonly steps: readonly Step[]
  /** What stands behind `action=`, for each request. */
  readonly expected: readonly string[]
  /** Our own answers, on purpose. */
  readonly deviation?: true
}

/** All recorded sequences, in the order of the files. */
export function readRecordedSequences(): RecordedSequence[] {
  const folder = join(here, 'sequences')
  return readdirSync(folder)
    .filter(file => file.endsWith('.jsonl'))
    .flatMap(file => readFileSync(join(folder, file), 'utf8').split('\n'))
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** Runs sequences, some at once, and hands out each result as it comes. Resolves when all have ended. */
export async function runSequences(
  sequences: readonly RecordedSequence[],
  { node, executable, jobs = JOBS }: Omit<RunOptions, 'openAnswerer'>,
  onResult: (result: CaseResult) => void,
): Promise<void> {
  await runInJobs(sequences, jobs, async sequence => onResult(await runSequence(sequence, [node, executable])))
}

async function runSequence(
  { id, mode, config, zone, steps, expected }: RecordedSequence,
  [node, executable]: readonly [string, string],
): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-sequence-'))
  const configuration = join(folder, 'policyd-weight.conf')
  const clock = join(folder, 'clock')
  const dns = await startDnsServer(zone)
  const parameters = {
    NS: `127.0.0.1:${dns.port}`,
    DNS_RETRY_IVAL: 1,
    DNS_RETRIES: 1,
    LOCKPATH: join(folder, 'lock/'),
    LOGFILE: join(folder, 'log'),
  }
  writeFileSync(configuration, configurationText({ ...parameters, ...config }), 'latin1')
  writeFileSync(clock, '0')
  const command = [node, '--require', MOVED_CLOCK, executable, '-f', configuration]
  const running = new Map<string, PolicyConversation>()
  const faults: string[] = []
  let nowSeconds = 0
  let asked = 0
  for (const step of steps) {
    if ('sleep' in step) {
      nowSeconds += step.sleep
      writeFileSync(clock, String(nowSeconds))
    } else if ('zone' in step) dns.zone = { ...dns.zone, ...step.zone }
    else if ('end' in step) faults.push(...(await endAll(running, step.end)))
    else {
      const name = step.proc ?? 'A'
      const known = running.get(name)
      const policy = known?.hasEnded === false ? known : new PolicyConversation(command, { CLOCK_FILE: clock })
      running.set(name, policy)
      const got = await policy.ask(requestBytes(step.ask))
      const want = expected[asked++]
      if (got !== want) faults.push(`request ${asked}\n  want ${want}\n  got  ${got}`)
    }
  }
  faults.push(...(await endAll(running)))
  await dns.close()
  rmSync(folder, { recursive: true, force: true })
  if (asked !== expected.length) faults.push(`${asked} requests, ${expected.length} answers`)
  return { id, class: mode, faults, queries: dns.queries.length }
}

/** Ends the process of a name, or all; returns what was wrong with how they ended. */
async function endAll(running: Map<string, PolicyConversation>, name?: string): Promise<string[]> {
  const faults: string[] = []
  for (const [each, policy] of running) {
    if (name !== undefined && each !== name) continue
    for (const fault of await policy.end()) faults.push(`process ${each} ${fault}`)
    running.delete(each)
  }
  return faults
}
