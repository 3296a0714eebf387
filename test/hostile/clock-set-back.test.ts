/**
 * The clock of the machine is set back by an hour while mail is decided: nothing that is logged or printed says that something
 * took less than no time, or was a negative time ago.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const MOVED_CLOCK = join(dirname(fileURLToPath(import.meta.url)), '..', 'support', 'moved-clock.cjs')
/** `-3600s`, `-0.4 ms`, `-1 h ago`; not `NOT_IN_L=-1.5`. */
const NEGATIVE = /(?<![\w.=-])-\d[\d.]* ?(?:ms|s|min|h|d)\b/
const DECIDED = /^.*: decided action=.*; delay: 0s$/m

/** What a process runs with, whose clock is set back as soon as it asks for a name. */
interface Setting {
  readonly folder: string
  /** In front of the executable. */
  readonly command: readonly string[]
  readonly parameters: Parameters
  /** The clock is where it was. */
  reset(): void
  /** Whether questions leave the clock alone. */
  keepSteady(steady: boolean): void
  /** Whether it has been set back. */
  isSetBack(): boolean
}

async function setUp(t: Test): Promise<Setting> {
  const folder = socketFolder(t)
  const clock = join(folder, 'clock')
  const preload = join(folder, 'moved-clock.cjs')
  copyFileSync(MOVED_CLOCK, preload)
  // Put in place whole: a process may be reading it.
  const move = (seconds: string): void => {
    writeFileSync(`${clock}.new`, seconds)
    renameSync(`${clock}.new`, clock)
  }
  const reset = (): void => move('0')
  reset()
  let isSteady = false
  const dns = await startDnsServer(
    { 'example.org': { A: ['192.0.2.10'] }, 'mail.example.org': { A: ['192.0.2.10'] } },
    {
      tamper: () => {
        if (!isSteady) move('-3600')
        return undefined
      },
    },
  )
  t.teardown(() => dns.close())
  return {
    folder,
    command: [process.execPath, '--require', preload, EXECUTABLE],
    parameters: { NS: `127.0.0.1:${dns.port}`, DNS_RETRIES: 0, dnsbl_score: ['l.test', 5, -1, 'L'], rhsbl_score: [] },
    reset,
    keepSteady(steady) {
      isSteady = steady
    },
    isSetBack: () => readFileSync(clock, 'utf8') !== '0',
  }
}

t.test('a process of spawn(8), -d, and what -s shows of its cache', async t => {
  const { folder, command, parameters, reset, keepSteady, isSetBack } = await setUp(t)
  const [file, log] = [join(folder, 'conf'), join(folder, 'log')]
  mkdirSync(join(folder, 'cache'))
  writeFileSync(file, configurationText({ ...parameters, LOGFILE: log, LOCKPATH: `${folder}/cache/` }))
  const run = (options: readonly string[], input: Buffer = Buffer.alloc(0)) =>
    runPolicyProcess([...command, '-f', file, ...options], input)
  const request = (instance: string) => requestBytes(attributesOf({ instance }))

  t.match(await run([], request('i1')), { status: 0, stdout: /^action=/ })
  t.ok(isSetBack(), 'while it was decided')
  t.match(readFileSync(log, 'latin1'), DECIDED)
  t.notMatch(readFileSync(log, 'latin1'), NEGATIVE)

  reset()
  const explained = await run(['-d'], request('i2'))
  t.ok(isSetBack())
  t.match(explained, { status: 0, stdout: /\nlookup .* \d+\.\d ms / })
  t.match(explained.stdout, /\nlog {7}decided .*; delay: 0s\n/)
  t.notMatch(explained.stdout, NEGATIVE)

  // One entry of before, and one of now.
  keepSteady(true)
  reset()
  t.match(await run([], request('i3')), { status: 0 })
  keepSteady(false)
  t.match(await run([], request('i4')), { status: 0 })
  t.ok(isSetBack())
  const shown = await run(['-s'])
  t.match(shown, { status: 0, stdout: /\d+ s ago/ })
  t.match(shown.stdout, 'in the future')
  t.notMatch(shown.stdout, NEGATIVE)
})

t.test('the daemon, and what status says of it', async t => {
  const { folder, command, parameters, isSetBack } = await setUp(t)
  const daemon = await startDaemon(join(folder, 'd'), parameters, {
    command: file => [...command, '-f', file, '-D', 'start'],
  })
  t.teardown(() => daemon.stop())
  const client = await connectTo(daemon.socketPath)
  await client.ask(requestBytes(attributesOf()), 1)
  t.ok(isSetBack(), 'while it was decided')
  process.kill(daemon.workers()[0] as number, 'SIGKILL')
  await waitFor('another worker', () => daemon.log().some(line => line.includes('a worker has died')))
  const status = await runPolicyProcess([...command, '-f', daemon.configuration, 'status'], Buffer.alloc(0))
  t.match(status, { status: 0, stdout: /^running, process \d+, for \d+ min \d+ s, / })
  t.notMatch(status.stdout, NEGATIVE)
  t.equal(await daemon.stop(), 0)
  t.match(readFileSync(join(daemon.folder, 'log'), 'latin1'), DECIDED)
  t.notMatch(readFileSync(join(daemon.folder, 'log'), 'latin1'), NEGATIVE)
})

t.test('what counts as negative', async t => {
  for (const text of ['delay: -3600s', 'for -1 h', ' -0.4 ms']) t.match(text, NEGATIVE)
  for (const text of ['NOT_IN_L=-1.5; rate: -1.5', 'a-1 s', '2026-11-28 d']) t.notMatch(text, NEGATIVE)
})
