/**
 * Many processes, some of which are killed, and a journal that is moved away meanwhile: each decision that was answered has exactly
 * one whole line, but for the one that a process was killed at.
 *
 * `JOURNAL_DECISIONS`, `JOURNAL_PROCESSES`, `JOURNAL_KILLS`: for the long run, `npm run test:journal`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { partBytes, partsOf } from '../../src/journal/parts.ts'
import { readJournal, type Reading } from '../../src/journal/read-journal.ts'
import { connectTo, DAEMON_USER, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'
import { configurationText, inEmptyEnvironment, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const DECISIONS = Number(process.env.JOURNAL_DECISIONS ?? 12_000)
const PROCESSES = Number(process.env.JOURNAL_PROCESSES ?? 16)
const KILLS = Number(process.env.JOURNAL_KILLS ?? 6)
/** Megabytes: room for all, in several parts; a record of these has some 330 bytes. */
const SIZE = Math.ceil((DECISIONS * 500) / 1e6)

const recipientOf = (writer: number, number: number): string => `postmaster@w${writer}-${number}.example`

function requestOf(writer: number, number: number): Buffer {
  const request = 'smtpd_access_policy'
  return requestBytes({
    request,
    client_address: '192.0.2.1',
    sender: 'a@example.org',
    recipient: recipientOf(writer, number),
  })
}

/** How often each recipient is in the journal. */
function recipientsIn(journal: string): { readonly counts: Map<string, number>; readonly reading: Reading } {
  const counts = new Map<string, number>()
  const reading = { torn: 0, bytes: 0 }
  for (const { request } of readJournal(journal, 0, reading)) {
    counts.set(request.recipient, (counts.get(request.recipient) ?? 0) + 1)
  }
  return { counts, reading }
}

/** A process as spawn(8) starts it, which is asked one request after the other; how many it has answered. */
async function converse(configuration: string, writer: number, requests: number, killAt: number): Promise<number> {
  const { file, args, env } = inEmptyEnvironment([process.execPath, EXECUTABLE, '-f', configuration])
  const child: ChildProcess = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  child.stdin?.on('error', () => {})
  let answered = 0
  child.stdout?.on('data', (bytes: Buffer) => {
    for (const byte of bytes.toString('latin1').match(/action=DUNNO mail for/g) ?? []) answered += byte === '' ? 0 : 1
    if (answered >= killAt) child.kill('SIGKILL')
  })
  // A few at a time, as they fit into the pipe.
  for (let number = 0; number < requests; number++) {
    if (child.stdin?.write(requestOf(writer, number)) === false)
      await Promise.race([once(child.stdin, 'drain').catch(() => {}), closed])
    if (child.exitCode !== null || child.signalCode !== null) break
  }
  child.stdin?.end()
  await closed
  return answered
}

t.test('processes that Postfix starts', async t => {
  const folder = socketFolder(t)
  const [journal, configuration] = [join(folder, 'journal'), join(folder, 'conf')]
  mkdirSync(join(folder, 'cache'), { mode: 0o700 })
  const log = join(folder, 'log')
  const own = { JOURNAL: journal, JOURNAL_SIZE: SIZE, LOCKPATH: join(folder, 'cache'), LOGFILE: log }
  writeFileSync(configuration, configurationText(own))
  const each = Math.ceil(DECISIONS / (PROCESSES + KILLS))
  const writers = Array.from({ length: PROCESSES + KILLS }, (_, writer) => {
    const killAt = writer < KILLS ? Math.ceil((each * (writer + 1)) / (KILLS + 1)) : Number.POSITIVE_INFINITY
    return { writer, killAt }
  })
  const answered = new Map<number, number>()
  const run = async ({ writer, killAt }: (typeof writers)[number]): Promise<void> => {
    answered.set(writer, await converse(configuration, writer, each, killAt))
  }
  // PROCESSES at once; each that ends makes room for another.
  const waiting = [...writers]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await run(next)
  }
  await Promise.all(Array.from({ length: PROCESSES }, worker))

  const { counts, reading } = recipientsIn(journal)
  let missing = 0
  for (const { writer, killAt } of writers) {
    const count = answered.get(writer) ?? 0
    if (killAt === Number.POSITIVE_INFINITY) t.equal(count, each, `process ${writer} has answered all`)
    for (let number = 0; number < count; number++) {
      const lines = counts.get(recipientOf(writer, number)) ?? 0
      const isLast = killAt !== Number.POSITIVE_INFINITY && number === count - 1
      if (lines !== 1 && !(isLast && lines === 0)) t.fail(`${recipientOf(writer, number)} has ${lines} lines`)
      if (lines === 0) missing++
    }
  }
  t.ok(missing <= KILLS, `${missing} of ${DECISIONS} answers are without a line, ${KILLS} processes were killed`)
  t.ok(reading.torn <= KILLS, `${reading.torn} lines are torn`)
  const parts = partsOf(journal)
  t.ok(parts.length > 3, `it was moved away ${parts.length - 1} times`)
  for (const { path, bytes } of parts) {
    t.ok(bytes <= partBytes(SIZE) + PROCESSES * 1000, `${path} has ${bytes} bytes`)
    t.equal(statSync(path).mode & 0o777, 0o600, 'nobody else reads it')
  }
})

t.test('the daemon, whose workers are killed', async t => {
  const folder = socketFolder(t)
  const journal = join(folder, 'journal')
  const decisions = Math.ceil(DECISIONS / 2)
  const connections = Math.min(PROCESSES, 32)
  const each = Math.ceil(decisions / connections)
  const daemon = await startDaemon(folder, {
    JOURNAL: journal,
    JOURNAL_SIZE: SIZE,
    MAX_PROC: 2,
    USER: DAEMON_USER.name,
  })
  const killed = new Set<number>()
  let kills = 0
  const everyDecisions = Math.ceil(decisions / (KILLS + 1))
  let done = 0
  const uncertain = new Set<string>()
  const certain: string[] = []
  const converseOver = async (connection: number): Promise<void> => {
    let client = await connectTo(daemon.socketPath)
    let answers = 0
    for (let number = 0; number < each; number++) {
      const recipient = recipientOf(1000 + connection, number)
      try {
        await client.ask(requestOf(1000 + connection, number), ++answers)
        certain.push(recipient)
      } catch {
        uncertain.add(recipient)
        const last = certain.findLast(name => name.startsWith(`postmaster@w${1000 + connection}-`))
        if (last !== undefined) uncertain.add(last)
        answers = 0
        client = await connectTo(daemon.socketPath)
      }
      done++
      if (kills < KILLS && done >= (kills + 1) * everyDecisions) {
        kills++
        const worker = daemon.workers().find(pid => !killed.has(pid))
        if (worker !== undefined) {
          killed.add(worker)
          process.kill(worker, 'SIGKILL')
        }
      }
    }
    client.socket.end()
  }
  await Promise.all(Array.from({ length: connections }, (_, connection) => converseOver(connection)))
  await waitFor('workers', () => daemon.workers().length > 0)
  t.equal(await daemon.stop(), 0)
  t.equal(kills, KILLS)
  const { counts, reading } = recipientsIn(journal)
  let missing = 0
  for (const recipient of certain) {
    const lines = counts.get(recipient) ?? 0
    if (lines === 0 && uncertain.has(recipient)) missing++
    else if (lines !== 1) t.fail(`${recipient} has ${lines} lines`)
  }
  t.ok(missing <= KILLS * connections, `${missing} answers of a killed worker's last turn are without a line`)
  t.ok(reading.torn <= KILLS)
  t.ok(partsOf(journal).length > 1)
})
