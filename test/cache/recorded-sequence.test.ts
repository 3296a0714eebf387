import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { addonFile } from '../../scripts/build-addon.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { testNative } from '../../testkit/native.ts'
import { bundleProgram, startNode } from '../../testkit/node-program.ts'
import { type Answered, sequenceInstance } from './sequence-process.ts'

// The sequence of docs/behaviour/cache.md#a-recorded-course, as the reference answered it. Its numbers of queries are not
// ours where something is scored (lists of one zone share a query, and everything is asked at once); which kind of
// questions is asked must be the same.
const SETTINGS = { NTIME: 2, TEMP_PTIME: 3, PTIME: 6, PTTL: 2, NTTL: 1 } satisfies Partial<Config>
const { REJECTMSG, CACHEREJECTMSG } = builtinConfig()
const START_MS = 1_760_000_000_000

const ZONE: DnsZone = {
  'example.org': { MX: [[10, 'mail.example.org']] },
  'mail.example.org': { A: ['192.0.2.10'] },
  '10.2.0.192.in-addr.arpa': { PTR: ['mail.example.org'] },
  '66.2.0.192.zen.spamhaus.org': { A: ['127.0.0.2'] },
  '66.2.0.192.bl.spamcop.net': { A: ['127.0.0.2'] },
}
const CLIENT_LISTS = ['zen.spamhaus.org', 'bl.spamcop.net', 'bl.mailspike.net']

const SCORED =
  'PREPEND X-policyd-weight:  NOT_IN_SBL_XBL_SPAMHAUS=-1.5 NOT_IN_SPAMCOP=-1.5 CL_IP_EQ_FROM_MX=-3.1; rate: -6.1'
const SOFT = 'PREPEND X-policyd-weight: using cached result; rate: -6.1'
const HARD = 'PREPEND X-policyd-weight: using cached result; rate:hard: -6.1'
const LISTED = '550 Your MTA is listed in too many DNSBLs; check http://www.robtex.com/rbl/192.0.2.66.html'
const retry = (retries: number): string =>
  `${CACHEREJECTMSG} - retrying too fast. penalty: 2 seconds x ${retries} retries.`

const SPAMMER = {
  client_address: '192.0.2.66',
  client_name: 'unknown',
  helo_name: 'offers.example.com',
  sender: 'win@example.com',
}
const OTHER_RECIPIENT = { recipient: 'carol@example.net' }

/** A request `afterMs` behind the one before it. `wantAsked`: nothing, the client's lists alone, or more than these. */
interface Step {
  readonly label: string
  readonly afterMs: number
  readonly attributes: Readonly<Record<string, string>>
  readonly want: string
  readonly wantAsked: 'nothing' | 'lists' | 'more'
}

const STEPS: readonly Step[] = [
  { label: 'ham, i1', afterMs: 0, attributes: {}, want: SCORED, wantAsked: 'more' },
  {
    label: 'i1, other recipient',
    afterMs: 100,
    attributes: OTHER_RECIPIENT,
    want: 'DUNNO multirecipient-mail - already accepted by previous query',
    wantAsked: 'nothing',
  },
  { label: 'i2', afterMs: 100, attributes: { instance: 'i2' }, want: SOFT, wantAsked: 'lists' },
  {
    label: 'i3, another local part',
    afterMs: 100,
    attributes: { instance: 'i3', sender: 'zoe@example.org' },
    want: SOFT,
    wantAsked: 'lists',
  },
  { label: '4 s later, i5', afterMs: 4000, attributes: { instance: 'i5' }, want: HARD, wantAsked: 'nothing' },
  { label: 'i6', afterMs: 100, attributes: { instance: 'i6' }, want: HARD, wantAsked: 'nothing' },
  { label: 'i7, $PTTL is used up', afterMs: 100, attributes: { instance: 'i7' }, want: SOFT, wantAsked: 'lists' },
  { label: 'i8', afterMs: 100, attributes: { instance: 'i8' }, want: HARD, wantAsked: 'nothing' },
  { label: 'i9', afterMs: 100, attributes: { instance: 'i9' }, want: HARD, wantAsked: 'nothing' },
  { label: 'spam, s1', afterMs: 100, attributes: { ...SPAMMER, instance: 's1' }, want: LISTED, wantAsked: 'more' },
  {
    label: 's1, other recipient',
    afterMs: 100,
    attributes: { ...SPAMMER, ...OTHER_RECIPIENT, instance: 's1' },
    want: `${REJECTMSG} (multirecipient mail)`,
    wantAsked: 'nothing',
  },
  {
    label: 's2 at once',
    afterMs: 100,
    attributes: { ...SPAMMER, instance: 's2' },
    want: retry(1),
    wantAsked: 'nothing',
  },
  {
    label: 's3, 3.2 s later',
    afterMs: 3200,
    attributes: { ...SPAMMER, instance: 's3' },
    want: retry(0),
    wantAsked: 'nothing',
  },
  {
    label: 's4, 3.2 s later',
    afterMs: 3200,
    attributes: { ...SPAMMER, instance: 's4' },
    want: LISTED,
    wantAsked: 'more',
  },
]

function checkAsked(t: Test, { label, attributes, wantAsked }: Step, asked: readonly string[]): void {
  const client = (attributes.client_address ?? '192.0.2.10').split('.').reverse().join('.')
  const lists = CLIENT_LISTS.map(host => `A ${client}.${host}`)
  if (wantAsked === 'nothing') t.strictSame(asked, [], `${label}: nothing is looked up`)
  else if (wantAsked === 'lists') t.strictSame(asked, lists, `${label}: only the client's lists are`)
  else t.ok(asked.includes(`PTR ${client}.in-addr.arpa`) && asked.length > lists.length, `${label}: all is`)
}

/** Runs the sequence against whoever answers; the DNS is asked no more than the answers say. */
async function runSequence(
  t: Test,
  begin: (
    config: Partial<Config>,
  ) => (attributes: Readonly<Record<string, string>>, nowMs: number) => Promise<Answered>,
): Promise<void> {
  const dns = await startDnsServer(ZONE)
  t.teardown(() => dns.close())
  const answer = begin({ ...SETTINGS, NS: [`127.0.0.1:${dns.port}`], LOCKPATH: t.testdir() })
  let nowMs = START_MS
  let asked = 0
  for (const step of STEPS) {
    nowMs += step.afterMs
    const answered = await answer(attributesOf(step.attributes), nowMs)
    t.equal(answered.action, step.want, step.label)
    checkAsked(t, step, answered.asked)
    asked += answered.asked.length
  }
  t.ok(dns.queries.length > 0 && dns.queries.length <= asked, 'no question went out beside those')
}

t.test('within one process', t => runSequence(t, config => sequenceInstance(config, testNative())))

t.test('with a new process for each request', async t => {
  const program = join(t.testdir(), 'sequence-process.cjs')
  bundleProgram('test/cache/sequence-process.ts', program)
  await t.test('over one file', t =>
    runSequence(t, config => async (attributes, nowMs) => {
      const [configuration, request] = [config, attributes].map(value => JSON.stringify(value)) as [string, string]
      const child = startNode([program, configuration, addonFile(process.arch), String(nowMs), request])
      if (!child.stdout || !child.stderr) throw new Error('no pipes')
      const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
      t.equal(errors, '')
      return JSON.parse(output) as Answered
    }),
  )
})
