/** `lists` and `check --dns` of the executable, against name servers that do what they should not. */
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openStore } from '../../src/cache/store.ts'
import { limitsOf } from '../../src/cache/cache.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { verdictHash } from '../../src/config/verdict-hash.ts'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from '../../testkit/executable.ts'
import { testNative } from '../../testkit/native.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'

type Run = (
  input: string | Buffer,
  ...args: readonly string[]
) => Promise<{ status: number | string; stdout: string; stderr: string }>

const ZONE: DnsZone = {
  'a.root-servers.net': { A: ['198.41.0.4'] },
  '2.0.0.127.good.example': { A: ['127.0.0.2'] },
  '10.2.0.192.good.example': { A: ['127.0.0.2'] },
  '2.0.0.127.zen.spamhaus.org': { A: ['127.255.255.254'] },
  '1.0.0.127.zen.spamhaus.org': { A: ['127.255.255.254'] },
  'test.everybody.example': { A: ['127.0.0.2'] },
  'invalid.everybody.example': { A: ['127.0.0.2'] },
}

async function setUp(
  t: Test,
  zone: DnsZone = ZONE,
  isRewritten = false,
  more: Parameters = {},
): Promise<{ folder: string; run: Run }> {
  const dns = await startDnsServer(zone, isRewritten ? { madeUp: () => ({ A: ['198.51.100.9'] }) } : {})
  t.teardown(() => dns.close())
  const folder = t.testdir({ cache: {}, state: {} })
  const file = join(folder, 'conf')
  writeFileSync(
    file,
    configurationText({
      NS: `127.0.0.1:${dns.port}`,
      LOCKPATH: `${folder}/cache`,
      LEDGER: join(folder, 'state', 'ledger'),
      LOGFILE: join(folder, 'log'),
      DNS_RETRIES: 0,
      DNS_RETRY_IVAL: 0.5,
      dnsbl_score: ['good.example', 1, 0, 'GOOD', 'zen.spamhaus.org', 1, 0, 'ZEN'],
      rhsbl_score: ['everybody.example', 2, 0, 'EVERYBODY'],
      ...more,
    }),
  )
  const run: Run = (input, ...args) =>
    tryExecutable(folder, { file, input, command: () => [process.execPath, EXECUTABLE, '-f', file, ...args] })
  return { folder, run }
}

t.test('what lists were asked, and what they answer now', async t => {
  const { run } = await setUp(t)
  t.match(await run('', 'lists'), {
    status: 0,
    stdout: /; no count of today\nwhat they answer now: policyd-weight -f \S+\/conf lists --test\n$/,
  })
  await run(requestBytes(attributesOf()))
  const plain = await run('', 'lists', '--json')
  t.equal(plain.status, 0)
  t.match(JSON.parse(plain.stdout), {
    tested: false,
    lists: [
      { list: 'good.example', today: { sent: 1, listed: 1 }, limit: null },
      { list: 'zen.spamhaus.org', today: { sent: 1, clean: 1 }, limit: { today: 1, perDay: 300_000 } },
      { list: 'everybody.example', kinds: ['domains'], today: { sent: 1, clean: 1 } },
    ],
    diagnoses: [],
  })
  const tested = await run('', 'lists', '--test')
  t.equal(tested.status, 2)
  t.equal(tested.stderr, '', 'progress is for terminals')
  t.match(tested.stdout, /^good\.example +clients +asked +ok +1 +100 % +0 % /m)
  t.match(tested.stdout, /^zen\.spamhaus\.org +clients +asked +warning +1 /m)
  t.match(
    tested.stdout,
    /\nwarning zen\.spamhaus\.org: refuses this resolver \(127\.255\.255\.254: .*\n {4}\S.*\$DQS_KEY_FILE/,
  )
  t.match(tested.stdout, /\nerror everybody\.example: lists everybody, also invalid\.everybody\.example/)
  const json = JSON.parse((await run('', 'lists', '--test', '--json')).stdout)
  t.match(json, { status: 2, tested: true, lists: [{ today: { sent: 1 } }] }, 'what is tried is not counted')
  t.match(await run('', 'lists', '--json', '--watch'), { status: 64 })
})

t.test('a resolver that gives names which do not exist an address', async t => {
  const { run } = await setUp(t, { 'a.root-servers.net': { A: ['198.41.0.4'] } }, true)
  const { status, stdout } = await run('', 'lists', '--test')
  t.equal(status, 1)
  t.match(stdout, /\nwarning name servers: gives names that do not exist an address \(198\.51\.100\.9\)/)
})

t.test('check --dns says the same, as warnings', async t => {
  const { run } = await setUp(t)
  t.notMatch((await run('', 'check')).stdout, /zen\.spamhaus\.org/)
  const { status, stdout } = await run('', 'check', '--dns')
  t.equal(status, 0)
  t.match(stdout, /^zen\.spamhaus\.org: warning: refuses this resolver .*\$DQS_KEY_FILE/m)
  t.match(stdout, /^everybody\.example: warning: lists everybody/m)
  t.notMatch(stdout, /good\.example/)
  const { findings } = JSON.parse((await run('', 'check', '--dns', '--json')).stdout)
  const ofDns = (findings as { code: string; file: string }[]).filter(({ code }) => code === 'dns')
  t.match(ofDns, [{ file: 'zen.spamhaus.org', severity: 'warning' }, { file: 'everybody.example' }], 'for programs')
})

t.test('a quarantine is shown, and ended by hand', async t => {
  const { folder, run } = await setUp(t, ZONE, false, { BL_PROBE_INTERVAL: 600 })
  t.match(await run('', 'lists', '--release', 'good.example'), { status: 69, stderr: /no list is in quarantine/ })
  t.match(await run('', 'lists', '--release', 'x.example'), { status: 64, stderr: /x\.example is no list of this/ })
  await run(requestBytes(attributesOf()))
  const config = builtinConfig()
  const store = openStore({
    directory: join(folder, 'cache'),
    fileName: 'policyd-weight.cache',
    limits: limitsOf(config),
    configuration: verdictHash(config),
    native: testNative(),
    nowMs: Date.now,
    warn: t.fail,
  })
  if (store.kind !== 'store') throw new Error(store.why)
  const seconds = Math.floor(Date.now() / 1000)
  store.transact(({ probes }) =>
    probes.set('good.example', {
      askedMs: Date.now(),
      isUnderWay: false,
      overMs: Date.now(),
      result: 'guilty',
      quarantinedSeconds: seconds,
      cleanInRow: 0,
      testSeenSeconds: 0,
      seenSeconds: seconds,
      why: '127.9.8.7 is listed',
    }),
  )
  store.close()
  const shown = await run('', 'lists')
  t.equal(shown.status, 1)
  t.match(shown.stdout, /^good\.example +clients +quarantined, \d+ s ago .* guilty, \d+ s ago /m)
  t.match(shown.stdout, /\nwarning good\.example: is in quarantine since .* \(127\.9\.8\.7 is listed\)/)
  t.ok(
    shown.stdout.includes(`\n    policyd-weight -f ${join(folder, 'conf')} lists --release good.example\n`),
    'a command to paste',
  )
  t.match(await run('', 'lists', '--release', 'Good.example'), { status: 0, stdout: 'good.example is asked again\n' })
  t.match(await run('', 'lists', '--release', 'good.example'), { status: 69, stderr: /is not in quarantine/ })
  t.match(await run('', 'lists'), { status: 0, stdout: /^good\.example +clients +asked /m })
})
