/**
 * What every contender meets: a DNS server, late by so many milliseconds at each of its addresses, and a log.
 *
 *   startFixture(plan) → Fixture; fixture.nameServer(20) → '127.83.0.2'; fixture.queries() → what has been asked so far
 *
 * The zone is that of the demo: all that is not in it does not exist, so lists of any name know nobody. The log is one of the
 * sandbox, and so is port 53. Failure: a program that does not start is an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { freePort } from '../../testkit/free-port.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import type { Plan } from './bench.ts'
import { sum } from './samples.ts'
import { zoneFileText } from './zone-file.ts'

/** Milliseconds a reply is late; each has an address of its own. */
export const DELAYS_MS = [0, 20, 50, 100] as const
export type DelayMs = (typeof DELAYS_MS)[number]

const LOG = '/dev/log'

export interface Fixture {
  nameServer(delayMs: DelayMs): string
  /** Queries received, of all addresses. */
  queries(): number
  stop(): void
}

export async function startFixture({ isSandbox, folder, programs }: Plan): Promise<Fixture> {
  const zone = join(folder, 'zone')
  const counts = join(folder, 'counts')
  writeFileSync(zone, zoneFileText(DEMO_ZONE))
  const port = isSandbox ? undefined : await freePort()
  const addressOf = (delayMs: DelayMs): string => `127.83.0.${DELAYS_MS.indexOf(delayMs) + 1}`
  const addresses = DELAYS_MS.map(delayMs => `${addressOf(delayMs)}/${delayMs}${port === undefined ? '' : `/${port}`}`)
  const start = (program: string, ...args: string[]): ChildProcess =>
    spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const started = [start(programs['dns-server'], zone, counts, ...addresses)]
  if (isSandbox) started.push(start(programs['log-sink'], LOG))
  await waitFor('the DNS server and the log', () => {
    if (started.some(({ exitCode }) => exitCode !== null)) throw new Error('the DNS server or the log has ended')
    return existsSync(counts) && (!isSandbox || existsSync(LOG))
  })
  return {
    nameServer: delayMs => (port === undefined ? addressOf(delayMs) : `${addressOf(delayMs)}:${port}`),
    queries: () => {
      const bytes = readFileSync(counts)
      return sum(DELAYS_MS.map((_, index) => Number(bytes.readBigUInt64LE(8 * index))))
    },
    stop: () => {
      for (const child of started) child.kill()
    },
  }
}
