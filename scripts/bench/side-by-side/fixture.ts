/**
 * What every contender meets: a DNS server, late by so many milliseconds at each of its addresses, and a log.
 *
 *   startFixture(plan) → Fixture; fixture.nameServer(20) → '127.83.0.2'; fixture.queries() → what has been asked so far
 *
 * The zone is that of the demo: all that is not in it does not exist, so lists of any name know nobody. Both programs end
 * with the sandbox. Failure: one that does not start is an error.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_ZONE } from '../../../testkit/demo-zone.ts'
import type { Plan } from './plan.ts'
import { until } from './until.ts'
import { zoneFileText } from './zone-file.ts'

/** Milliseconds a reply is late; each has an address of its own. */
export const DELAYS_MS = [0, 20, 50, 100] as const
export type DelayMs = (typeof DELAYS_MS)[number]

const LOG = '/dev/log'

export interface Fixture {
  nameServer(delayMs: DelayMs): string
  /** Queries received, of all addresses. */
  queries(): bigint
}

export async function startFixture(plan: Plan): Promise<Fixture> {
  const zone = join(plan.folder, 'zone')
  const counts = join(plan.folder, 'counts')
  writeFileSync(zone, zoneFileText(DEMO_ZONE))
  const nameServer = (delayMs: DelayMs): string => `127.83.0.${DELAYS_MS.indexOf(delayMs) + 1}`
  const addresses = DELAYS_MS.map(delayMs => `${nameServer(delayMs)}/${delayMs}`)
  const started: ChildProcess[] = [
    spawn(plan.programs['log-sink'], [LOG], { stdio: ['ignore', 'ignore', 'inherit'] }),
    spawn(plan.programs['dns-server'], [zone, counts, ...addresses], { stdio: ['ignore', 'ignore', 'inherit'] }),
  ]
  await until('the DNS server and the log', () => {
    if (started.some(({ exitCode }) => exitCode !== null)) throw new Error('the DNS server or the log has ended')
    return existsSync(LOG) && existsSync(counts)
  })
  return {
    nameServer,
    queries(): bigint {
      const bytes = readFileSync(counts)
      return DELAYS_MS.reduce((sum, _, index) => sum + bytes.readBigUInt64LE(8 * index), 0n)
    },
  }
}
