/**
 * A site whose name server is unbound, and the rest of the DNS it asks.
 *
 *   const site = await startSite(t, 21); site.parameters → { NS: '127.0.21.1' }
 *
 * All of it ends with the test.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { bundleProgram } from '../../../testkit/node-program.ts'
import type { Parameters } from '../../../testkit/policy-process.ts'
import { blockOf } from './names.ts'
import { type Rbldnsd, startRbldnsd } from './rbldnsd.ts'
import { startUnbound, type Unbound } from './unbound.ts'

/** How late the attacker's late servers are. */
const LATE_MS = 3000

export interface Site {
  readonly lists: Rbldnsd
  readonly unbound: Unbound
  /** Tell the service whom to ask. Everything else is the built-in configuration. */
  readonly parameters: Parameters
  /** For the service, empty. */
  readonly folder: string
}

/** Starts a site on a block of addresses of its own, see names.ts. */
export async function startSite(t: Test, number: number): Promise<Site> {
  const block = blockOf(number)
  const folder = mkdtempSync(join(tmpdir(), 'polw-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  // unbound, rbldns and the service are users of their own.
  chmodSync(folder, 0o755)
  const authority = await startAuthority(folder, number)
  t.teardown(() => authority.disconnect())
  const lists = await startRbldnsd(folder, block)
  t.teardown(() => lists.stop())
  const unbound = await startUnbound(folder, block)
  t.teardown(() => unbound.stop())
  const serviceFolder = join(folder, 's')
  mkdirSync(serviceFolder)
  return { lists, unbound, parameters: { NS: block.resolver }, folder: serviceFolder }
}

async function startAuthority(folder: string, number: number): Promise<ChildProcess> {
  const program = join(folder, 'authority.cjs')
  bundleProgram('test/resolver/support/authority.ts', program)
  const child = fork(program, [String(number), String(LATE_MS)], { execArgv: [], env: {} })
  const [said] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (said !== 'ready') throw new Error(`the authority has ended: ${said}`)
  return child
}
