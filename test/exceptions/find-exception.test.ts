/**
 * Which exception counts: a table, and random files held against a search that looks at every line.
 */
import t from 'tap'
import { endMs, type Exception } from '../../src/exceptions/exception.ts'
import { DamagedTable, type ExceptionTable, lineAtOrBelow, openTable } from '../../src/exceptions/exception-table.ts'
import { type AskedAbout, findException } from '../../src/exceptions/find-exception.ts'
import { readExceptions } from '../../src/exceptions/read-exceptions.ts'
import { renderTable } from '../../src/exceptions/render-exceptions.ts'
import { sumOf } from '../../src/system/sum.ts'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { randomFrom } from '../support/random.ts'

const NOW = Date.UTC(2026, 10, 29, 12)
const OF = { build: 'b', path: '/etc/e', identity: 'i', fault: null }

function bytesOf(text: string, nowMs = NOW): Uint8Array {
  const { exceptions, findings } = readExceptions(text, 'e')
  if (findings.some(({ code }) => code === 'bad-exception')) throw new Error(findings[0]?.text)
  return renderTable(exceptions, OF, nowMs, sumOf)
}

function open(bytes: Uint8Array): ExceptionTable | undefined {
  return openTable((offset, length) => bytes.slice(offset, offset + length), sumOf)
}

function tableOf(text: string, nowMs = NOW): ExceptionTable {
  return open(bytesOf(text, nowMs)) as ExceptionTable
}

const NOBODY: AskedAbout = { client: '198.51.100.1', name: 'unknown', helo: '', sender: '', recipient: '' }

const NAT64 = '0064:ff9b:0000:0000:0000:0000:cb00:7109'

const FILE = `
192.0.2.0/24 ACCEPT
192.0.2.128/25 SKIP
192.0.2.130 DRY
192.0.2.200/29 ACCEPT until=2026-11-28
2001:db8::/32 ACCEPT
64:ff9b::203.0.113.0/120 SKIP
2001:db8:1::/48 DRY
mail.example.org SKIP
.example.org ACCEPT
.mail.example.org DRY
helo:friend ACCEPT
helo:dotted. DRY
helo:[192.0.2.1] SKIP
recipient:a@example.net ACCEPT
recipient:info@ SKIP
recipient:.example.net DRY
sender:news@example.com ACCEPT
sender:.example.com DRY
sender!:.list.example.com SKIP
sender!:b@example.com SKIP
sender:b@example.com ACCEPT
`

