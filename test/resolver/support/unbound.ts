/**
 * A real unbound as Debian ships it, on loopback and in a folder of a test's own.
 *
 *   const unbound = await startUnbound(folder, block); unbound.statistics() → { 'total.num.queries': 12, … }
 *
 * Set is where it listens, whom it takes for the root, that servers may be on loopback, and where it is controlled from.
 * Left out, since there is no network, is the trust anchor. Everything else is its default: one thread, 1024 questions
 * of clients at once, 1000 answers that one address may wait for, jostling after 200 ms, the kernel's buffers.
 *
 * Needs root and Debian's package unbound. Failure: program.ts.
 * Sources: unbound.conf(5), unbound-control(8), Debian's /etc/unbound/unbound.conf.d.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Block } from './names.ts'
import { endProgram, startProgram } from './program.ts'

export interface Unbound {
  /** Its counters since it was started. */
  statistics(): Readonly<Record<string, number>>
  stop(): Promise<void>
}

export async function startUnbound(folder: string, block: Block): Promise<Unbound> {
  const [configuration, hints, control] = ['unbound.conf', 'root.hints', 'unbound.ctl'].map(name =>
    join(folder, name),
  ) as [string, string, string]
  writeFileSync(hints, `. 3600 NS a.root.example.\na.root.example. 3600 A ${block.authority}\n`)
  writeFileSync(
    configuration,
    `server:
  interface: ${block.resolver}
  root-hints: "${hints}"
  do-not-query-localhost: no
  use-syslog: no
  pidfile: ""
remote-control:
  control-enable: yes
  control-interface: "${control}"
`,
  )
  const ask = (command: string): string =>
    execFileSync('unbound-control', ['-c', configuration, command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const runs = (): boolean => {
    try {
      return ask('status').includes('is running')
    } catch {
      return false
    }
  }
  const child = await startProgram('unbound', ['-d', '-p', '-c', configuration], runs)
  return {
    statistics: () =>
      Object.fromEntries(
        [...ask('stats_noreset').matchAll(/^(\S+)=(\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]),
      ),
    stop: () => endProgram(child),
  }
}
