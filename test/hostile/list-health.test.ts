import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type DnsServer, type DnsServerOptions, type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'

/** Answers of a number of mails, one behind the other, with a cache; and what was logged of lists. */
async function serve(
  t: Test,
  zone: DnsZone,
  tamper: NonNullable<DnsServerOptions['tamper']>,
  parameters: Parameters,
  mails: readonly Record<string, string>[],
): Promise<{ answers: readonly string[]; warnings: readonly string[]; dns: DnsServer }> {
  const dns = await startDnsServer(zone, { tamper })
  t.teardown(() => dns.close())
  const folder = t.testdir({ cache: {} })
  const file = join(folder, 'conf')
  const own = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/cache/`, LOGFILE: join(folder, 'log') }
  writeFileSync(file, configurationText({ ...own, DNS_RETRIES: 0, DNS_RETRY_IVAL: 1, CACHESIZE: 0, ...parameters }))
  const input = Buffer.concat(
    mails.map((mail, index) => requestBytes(attributesOf({ instance: `i${index}`, ...mail }))),
  )
  const tried = await tryExecutable(folder, { file, input })
  const log = readFileSync(join(folder, 'log'), 'latin1').split('\n')
  return {
    answers: tried.stdout.split('\n\n').filter(answer => answer !== ''),
    warnings: log.filter(line => line.includes('warning: list ')),
    dns,
  }
}

/** The reply with this return code and no records. */
function failed(reply: Buffer, rcode: number): Buffer {
  const packet = Buffer.from(reply.subarray(0, endOfQuestion(reply)))
  packet.writeUInt16BE(0x8180 | rcode, 2)
  for (const at of [6, 8, 10]) packet.writeUInt16BE(0, at)
  return packet
}

function endOfQuestion(packet: Buffer): number {
  let at = 12
  while (packet[at] !== 0) at += (packet[at] as number) + 1
  return at + 5
}

const LISTED: DnsZone = {
  'bad.example.dbl.spamhaus.org': { A: ['127.0.1.2'] },
  '66.113.0.203.bl.spamcop.net': { A: ['127.0.0.2'] },
}
const SPAMMER = { client_address: '203.0.113.66', client_name: 'unknown', helo_name: 'zzz.invalid' }

t.test('a sender cannot switch off a list of domains by writing addresses', async t => {
  const written = [
    ...['foo.9', 'foo.10', '192.0.2.1', '[192.0.2.1]', '[ipv6:2001:db8::1]', '192.0.2.1.', '3232235777', 'foo.0x1f'],
    Buffer.from('foo.\uff19', 'utf8').toString('latin1'),
  ]
  const mails = written.map(domain => ({ ...SPAMMER, sender: `x@${domain}` }))
  const { answers, warnings, dns } = await serve(
    t,
    { ...LISTED, ...Object.fromEntries(written.map(name => [`${name}.dbl.spamhaus.org`, { A: ['127.0.1.255'] }])) },
    () => undefined,
    { dnsbl_score: [], rhsbl_score: ['dbl.spamhaus.org=127.0.1.[2..99]', 30, 0, 'DBL'], REJECTLEVEL: 20 },
    [...mails, { ...SPAMMER, sender: 'x@bad.example' }],
  )
  t.equal(answers.length, mails.length + 1)
  t.match(answers.at(-1), /^action=550 .*; in dbl\.spamhaus\.org$/, 'a listed sender is rejected')
  t.strictSame(warnings, [])
  t.strictSame(
    dns.queries.map(({ name }) => name).filter(name => name.endsWith('.dbl.spamhaus.org')),
    ['bad.example.dbl.spamhaus.org'],
    'nothing else was asked',
  )
})

t.test('nor by names that its servers, or those on the way, cannot stand', async t => {
  const odd = ['a..example', 'a b.example', 'a:b.example', `${'a'.repeat(60)}.example`, 'b\xc3\xbccher.example']
  const { answers, warnings } = await serve(
    t,
    LISTED,
    (reply, { name }) =>
      name.endsWith('.dbl.spamhaus.org') && name !== 'bad.example.dbl.spamhaus.org' ? [failed(reply, 2)] : undefined,
    { dnsbl_score: [], rhsbl_score: ['dbl.spamhaus.org=127.0.1.[2..99]', 30, 0, 'DBL'], REJECTLEVEL: 20 },
    [...odd.map(domain => ({ ...SPAMMER, sender: `x@${domain}` })), { ...SPAMMER, sender: 'x@bad.example' }],
  )
  t.match(answers.at(-1), /^action=550 .*; in dbl\.spamhaus\.org$/)
  t.strictSame(warnings, [])
})

t.test('mails over IPv6 do not switch off a list of IPv4 addresses', async t => {
  const { answers, warnings } = await serve(
    t,
    LISTED,
    (reply, { name }) => (/^(?:[0-9a-f]\.){32}bl\./.test(name) ? [failed(reply, 2)] : undefined),
    { dnsbl_score: ['bl.spamcop.net', 30, -1.5, 'SPAMCOP'], rhsbl_score: [], REJECTLEVEL: 20, MAXDNSBLSCORE: 99 },
    [
      ...['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(client_address => ({ ...SPAMMER, client_address })),
      { ...SPAMMER, sender: 'x@good.example' },
    ],
  )
  for (const answer of answers.slice(0, 3))
    t.match(answer, /^action=PREPEND X-policyd-weight: {2}NOT_IN_SPAMCOP=-1\.5 /)
  t.match(answers.at(-1), /^action=550 /, 'a listed client is rejected')
  t.strictSame(warnings, [])
})

t.test('nor one of which nobody knows that it has IPv4 addresses alone', async t => {
  const { answers, warnings } = await serve(
    t,
    { '66.113.0.203.bl.example.net': { A: ['127.0.0.2'] } },
    (reply, { name }) => (/^(?:[0-9a-f]\.){32}bl\./.test(name) ? [failed(reply, 5)] : undefined),
    { dnsbl_score: ['bl.example.net', 30, -1.5, 'BL'], rhsbl_score: [], REJECTLEVEL: 20, MAXDNSBLSCORE: 99 },
    [
      ...['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(client_address => ({ ...SPAMMER, client_address })),
      { ...SPAMMER, sender: 'x@good.example' },
    ],
  )
  for (const answer of answers.slice(0, 3)) t.match(answer, /^action=PREPEND X-policyd-weight: {2}BL=ERR\(-1\.5\) /)
  t.match(answers.at(-1), /^action=550 /, 'a listed client is rejected')
  t.strictSame(warnings, [])
})

t.test('a list that refuses us is left alone, and the log says why', async t => {
  const { warnings } = await serve(
    t,
    Object.fromEntries([1, 2, 3].map(n => [`${n}.2.0.192.zen.spamhaus.org`, { A: ['127.255.255.254'] }])),
    () => undefined,
    { dnsbl_score: ['zen.spamhaus.org', 3, 0, 'ZEN'], rhsbl_score: [] },
    [1, 2, 3].map(n => ({ client_address: `192.0.2.${n}` })),
  )
  t.equal(warnings.length, 1)
  t.match(
    warnings[0],
    / warning: list zen\.spamhaus\.org refused 3 times in a row \(127\.255\.255\.254: public or cloud resolver; use a resolver of your own or a free DQS key\) and is skipped 10 times$/,
  )
})