const CASES: readonly (readonly [label: string, asked: Partial<AskedAbout>, want: string | undefined])[] = [
  ['nobody', {}, undefined],
  ['behind a NAT64', { client: '192.0.2.1', sentClient: NAT64 }, '192.0.2.0/24 ACCEPT client'],
  ['by what Postfix sees', { client: '203.0.113.9', sentClient: NAT64 }, '64:ff9b::203.0.113.0/120 SKIP client'],
  ['in front of its name', { sentClient: NAT64, name: 'mail.example.org' }, '64:ff9b::203.0.113.0/120 SKIP client'],
  ['a network', { client: '192.0.2.1' }, '192.0.2.0/24 ACCEPT client'],
  ['its first address', { client: '192.0.2.0' }, '192.0.2.0/24 ACCEPT client'],
  ['its last one in front of a narrower', { client: '192.0.2.127' }, '192.0.2.0/24 ACCEPT client'],
  ['a network in another', { client: '192.0.2.129' }, '192.0.2.128/25 SKIP client'],
  ['an address in both', { client: '192.0.2.130' }, '192.0.2.130 DRY client'],
  ['behind it', { client: '192.0.2.131' }, '192.0.2.128/25 SKIP client'],
  ['one that has ended', { client: '192.0.2.201' }, '192.0.2.128/25 SKIP client'],
  ['the last address', { client: '192.0.2.255' }, '192.0.2.128/25 SKIP client'],
  ['one behind', { client: '192.0.3.0' }, undefined],
  ['one in front', { client: '192.0.1.255' }, undefined],
  ['IPv6', { client: '2001:db8::1' }, '2001:db8::/32 ACCEPT client'],
  ['IPv6, the narrowest', { client: '2001:db8:1::1' }, '2001:db8:1::/48 DRY client'],
  ['IPv4 as IPv6', { client: '::ffff:192.0.2.130' }, '192.0.2.130 DRY client'],
  ['no address', { client: undefined, name: 'a.example.org' }, '.example.org ACCEPT name'],
  ['a name', { name: 'mail.example.org' }, 'mail.example.org SKIP name'],
  ['below a name that is a domain as well', { name: 'a.mail.example.org' }, '.mail.example.org DRY name'],
  ['the domain itself', { name: 'example.org' }, '.example.org ACCEPT name'],
  ['far below', { name: 'a.b.c.d.e.f.example.org' }, '.example.org ACCEPT name'],
  ['a name that merely ends like it', { name: 'badexample.org' }, undefined],
  ['a name that merely begins like it', { name: 'mail.example.org.invalid' }, undefined],
  ['a client in front of its name', { client: '192.0.2.1', name: 'mail.example.org' }, '192.0.2.0/24 ACCEPT client'],
  ['HELO', { helo: 'friend' }, 'helo:friend ACCEPT helo'],
  ['HELO as an address', { helo: '[192.0.2.1]' }, 'helo:[192.0.2.1] SKIP helo'],
  ['HELO with a dot behind', { helo: 'friend.' }, 'helo:friend ACCEPT helo'],
  ['HELO with two', { helo: 'friend..' }, undefined],
  ['HELO that is a dot', { helo: '.' }, undefined],
  ['an entry with a dot behind', { helo: 'dotted' }, 'helo:dotted DRY helo'],
  ['both', { helo: 'dotted.' }, 'helo:dotted DRY helo'],
  ['HELO is no name', { helo: 'mail.example.org' }, undefined],
  ['a name in front of HELO', { name: 'x.example.org', helo: 'friend' }, '.example.org ACCEPT name'],
  ['a recipient', { recipient: 'a@example.net' }, 'recipient:a@example.net ACCEPT recipient'],
  ['a user in front of a domain', { recipient: 'info@example.net' }, 'recipient:info@ SKIP recipient'],
  ['a domain', { recipient: 'x@example.net' }, 'recipient:.example.net DRY recipient'],
  ['below a domain', { recipient: 'x@a.example.net' }, 'recipient:.example.net DRY recipient'],
  ['a recipient without a domain', { recipient: 'info' }, undefined],
  [
    'a recipient in front of a sender',
    { recipient: 'info@x', sender: 'news@example.com' },
    'recipient:info@ SKIP recipient',
  ],
  ['a sender', { sender: 'news@example.com' }, 'sender:news@example.com ACCEPT sender'],
  ['the domain of a sender', { sender: 'x@example.com' }, 'sender:.example.com DRY sender'],
  ['the longer domain', { sender: 'x@list.example.com' }, 'sender!:.list.example.com SKIP sender!'],
  ['a sender twice', { sender: 'b@example.com' }, 'sender!:b@example.com SKIP sender!'],
  ['a user is no sender', { sender: 'info@x' }, undefined],
]

t.test('the first that is found, and the narrowest', async t => {
  const table = tableOf(FILE)
  for (const [label, asked, want] of CASES) {
    const client = asked.client && normalizeClientAddress(asked.client)
    const found = findException(table, { ...NOBODY, ...asked, ...('client' in asked && { client }) })
    t.equal(found && `${found.who} ${found.action} ${found.by}`, want, label)
  }
})

t.test('an end is the end of the day, and the table knows the first', async t => {
  const text =
    '192.0.2.1 ACCEPT until=2026-11-30\n192.0.2.2 ACCEPT until=2026-11-29\n192.0.2.3 ACCEPT until=2026-11-28\n'
  const table = tableOf(text)
  t.equal(table.head.untilMs, Date.UTC(2026, 10, 30))
  t.equal(table.head.sinceMs, Date.UTC(2026, 10, 29))
  const times = [Date.UTC(2026, 10, 29) - 1, Date.UTC(2026, 10, 29), Date.UTC(2026, 10, 30) - 1, Date.UTC(2026, 10, 30)]
  t.same(
    times.map(ms => table.isOfTime(ms)),
    [false, true, true, false],
  )
  const asked = (client: string, table: ExceptionTable): unknown => findException(table, { ...NOBODY, client })?.action
  t.same(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(client => asked(client, table)),
    ['ACCEPT', 'ACCEPT', undefined],
  )
  const tomorrow = tableOf(text, Date.UTC(2026, 10, 30))
  t.same(
    ['192.0.2.1', '192.0.2.2'].map(client => asked(client, tomorrow)),
    ['ACCEPT', undefined],
  )
  t.equal(tableOf('192.0.2.1 ACCEPT').head.untilMs, null)
})

