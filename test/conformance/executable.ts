/**
 * Runs the recorded cases against the executable and says what is wrong with what comes out.
 *
 *   recorded case → configuration file, zone, request → answerer → answer, log, status, descriptor 2 → faults
 *
 * An answerer is a process of its own for each case, as spawn(8) starts it, or a daemon that reads the configuration
 * of each case again (daemon.ts). A DNS server on loopback serves the case's zone. Compared byte for byte: all
 * of the answer, the `weighted check:` line (or that there is none), the exit status, and descriptor 2, which is
 * the client's socket under spawn(8) and must stay empty.
 *
 * Failure: a wrong outcome is a fault of that case, never an exception; a process that hangs is killed. Only a
 * command that cannot be started rejects.
 * Source: docs/behaviour/scoring.md#log-lines.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { type DnsServer, startDnsServer } from '../../testkit/dns-server.ts'
import { configurationText, type Ended, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import type { RecordedCase } from './recorded-case.ts'
import { JOBS } from './run-in-jobs.ts'

/** DNS queries that one mail may cost, whatever it is made of. */
export const MAX_QUERIES = 60

/** What came of one case. `faults` is empty where everything agrees; each is a sentence with want and got. */
export interface CaseResult {
  readonly id: string
  readonly class: string
  readonly faults: readonly string[]
  /** DNS queries that were sent for it. */
  readonly queries: number
}

/** Answers the requests of one job, one after the other. */
export interface Answerer {
  /** `log` is the `$LOGFILE` of the configuration; whatever belongs to the request is in it afterwards. */
  answer(configuration: string, log: string, request: Buffer): Promise<Pick<Ended, 'status' | 'stdout' | 'stderr'>>
  close(): Promise<void>
}

export interface RunOptions {
  /** The node that runs it: `/usr/bin/node`. */
  readonly node: string
  /** The executable: `dist/policyd-weight`. */
  readonly executable: string
  /** Cases at once, JOBS unless told. */
  readonly jobs?: number
  /** Makes the answerer of a job; a process for each case unless told. */
  readonly openAnswerer?: (command: readonly string[]) => Answerer
}

function answerBySpawning(command: readonly string[]): Answerer {
  return {
    answer: (configuration, _log, request) => runPolicyProcess([...command, '-f', configuration], request),
    close: async () => {},
  }
}

/** Runs cases, some at once, and hands out each result as it comes. Resolves when all have ended. */
export async function runCases(
  cases: readonly RecordedCase[],
  { node, executable, jobs = JOBS, openAnswerer = answerBySpawning }: RunOptions,
  onResult: (result: CaseResult) => void,
): Promise<void> {
  const queue = cases.values()
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-cases-'))
  // A daemon that root starts is another user.
  chmodSync(folder, 0o777)
  const work = async (job: number): Promise<void> => {
    const dns = await startDnsServer({})
    const answerer = openAnswerer([node, executable])
    try {
      for (const recorded of queue) onResult(await runCase(recorded, answerer, dns, join(folder, `${job}`)))
    } finally {
      await answerer.close()
      await dns.close()
    }
  }
  try {
    await Promise.all(Array.from({ length: jobs }, (_, job) => work(job)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runCase(
  recorded: RecordedCase,
  answerer: Answerer,
  dns: DnsServer,
  prefix: string,
): Promise<CaseResult> {
  const configuration = `${prefix}.conf`
  const log = `${prefix}.log`
  const parameters = {
    NS: `127.0.0.1:${dns.port}`,
    CACHESIZE: 0,
    POSCACHESIZE: 0,
    DNS_RETRY_IVAL: 1,
    DNS_RETRIES: 1,
    LOCKPATH: `${prefix}.lock/`,
    LOGFILE: log,
    TCP_PORT: 0,
    SOCKET: `${prefix}.socket`,
    PIDFILE: `${prefix}.pid`,
    MAX_PROC: 1,
    // A file that is read again because it has changed would be told of like one that was asked for (daemon.ts). Looked for is a
    // change by two parameters.
    MAINTENANCE_LEVEL: 0,
    MAXIDLECACHE: 0,
  }
  writeFileSync(configuration, configurationText({ ...parameters, ...recorded.config }), 'latin1')
  rmSync(log, { force: true })
  dns.zone = recorded.zone
  const queriesBefore = dns.queries.length
  const ended = await answerer.answer(configuration, log, requestBytes(recorded.request))
  // Queries of a process that has ended may still lie in the socket; they are this case's, not the next one's.
  await setImmediate()
  await setImmediate()
  const queries = dns.queries.length - queriesBefore
  const faults = findFaults(recorded, ended, existsSync(log) ? readFileSync(log, 'latin1') : '')
  if (queries > MAX_QUERIES) faults.push(`${queries} DNS queries, at most ${MAX_QUERIES} are allowed`)
  return { id: recorded.id, class: recorded.class, faults, queries }
}

function findFaults({ expected }: RecordedCase, ended: Omit<Ended, 'elapsedMs'>, log: string): string[] {
  const faults: string[] = []
  const compare = (what: string, want: string, got: string): void => {
    if (want !== got) faults.push(`${what}\n  want ${want}\n  got  ${got}`)
  }
  compare('answer', JSON.stringify(`action=${expected.action}\n\n`), JSON.stringify(ended.stdout))
  const weighted = log.split('\n').flatMap(line => /weighted check:.*/.exec(line)?.[0] ?? [])
  compare('log', expected.log ?? '(no line)', weighted.join('\n') || '(no line)')
  compare('exit status', '0', String(ended.status))
  compare('descriptor 2', '""', JSON.stringify(ended.stderr.slice(0, 500)))
  return faults
}
