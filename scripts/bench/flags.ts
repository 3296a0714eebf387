/**
 * Which flags of Node and V8 shorten a start (`npm run bench:flags [-- --rounds 60 NODE...]`).
 *
 * A flag could stand in master.cf's argv or in the executable's first line. For each Node given, or the one that runs this:
 * bare `node empty.js`, an empty sender and a HAM hit, each with the flag and without it by turns; the executable is
 * prepared for that Node first, without flags, as an administrator would. Prints the median with the flag as a ratio to the
 * one without: below 1 the flag helps. A flag that a Node does not know is said to be unknown.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDnsServer } from '../../test/support/dns-server.ts'
import { requestBytes, runPolicyProcess } from '../../test/support/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../demo/mails.ts'
import { DEMO_ZONE } from '../demo/zone.ts'
import { fullConfigurationText } from './full-configuration.ts'
import { quantile } from './side-by-side/samples.ts'

const FLAGS = [
  '--v8-pool-size=0',
  '--v8-pool-size=1',
  '--no-verify-snapshot-checksum',
  '--single-threaded-gc',
  '--single-threaded',
  '--jitless',
  '--no-opt',
  '--max-lazy',
  '--no-flush-bytecode',
  '--min-semi-space-size=16',
]

interface Start {
  readonly title: string
  readonly args: readonly string[]
  readonly input: (round: number) => Buffer
}

async function ratio(node: string, flag: string, { args, input }: Start, rounds: number): Promise<number> {
  const plain: number[] = []
  const flagged: number[] = []
  for (let round = 0; round < rounds; round++) {
    plain.push((await runPolicyProcess([node, ...args], input(2 * round))).elapsedMs)
    flagged.push((await runPolicyProcess([node, flag, ...args], input(2 * round + 1))).elapsedMs)
  }
  return quantile(flagged, 0.5) / quantile(plain, 0.5)
}

async function main(nodes: readonly string[], rounds: number): Promise<void> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'policyd-weight-bench-'))
  const dns = await startDnsServer(DEMO_ZONE)
  try {
    const executable = join(folder, 'policyd-weight')
    const configuration = join(folder, 'policyd-weight.conf')
    cpSync('dist/policyd-weight', executable)
    const places = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log') }
    const known = { TEMP_PTIME: 0, PTTL: 1_000_000, PTIME: '1d' }
    writeFileSync(configuration, fullConfigurationText({ ...places, ...known }))
    writeFileSync(join(folder, 'empty.js'), '')
    const serve = [executable, '-f', configuration]
    const hit = (round: number): Buffer =>
      requestBytes({ ...attributesOf(GOOD_MAIL), instance: `${round}.${Date.now()}` })
    const starts: readonly Start[] = [
      { title: 'bare node', args: [join(folder, 'empty.js')], input: () => Buffer.alloc(0) },
      { title: 'empty sender', args: serve, input: () => requestBytes({ ...attributesOf(GOOD_MAIL), sender: '' }) },
      { title: 'HAM hit', args: serve, input: hit },
    ]
    for (const node of nodes) {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
      execFileSync(node, [executable, '-f', configuration, 'prepare'], { stdio: 'ignore' })
      await runPolicyProcess([node, ...serve], hit(-1))
      // It is known for good from the next second on.
      await new Promise(resolve => setTimeout(resolve, 1000))
      console.log(`\nNode ${version}, ${rounds} rounds; time with the flag ÷ time without`)
      console.log(`${''.padEnd(32)}${starts.map(({ title }) => title.padStart(14)).join('')}`)
      for (const flag of FLAGS) {
        const cells: string[] = []
        for (const start of starts)
          cells.push(
            spawnSync(node, [flag, '--version']).status === 0
              ? (await ratio(node, flag, start, rounds)).toFixed(3)
              : 'unknown',
          )
        console.log(`${flag.padEnd(32)}${cells.map(cell => cell.padStart(14)).join('')}`)
      }
    }
  } finally {
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '60' } },
})
await main(positionals.length > 0 ? positionals : [process.execPath], Number(values.rounds))