t.test('what strangers write finds nothing that is not there', async t => {
  const table = tableOf(FILE)
  const hostile = [
    'friend\tACCEPT',
    'friend\n',
    'friend\nhelo:x',
    'frien',
    'friendd',
    'x'.repeat(8192),
    `${'a.'.repeat(4000)}example.org`,
    '.'.repeat(8000),
    '.',
    '..',
    '@',
    '@@',
    '\u00ff',
    'friend\0',
    '\t',
  ]
  for (const text of hostile) {
    const at = JSON.stringify(text.slice(0, 30))
    t.equal(findException(table, { ...NOBODY, helo: text }), undefined, `helo ${at}`)
    t.equal(findException(table, { ...NOBODY, name: text }), undefined, `name ${at}`)
    for (const recipient of [text, `a@${text}`, `${text}@`])
      t.equal(findException(table, { ...NOBODY, recipient }), undefined, `recipient ${at}`)
    for (const sender of [text, `a@${text}`, `${text}@x`])
      t.equal(findException(table, { ...NOBODY, sender }), undefined, `sender ${at}`)
  }
})

t.test('lines are found by halving as by looking at each', async t => {
  const random = randomFrom(7)
  for (let round = 0; round < 200; round++) {
    const keys = [
      ...new Set(
        Array.from({ length: random(12) }, () => 'abc'.repeat(random(2)) + 'xyz'.charAt(random(3)) + random(20)),
      ),
    ].sort()
    const lines = keys.map(key => `${key}\t${'v'.repeat(random(9))}`)
    for (const key of [...keys, '', 'a', 'b', 'y', 'zzz']) {
      const want = keys.findLast(each => each <= key) ?? ''
      t.equal(lineAtOrBelow(lines, key).split('\t')[0], want)
    }
  }
})

/** Looks at every line. */
function bruteForce(exceptions: readonly Exception[], asked: AskedAbout, nowMs: number): string | undefined {
  const live = exceptions.filter(exception => nowMs < endMs(exception))
  const { client = '', name, helo, recipient, sender } = asked
  const version = client.includes(':') ? 6 : 4
  const value =
    version === 6
      ? BigInt(`0x${client.replaceAll(':', '')}`)
      : client.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)
  const around = live
    .flatMap(({ who, action }) => (who.kind === 'network' ? [{ ...who.network, who: who.text, action }] : []))
    .filter(each => each.version === version && each.first <= value && value <= each.last)
    .sort((a, b) => Number(a.last - a.first - (b.last - b.first)))
  if (around[0]) return `${around[0].who} ${around[0].action} client`
  const ofKey = (key: string, by: string): string | undefined => {
    const found = live.find(({ who }) => who.kind === 'name' && who.key === key)
    return found && `${found.who.text} ${found.action} ${by}`
  }
  const above = (domain: string): string[] =>
    domain.split('.').map((_, index, labels) => `.${labels.slice(index).join('.')}`)
  const inOrder: [string, string][] = []
  if (name !== 'unknown')
    inOrder.push([`n${name}`, 'name'], ...above(name).map((each): [string, string] => [`n${each}`, 'name']))
  inOrder.push([`h${helo}`, 'helo'], [`r${recipient}`, 'recipient'])
  const [user = '', domain = ''] = recipient.split('@')
  inOrder.push([`r${user}@`, 'recipient'], ...above(domain).map((each): [string, string] => [`r${each}`, 'recipient']))
  inOrder.push([`t${sender}`, 'sender!'], [`s${sender}`, 'sender'])
  for (const each of above(sender.split('@')[1] ?? '')) inOrder.push([`t${each}`, 'sender!'], [`s${each}`, 'sender'])
  for (const [key, by] of inOrder) {
    const found = ofKey(key, by)
    if (found !== undefined) return found
  }
  return undefined
}

