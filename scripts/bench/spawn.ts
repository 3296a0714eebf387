/**
 * What a mail costs: whole-process time from spawn to exit (`npm run bench:spawn [-- --rounds 40 --strict]`).
 *
 * Postfix's spawn(8) starts a process for a connection, so starting is what counts. Each figure is the median of
 * its rounds, set against that of `node empty.js`, which runs before each of them: both see the same machine. Where DNS
 * has a delay, the target is so many round trips and a margin on top of bare Node.
 *
 *   empty sender   nothing is looked up
 *   hits           known to the cache: nothing is looked up either
 *   good mail      two round trips: everything, then the address of the sender's exchange
 *   forged mail    five at most
 *
 * The configuration has every parameter written out, the environment of the processes is empty, as under spawn(8). Prints
 * a table. A target that is missed is shown, and with --strict it is exit status 1: a benchmark says what is, a test what
 * must be.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { attributesOf, type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { fullConfigurationText, keepConfiguration } from './full-configuration.ts'
import { quantile } from './side-by-side/samples.ts'

const REPLY_DELAY_MS = 50

interface Figure {
  readonly title: string
  readonly mail: DemoMail
  readonly replyDelayMs: number
  /** Whether the mail is known to the cache, from a first run that does not count. */
  readonly cached?: true
  /** The time it may take, given that of bare Node. */
  readonly targetMs: (bareMs: number) => number
  readonly target: string
}

function timesNode(most: number): Pick<Figure, 'target' | 'targetMs'> {
  return { target: `${most.toFixed(2)} x node`, targetMs: bareMs => most * bareMs }
}

const FIGURES: readonly Figure[] = [
  { title: 'empty sender', mail: { ...GOOD_MAIL, sender: '' }, replyDelayMs: 0, ...timesNode(1.1) },
  { title: 'hard HAM hit', mail: GOOD_MAIL, replyDelayMs: 0, cached: true, ...timesNode(1.15) },
  { title: 'SPAM hit', mail: FORGED_MAIL, replyDelayMs: 0, cached: true, ...timesNode(1.15) },
  { title: 'good mail', mail: GOOD_MAIL, replyDelayMs: 0, ...timesNode(1.28) },
  {
    title: `good mail, ${REPLY_DELAY_MS} ms a reply`,
    mail: GOOD_MAIL,
    replyDelayMs: REPLY_DELAY_MS,
    targetMs: bareMs => bareMs + 2 * REPLY_DELAY_MS + 20,
    target: `node + 2 x ${REPLY_DELAY_MS} + 20 ms`,
  },
  {
    title: `forged mail, ${REPLY_DELAY_MS} ms a reply`,
    mail: FORGED_MAIL,
    replyDelayMs: REPLY_DELAY_MS,
    targetMs: bareMs => bareMs + 5 * REPLY_DELAY_MS + 25,
    target: `node + 5 x ${REPLY_DELAY_MS} + 25 ms`,
  },
]

const CACHE_OFF = { CACHESIZE: 0, POSCACHESIZE: 0 }
/** Entries are hard from the next second on, and nothing ever runs out. */
const KNOWN_FOR_LONG = { TEMP_PTIME: 0, PTTL: 1_000_000, PTIME: '1d', NTIME: 3600 }

/** Milliseconds of each round. */
interface Samples {
  readonly bareMs: number[]
  readonly mailMs: number[]
}

/** Runs `node empty.js` and the mail by turns. Throws if the mail is not answered. */
async function measure(mail: DemoMail, configuration: string, empty: string, rounds: number): Promise<Samples> {
  const samples: Samples = { bareMs: [], mailMs: [] }
  for (let round = 0; round < rounds; round++) {
    samples.bareMs.push((await runPolicyProcess([process.execPath, empty], Buffer.alloc(0))).elapsedMs)
    const command = [process.execPath, 'dist/policyd-weight', '-f', configuration]
    // Another mail each time: the other recipients of one are answered by other means.
    const input = requestBytes({ ...attributesOf(mail), instance: `${round}.${process.pid}` })
    const { status, stdout, elapsedMs } = await runPolicyProcess(command, input)
    if (status !== 0 || !stdout.startsWith('action=')) throw new Error(`${mail.title}: no answer (status ${status})`)
    samples.mailMs.push(elapsedMs)
  }
  return samples
}

function row(...[title = '', ...cells]: readonly string[]): string {
  return title.padEnd(26) + cells.map(cell => cell.padStart(9)).join('')
}

async function startDnsProcess(delayMs: number): Promise<{ port: number; server: ChildProcess }> {
  const server = fork(join(dirname(fileURLToPath(import.meta.url)), 'dns-process.ts'), [String(delayMs)])
  const [port] = await once(server, 'message')
  return { port, server }
}

async function main(rounds: number, strict: boolean): Promise<number> {
  // The cache lies on a tmpfs, as in /run.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'policyd-weight-bench-'))
  const empty = join(folder, 'empty.js')
  writeFileSync(empty, '')
  const servers: ChildProcess[] = []
  let missed = 0
  console.log(`Node ${process.version}, ${rounds} rounds each, milliseconds from spawn to exit\n`)
  console.log(`${row('', 'node', 'median', 'p90', 'x node', 'at most')}       target`)
  try {
    for (const { title, mail, replyDelayMs, cached, target, targetMs } of FIGURES) {
      const { port, server } = await startDnsProcess(replyDelayMs)
      servers.push(server)
      const configuration = join(folder, 'policyd-weight.conf')
      const parameters = { NS: `127.0.0.1:${port}`, LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log') }
      writeFileSync(configuration, fullConfigurationText({ ...parameters, ...(cached ? KNOWN_FOR_LONG : CACHE_OFF) }))
      await keepConfiguration([process.execPath, 'dist/policyd-weight', '-f', configuration])
      if (cached) {
        await measure(mail, configuration, empty, 1)
        await new Promise(resolve => setTimeout(resolve, 1000))
      }
      const { bareMs, mailMs } = await measure(mail, configuration, empty, rounds)
      const bare = quantile(bareMs, 0.5)
      const median = quantile(mailMs, 0.5)
      const ok = median <= targetMs(bare)
      if (!ok) missed++
      const cells = [bare, median, quantile(mailMs, 0.9)].map(ms => ms.toFixed(1))
      const figures = row(title, ...cells, (median / bare).toFixed(2), targetMs(bare).toFixed(1))
      console.log(`${figures}  ${ok ? 'ok  ' : 'MISS'} ${target}`)
    }
  } finally {
    for (const server of servers) server.disconnect()
    rmSync(folder, { recursive: true, force: true })
  }
  return strict && missed > 0 ? 1 : 0
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, strict: { type: 'boolean', default: false } },
})
process.exitCode = await main(Number(values.rounds), values.strict)
