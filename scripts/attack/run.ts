/**
 * Attacks at full size against the daemon (`npm run attack -- [NAME…] [--connections 100] [--seconds 30]`).
 *
 *   own-zone     mails whose names make lookups that outlive them
 *   slow-names   mails whose names are never answered
 *
 * Each attack keeps so many connections busy for so long, with the next mail as soon as the last one is answered, while a
 * good mail of others comes four times a second. What has to hold: all good mails are accepted, about as fast as without an
 * attack; no mail costs more than 120 queries and their tries; no mail passes unscored. The first row is no attack at all.
 *
 * The lists answer after 300 ms, as over the Internet; all traffic is on loopback. Exit status 1 if a good mail was not
 * accepted or an attacker's passed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { GOOD_ANSWER, goodMail, SCENARIOS, type Scenario } from '../../testkit/attack-scenarios.ts'

const GOOD_EVERY_MS = 250
/** How long an answer is waited for: Postfix's own time-out. */
const PATIENCE_MS = 100_000

/** What an attack did. */
interface Result {
  readonly answered: number
  readonly passed: number
  readonly packets: number
  /** Milliseconds of each good mail, and answers to them that were not the one wanted. */
  readonly goodMs: readonly number[]
  readonly wrong: readonly string[]
}

/** One request over a connection; `''`: closed, or not answered in time. */
function exchange(socket: Socket, attributes: Record<string, string>): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    const timer = setTimeout(() => settle(''), PATIENCE_MS)
    const settle = (answer: string): void => {
      clearTimeout(timer)
      socket.off('data', received).off('close', closed)
      resolve(answer)
    }
    const closed = (): void => settle('')
    const received = (bytes: Buffer): void => {
      text += bytes.toString('latin1')
      if (text.endsWith('\n\n')) settle(text)
    }
    socket.on('data', received).once('close', closed)
    socket.write(requestBytes(attributesOf(attributes)))
  })
}

function open(path: string): Socket {
  const socket = connect(path)
  socket.on('error', () => {})
  return socket
}

async function countOf(dns: ChildProcess): Promise<number> {
  dns.send('count')
  const [count] = await once(dns, 'message')
  return count
}

/** Runs one attack against a daemon of its own; `none` is none. */
async function attack(name: string, connections: number, seconds: number): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'polw-'))
  chmodSync(folder, 0o755)
  const dns = fork(fileURLToPath(new URL('dns-process.ts', import.meta.url)), [name])
  const [port] = await once(dns, 'message')
  // A good mail is looked up each time.
  const parameters = { NS: `127.0.0.1:${port}`, MAX_PROC: 50, CACHESIZE: 0, POSCACHESIZE: 0 }
  const daemon = await startDaemon(join(folder, 'd'), parameters)
  try {
    const before = await countOf(dns)
    const load = await send(daemon.socketPath, SCENARIOS.get(name), connections, seconds)
    return { ...load, packets: (await countOf(dns)) - before }
  } finally {
    await daemon.stop()
    dns.disconnect()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Sends an attacker's mails and, meanwhile, good ones. */
async function send(
  path: string,
  scenario: Scenario | undefined,
  connections: number,
  seconds: number,
): Promise<Omit<Result, 'packets'>> {
  const goodMs: number[] = []
  const wrong = new Set<string>()
  let [sent, answered, passed, isOver] = [0, 0, 0, false]
  const sendAttackers = async (attacker: Scenario): Promise<void> => {
    const socket = open(path)
    while (!isOver && !socket.destroyed) {
      const answer = await exchange(socket, attacker.mail(sent++))
      if (answer !== '') answered++
      if (answer.includes('passed - ')) passed++
    }
    socket.destroy()
  }
  const sendGood = async (n: number): Promise<void> => {
    const startMs = performance.now()
    const socket = open(path)
    const answer = await exchange(socket, goodMail(n))
    goodMs.push(performance.now() - startMs)
    if (answer !== GOOD_ANSWER) wrong.add(answer === '' ? 'no answer' : answer.trim())
    socket.destroy()
  }
  if (scenario) for (let i = 0; i < connections; i++) void sendAttackers(scenario)
  const good: Promise<void>[] = []
  for (let n = 0; n < (seconds * 1000) / GOOD_EVERY_MS; n++) {
    await pause(GOOD_EVERY_MS)
    good.push(sendGood(n))
  }
  await Promise.all(good)
  isOver = true
  return { answered, passed, goodMs, wrong: [...wrong] }
}

const COLUMNS = ['mails', 'passed', 'packets', 'a mail', 'good mails', 'median ms', 'longest ms', 'wrong']

function row(title: string, cells: readonly (string | number)[]): string {
  return title.padEnd(34) + cells.map(cell => String(cell).padStart(11)).join('')
}

function rowOf(title: string, { answered, passed, packets, goodMs, wrong }: Result): string {
  const sorted = goodMs.toSorted((a, b) => a - b)
  const [median = 0, longest = 0] = [sorted[sorted.length >> 1], sorted.at(-1)]
  const mails = answered + goodMs.length
  const figures = [answered, passed, packets, (packets / mails).toFixed(0), goodMs.length]
  return row(title, [...figures, median.toFixed(0), longest.toFixed(0), wrong.length])
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { connections: { type: 'string', default: '100' }, seconds: { type: 'string', default: '30' } },
    allowPositionals: true,
  })
  const unknown = positionals.find(name => !SCENARIOS.has(name))
  if (unknown !== undefined) throw new Error(`no attack ${unknown}; there are ${[...SCENARIOS.keys()].join(', ')}`)
  const names = positionals.length > 0 ? positionals : [...SCENARIOS.keys()]
  console.log(row(`${values.connections} connections, ${values.seconds} s`, COLUMNS))
  for (const name of ['none', ...names]) {
    const result = await attack(name, Number(values.connections), Number(values.seconds))
    console.log(rowOf(SCENARIOS.get(name)?.title ?? 'no attack', result))
    for (const answer of result.wrong) console.log(`  a good mail was answered: ${answer}`)
    if (result.wrong.length + result.passed > 0) process.exitCode = 1
  }
}

await main()