t.test('random files, held against looking at every line', async t => {
  const random = randomFrom(20)
  const pick = <T>(of: readonly T[]): T => of[random(of.length)] as T
  const label = (): string => pick(['a', 'b', 'mail', 'x-y', 'example'])
  const name = (): string => Array.from({ length: 1 + random(4) }, label).join('.')
  const v4 = (): number => 0xc0000200 + random(64) * (random(3) === 0 ? 4096 : 1)
  const quad = (value: number): string => [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
  const v6 = (): string => `2001:db8:${random(4)}:${random(4)}::${random(4)}`
  const who = (): string => {
    switch (random(8)) {
      case 0:
      case 1: {
        const prefix = 18 + random(15)
        return `${quad((v4() & (-1 << (32 - prefix))) >>> 0)}/${prefix}`
      }
      case 2:
        return pick([
          v6(),
          `2001:db8:${random(4)}::/48`,
          `2001:db8:${random(4)}:${random(4)}::/64`,
          '2001:db8::/32',
          '::/0',
        ])
      case 3:
        return pick(['', '.']) + name()
      case 4:
        return `helo:${name()}`
      case 5:
        return `recipient:${pick([`${label()}@${name()}`, `${label()}@`, `.${name()}`])}`
      default:
        return `sender${pick(['', '!'])}:${pick([`${label()}@${name()}`, `.${name()}`])}`
    }
  }
  let matches = 0
  for (let round = 0; round < 60; round++) {
    const lines = Array.from(
      { length: pick([3, 30, 300]) },
      () => `${who()} ${pick(['ACCEPT', 'SKIP', 'DRY'])}${pick(['', '', ' until=2026-11-28', ' until=2027-01-01'])}`,
    )
    const text = lines.join('\n')
    const { exceptions } = readExceptions(text, 'e')
    const table = tableOf(text)
    for (let mail = 0; mail < 100; mail++) {
      const asked = {
        client: normalizeClientAddress(pick([quad(v4()), v6(), '198.51.100.7'])) as string,
        name: pick(['unknown', name()]),
        helo: name(),
        recipient: `${label()}@${name()}`,
        sender: `${label()}@${name()}`,
      }
      const found = findException(table, asked)
      const want = bruteForce(exceptions, asked, NOW)
      if (want !== undefined) matches++
      if ((found && `${found.who} ${found.action} ${found.by}`) !== want)
        t.same(found, want, JSON.stringify({ asked, text }))
    }
  }
  t.ok(matches > 1000, `${matches} matches`)
})

t.test('what was cut or changed is never believed', async t => {
  const text = Array.from(
    { length: 200 },
    (_, index) => `10.${index}.0.0/16 ${index % 2 ? 'ACCEPT' : 'SKIP'}\nhelo:name${index}.example DRY`,
  ).join('\n')
  const bytes = bytesOf(text)
  const clients = Array.from({ length: 20 }, (_, index) => `10.${index * 10}.1.1`)
  const ask = (table: ExceptionTable): string =>
    clients.map(client => JSON.stringify(findException(table, { ...NOBODY, client, helo: 'name7.example' }))).join()
  const want = ask(open(bytes) as ExceptionTable)
  /** As if nothing were there, or the very same answers. */
  const isSafe = (damaged: Uint8Array): boolean => {
    const table = open(damaged)
    if (!table) return true
    try {
      return ask(table) === want
    } catch (error) {
      return error instanceof DamagedTable
    }
  }
  for (let length = 0; length < bytes.length; length++) if (!isSafe(bytes.slice(0, length))) t.fail(`cut at ${length}`)
  const random = randomFrom(3)
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice()
    damaged[at] = (bytes[at] as number) ^ (1 + random(255))
    if (!isSafe(damaged)) t.fail(`changed at ${at}`)
  }
  t.ok(bytes.length > 8192, 'several blocks')
})
