/**
 * One start of the executable, looked at from all sides, for the budgets.
 *
 *   new StartWatch(folder).started(request) → modules and programs; .traced(…) → system calls; .times(…)
 *
 * Each is set against bare Node (`node empty.js`), looked at in the same way. The executable is a copy, prepared as an operator
 * would (`policyd-weight prepare`), with every parameter in the configuration and a cache that knows the good mail of the demo. Failure: an error with what the
 * process said.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DnsServer, startDnsServer } from '../../testkit/dns-server.ts'
import { requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { fullConfigurationText, keepConfiguration } from '../bench/full-configuration.ts'
import { until } from '../bench/side-by-side/until.ts'
import { attributesOf, type DemoMail, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, '..', '..', 'dist')
const DEMO_HIT = 'rate:hard'
/** Entries are hard from the next second on, and nothing ever runs out. */
const KNOWN_FOR_LONG = { TEMP_PTIME: 0, PTTL: 1_000_000, PTIME: '1d', NTIME: 3600 }

export interface Started {
  /** What is loaded beyond bare Node: `NativeModule dgram`. */
  readonly modules: readonly string[]
  readonly programs: readonly { readonly name: string; readonly bytes: number; readonly isCached: boolean }[]
}

/** A request and what its answer contains. */
export interface Asked {
  readonly mail: DemoMail
  readonly expected: string
  /** Which configuration: one whose cache knows the mail, or one that remembers nothing. */
  readonly cached: boolean
}

export const NO_DNS: Asked = { mail: { ...GOOD_MAIL, sender: '' }, expected: 'DUNNO NULL', cached: true }
export const HIT: Asked = { mail: GOOD_MAIL, expected: DEMO_HIT, cached: true }
export const MISS: Asked = { mail: GOOD_MAIL, expected: 'CL_IP_EQ_FROM_MX', cached: false }

export class StartWatch {
  readonly executable: string
  readonly #folder: string
  readonly #dns: DnsServer
  readonly #empty: string
  #asked = 0

  private constructor(folder: string, dns: DnsServer) {
    this.#folder = folder
    this.#dns = dns
    this.executable = join(folder, 'policyd-weight')
    this.#empty = join(folder, 'empty.js')
  }

  /** Prepares everything in an empty folder. */
  static async open(folder: string): Promise<StartWatch> {
    const watch = new StartWatch(folder, await startDnsServer(DEMO_ZONE))
    copyFileSync(join(dist, 'policyd-weight'), watch.executable)
    copyFileSync(join(dist, 'package.json'), join(folder, 'package.json'))
    writeFileSync(watch.#empty, '')
    const prepared = spawnSync(process.execPath, [watch.executable, 'prepare'], { env: {}, encoding: 'utf8' })
    if (prepared.status !== 0) throw new Error(`prepare: ${prepared.stdout}${prepared.stderr}`)
    watch.#configure('known', KNOWN_FOR_LONG)
    watch.#configure('unknown', { CACHESIZE: 0, POSCACHESIZE: 0 })
    for (const asked of [HIT, MISS]) await keepConfiguration(watch.#command(asked))
    await until('the good mail is known', async () => (await watch.run(HIT, { mayDiffer: true })).includes(DEMO_HIT))
    return watch
  }

  close(): Promise<void> {
    return this.#dns.close()
  }

  #configure(name: string, more: Readonly<Record<string, string | number>>): void {
    const run = join(this.#folder, name)
    mkdirSync(run, { mode: 0o700 })
    const own = { NS: `127.0.0.1:${this.#dns.port}`, LOCKPATH: `${run}/`, LOGFILE: join(this.#folder, 'log') }
    writeFileSync(join(this.#folder, `${name}.conf`), fullConfigurationText({ ...own, ...more }))
  }

  /** Runs the executable once; `tool` stands in front of Node, `nodeArguments` behind it. Returns the answer. */
  async run(
    { mail, expected, cached }: Asked,
    options: { tool?: readonly string[]; nodeArguments?: readonly string[]; mayDiffer?: boolean } = {},
  ): Promise<string> {
    const { tool = [], nodeArguments = [], mayDiffer = false } = options
    const command = [...tool, ...this.#command({ cached }, nodeArguments)]
    const instance = `budgets.${++this.#asked}`
    const { status, stdout, stderr } = await runPolicyProcess(
      command,
      requestBytes({ ...attributesOf(mail), instance }),
    )
    if (status !== 0 || !stdout.startsWith('action=') || !(mayDiffer || stdout.includes(expected)))
      throw new Error(`${command.join(' ')}: status ${status}, not the expected answer: ${stdout}${stderr}`)
    return stdout
  }

  #command({ cached }: Pick<Asked, 'cached'>, nodeArguments: readonly string[] = []): string[] {
    const configuration = join(this.#folder, cached ? 'known.conf' : 'unknown.conf')
    return [process.execPath, ...nodeArguments, this.executable, '-f', configuration]
  }

  /** Milliseconds of `node empty.js` and of the executable, by turns. */
  async times(asked: Asked, rounds: number): Promise<{ bareMs: number[]; ownMs: number[] }> {
    const bareMs: number[] = []
    const ownMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      bareMs.push((await this.#runBare([])).elapsedMs)
      const startMs = performance.now()
      await this.run(asked)
      ownMs.push(performance.now() - startMs)
    }
    return { bareMs, ownMs }
  }

  async #runBare(tool: readonly string[], nodeArguments: readonly string[] = []): Promise<{ elapsedMs: number }> {
    const startMs = performance.now()
    const command = [...tool, process.execPath, ...nodeArguments, this.#empty]
    const { status, stderr } = await runPolicyProcess(command, Buffer.alloc(0))
    if (status !== 0) throw new Error(`${command.join(' ')}: status ${status} ${stderr}`)
    return { elapsedMs: performance.now() - startMs }
  }

  /** What a start loads and compiles. */
  async started(asked: Asked): Promise<Started> {
    const note = join(this.#folder, 'started.json')
    const tool = ['/usr/bin/env', `STARTED_JSON=${note}`]
    const nodeArguments = ['--require', join(here, 'watch-start.cjs')]
    const noted = (): Started => JSON.parse(readFileSync(note, 'utf8'))
    await this.#runBare(tool, nodeArguments)
    const bare = new Set(noted().modules)
    rmSync(note)
    await this.run(asked, { tool, nodeArguments })
    const { modules, programs } = noted()
    return { modules: modules.filter(module => !bare.has(module)), programs }
  }

  /** The output file of a tool that is told where to write, of bare Node and of the executable. */
  async #under(asked: Asked, toolWith: (output: string) => readonly string[]): Promise<[bare: string, own: string]> {
    const output = join(this.#folder, 'tool-output')
    const read = (): string => {
      const text = readFileSync(output, 'latin1')
      rmSync(output)
      return text
    }
    await this.#runBare(toolWith(output))
    const bare = read()
    await this.run(asked, { tool: toolWith(output) })
    return [bare, read()]
  }

  /** The traces of strace, with all threads. */
  traces(asked: Asked): Promise<[bare: string, own: string]> {
    return this.#under(asked, output => ['strace', '-f', '-qq', '-o', output])
  }

  /** DNS queries that the verdict about a mail takes, with nothing remembered. */
  async queries(mail: DemoMail): Promise<number> {
    const before = this.#dns.queries.length
    await this.run({ mail, expected: '', cached: false })
    return this.#dns.queries.length - before
  }
}
