import t from 'tap'
import { type ListCounts, noCounts } from '../../../src/cache/ledger-format.ts'
import type { ReadLedger } from '../../../src/cache/ledger-reader.ts'
import { checkLedger, grouped, percent, queriesByOperator } from '../../../src/cli/doctor/check-ledger.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'

const TODAY = 20_000
const NOW = TODAY * 86_400_000 + 3_600_000

/** `{ 0: { 'bl.example': 5 } }`: packets by days before today and list. */
function ledgerOf(days: Readonly<Record<number, Readonly<Record<string, number>>>>): ReadLedger {
  const lists = (sent: Readonly<Record<string, number>>): Map<string, ListCounts> =>
    new Map(Object.entries(sent).map(([list, count]) => [list, { ...noCounts(), sent: count }]))
  return {
    kind: 'ledger',
    days: new Map(Object.entries(days).map(([ago, sent]) => [TODAY - Number(ago), lists(sent)])),
  }
}

t.test('an operator is the sum of his lists, and his limit is that of those which have it', t => {
  const ledger = ledgerOf({
    0: { 'zen.spamhaus.org': 10, 'dbl.spamhaus.org': 5, 'zen.dq.spamhaus.net': 7, 'bl.example': 1, 'own.example': 2 },
    1: { 'zen.spamhaus.org': 100, 'list.dnswl.org': 3 },
    2: { 'zen.spamhaus.org': 100_000_000 },
  })
  const config = builtinConfig({ zone_codes: [{ zone: 'own.example', words: 'ipv4' }] })
  t.match(queriesByOperator(ledger, config, NOW), [
    { operator: 'Spamhaus', today: 22, yesterday: 100, limited: { perDay: 300_000, today: 15, yesterday: 100 } },
    { operator: 'bl.example', today: 1, yesterday: 0, limited: undefined },
    { operator: 'dnswl.org', yesterday: 3, limited: { perDay: 100_000 } },
    { operator: 'own.example', today: 2, limited: undefined },
  ])
  t.end()
})

t.test('who is near a limit is told what helps', t => {
  const cases: [label: string, days: Record<number, Record<string, number>>, want: RegExp | undefined][] = [
    ['below', { 0: { 'zen.spamhaus.org': 239_999 } }, undefined],
    ['four fifths', { 0: { 'zen.spamhaus.org': 240_000 } }, /^was asked 240,000 times today, 80 % of what it allows/],
    ['together', { 0: { 'zen.spamhaus.org': 140_000, 'dbl.spamhaus.org': 110_000 } }, /250,000 times today, 83 %/],
    ['beyond', { 0: { 'zen.spamhaus.org': 900_001 } }, /900,001 times today, 300 %/],
    [
      'yesterday, for today has hardly begun',
      { 0: { 'zen.spamhaus.org': 9 }, 1: { 'zen.spamhaus.org': 299_999 } },
      /299,999 times yesterday, 99 %/,
    ],
    ['long ago', { 2: { 'zen.spamhaus.org': 900_000 } }, undefined],
    ['with a key', { 0: { 'zen.dq.spamhaus.net': 900_000 } }, undefined],
    ['a list without limit', { 0: { 'bl.spamcop.net': 900_000_000 } }, undefined],
    ['an allow list', { 0: { 'list.dnswl.org': 80_000 } }, /80,000 times today, 80 % .*: 100,000 queries a day$/],
  ]
  for (const [label, days, want] of cases) {
    const found = checkLedger(ledgerOf(days), builtinConfig(), NOW)
    t.equal(found.length, want ? 1 : 0, label)
    if (want)
      t.match(found[0], { level: 'warning', code: 'list-limit', text: want, remedy: [/rsync, for rbldnsd/] }, label)
  }
  const [spamhaus] = checkLedger(ledgerOf({ 0: { 'zen.spamhaus.org': 240_000 } }), builtinConfig(), NOW)
  t.match(spamhaus?.remedy[0], /^use a key for the Data Query Service \(\$DQS_KEY_FILE\); or take the data by rsync/)
  t.end()
})

t.test('where there is no ledger', t => {
  const missing: ReadLedger = { kind: 'no-ledger', code: 'ENOENT' }
  t.match(checkLedger(missing, builtinConfig(), NOW), [
    {
      level: 'note',
      code: 'ledger',
      about: '/var/lib/policyd-weight/ledger',
      remedy: ['install -d -o polw -g polw -m 750 /var/lib/policyd-weight'],
    },
  ])
  const folder = t.testdir({ 'of-others': '', polw: { ledger: '' } })
  const remedyAt = (LEDGER: string): unknown => checkLedger(missing, builtinConfig({ LEDGER }), NOW)[0]?.remedy
  const another = ["$LEDGER = '/var/lib/policyd-weight/ledger';"]
  t.strictSame(remedyAt(`${folder}/ledger`), another, 'nobody is to have a directory of others to himself')
  t.strictSame(remedyAt(`${folder}/polw/l`), [`install -d -o polw -g polw -m 750 ${folder}/polw`])
  t.match(checkLedger({ kind: 'no-ledger', code: 'EACCES' }, builtinConfig(), NOW), [
    { text: /\(EACCES\)/, remedy: [] },
  ])
  t.strictSame(checkLedger(missing, builtinConfig({ LEDGER: '' }), NOW), [], 'switched off')
  const own = builtinConfig({ dnsbl_score: [], rhsbl_score: [] })
  t.strictSame(checkLedger(missing, own, NOW), [], 'no list has a limit')
  t.end()
})

t.test('numbers', t => {
  t.strictSame([0, 999, 1000, 1234567].map(grouped), ['0', '999', '1,000', '1,234,567'])
  t.strictSame([percent(0, 3), percent(299_999, 300_000), percent(3, 3)], ['0 %', '99 %', '100 %'])
  t.end()
})
