import t from 'tap'
import { COUNTERS, geometryFor } from '../../../src/cache/format.ts'
import { type Limits, Tables } from '../../../src/cache/tables.ts'
import { describeSpan, renderCacheJson, renderCacheTable } from '../../../src/cli/cache/cache-report.ts'
import { newTables } from '../../support/tables.ts'

const NOW = 1_760_000_000

function filledTables() {
  const tables = newTables()
  tables.spam.set('192.0.2.66', { score: 8.1, retriesLeft: 1, seenSeconds: NOW - 200 })
  tables.spam.set('192.0.2.67-win\x1b@example.com', { score: 4.35, retriesLeft: 0, seenSeconds: NOW - 5 })
  const ham = { score: -6.1, queriesLeft: 60, seenSeconds: NOW, sinceSeconds: NOW - 3 * 86_400 }
  tables.ham.set('192.0.2.10-example.org', { ...ham, hardSinceSeconds: NOW - 7300 })
  tables.messages.set('i1\n192.0.2.66\nwin@example.com', {
    kind: 'rejected',
    message: '550 no\xe4',
    seenSeconds: NOW - 1,
  })
  tables.messages.set('i2\n192.0.2.10\nalice@example.org', { kind: 'accepted', seenSeconds: NOW - 2 })
  tables.lists.set('one.example', { errorsInRow: 3, skipsLeft: 10, seenSeconds: NOW + 60 })
  tables.counters.add('requests', 12)
  tables.counters.add('hardHamHits', 2)
  return tables
}

t.test('the table, most recently seen first', t => {
  t.equal(
    renderCacheTable('/run/x/\x07.cache', filledTables(), NOW),
    `/run/x/?.cache

SPAM: rejected clients (2)
  last seen  score  retries left  client, or client-sender
    5 s ago   4.35             0  192.0.2.67-win?@example.com
  3 min ago    8.1             1  192.0.2.66

HAM: accepted clients (1)
  last seen  score  queries left  accepted   proven  client-domain
    0 s ago   -6.1            60   3 d ago  2 h ago  192.0.2.10-example.org

Mails, for their other recipients (2)
  answered  instance, client, sender, answer
   1 s ago  i1 192.0.2.66 win@example.com 550 no?
   2 s ago  i2 192.0.2.10 alice@example.org accepted

Lists in trouble (1)
      last seen  errors in a row  skips left  list
  in the future                3          10  one.example

Counters (those above 0)
  requests                    12
  hard ham hits                2
`,
  )
  t.end()
})

t.test('an empty cache, and one that is cut to a screen', t => {
  const empty = renderCacheTable('x', newTables(), NOW)
  t.match(empty, 'SPAM: rejected clients (0)\n\nHAM: accepted clients (0)\n\n')
  const cut = renderCacheTable('x', filledTables(), NOW, { lines: 21 })
  t.match(cut, /SPAM: rejected clients \(1 of 2\)\n.*\n.*192\.0\.2\.67.*\n\nHAM/)
  t.notMatch(cut, '192.0.2.66\n')
  t.match(cut, /\n {2}requests 12, hard ham hits 2\n$/)
  t.end()
})

t.test('a screen of any size holds it', t => {
  const tables = filledTables()
  for (const name of COUNTERS) tables.counters.add(name, 1e6)
  for (let i = 0; i < 2; i++)
    tables.messages.set(`i${i}\n192.0.2.66\n${'win'.repeat(30)}@example.com`, { kind: 'accepted', seenSeconds: NOW })
  for (let lines = 1; lines < 60; lines++)
    for (const width of [1, 20, 40, 80, 132]) {
      const text = renderCacheTable('/run/policyd-weight/x.cache', tables, NOW, { lines, width })
      const printed = text.split('\n').slice(0, -1)
      const label = `${lines} lines of ${width}`
      if (printed.length > Math.max(1, lines - 1)) t.fail(`${label}: ${printed.length} lines`)
      if (width >= 40 && printed.some(line => line.length > width)) t.fail(`${label}: a line is longer`)
    }
  const usual = renderCacheTable('x', tables, NOW, { lines: 24, width: 80 })
  for (const title of ['SPAM', 'HAM', 'Mails', 'Lists', 'Counters']) t.match(usual, `\n${title}`)
  t.end()
})

t.test('what is longer than a line is wrapped below where it begins, and nothing is lost', t => {
  const wide = renderCacheTable('x', filledTables(), NOW)
  const narrow = renderCacheTable('x', filledTables(), NOW, { width: 60 })
  t.match(narrow, /\n {4}5 s ago .* {2}192\.0\.2\.67-win\?@example\.co\n {34}m\n/, 'below its column')
  t.match(
    narrow,
    /\n {4}0 s ago .* {2}192\.0\.2\n {2}\.10-example\.org\n/,
    'or from the left, where that leaves no room',
  )
  t.match(narrow, /\n {3}1 s ago {2}i1 192\.0\.2\.66 win@example\.com 550 no\?\n/, 'what fits stays')
  const bare = (text: string): string => text.replace(/\s/g, '')
  t.equal(bare(narrow), bare(wide))
  t.end()
})

t.test('JSON: one line, stable names, everything masked', t => {
  const text = renderCacheJson('/run/x/\x07.cache', filledTables(), NOW)
  t.equal(text.indexOf('\n'), text.length - 1)
  t.notMatch(text, /[^\x20-\x7e\n]/)
  const { counters, ...report } = JSON.parse(text)
  t.strictSame(report, {
    file: '/run/x/?.cache',
    atSeconds: NOW,
    spam: [
      {
        key: '192.0.2.67-win?@example.com',
        score: 4.35,
        retriesLeft: 0,
        seenSeconds: NOW - 5,
        otherConfiguration: false,
      },
      { key: '192.0.2.66', score: 8.1, retriesLeft: 1, seenSeconds: NOW - 200, otherConfiguration: false },
    ],
    ham: [
      {
        key: '192.0.2.10-example.org',
        score: -6.1,
        queriesLeft: 60,
        seenSeconds: NOW,
        sinceSeconds: NOW - 3 * 86_400,
        hardSinceSeconds: NOW - 7300,
        otherConfiguration: false,
      },
    ],
    messages: [
      {
        instance: 'i1',
        client: '192.0.2.66',
        from: 'win@example.com',
        kind: 'rejected',
        message: '550 no?',
        seenSeconds: NOW - 1,
      },
      { instance: 'i2', client: '192.0.2.10', from: 'alice@example.org', kind: 'accepted', seenSeconds: NOW - 2 },
    ],
    lists: [{ key: 'one.example', errorsInRow: 3, skipsLeft: 10, seenSeconds: NOW + 60 }],
    probes: [],
  })
  t.match(counters, { requests: 12, hardHamHits: 2, spamHits: 0 }, 'those that are 0 too')
  t.end()
})

t.test('lists in quarantine, with the reason and without a key', t => {
  const tables = newTables()
  const lies = { quarantinedSeconds: NOW - 7300, cleanInRow: 2, why: '127.83.12.9 is listed' }
  const askedMs = 1000 * (NOW - 300)
  const over = { askedMs, isUnderWay: false, overMs: askedMs, result: 'clean' } as const
  const probed = { ...over, testSeenSeconds: 0, seenSeconds: NOW - 300 }
  tables.probes.set('abcdefghijklmnopqrstuvwxyz.zen.dq.spamhaus.net', { ...probed, ...lies })
  tables.probes.set('good.example', { ...probed, quarantinedSeconds: 0, cleanInRow: 0, why: '' })
  const text = renderCacheTable('x', tables, NOW)
  t.match(
    text,
    `Lists in quarantine (1)
    since        last probe  clean in a row  list, and why
  2 h ago  clean, 5 min ago               2  zen.dq.spamhaus.net: 127.83.12.9 is listed
`,
  )
  const { probes } = JSON.parse(renderCacheJson('x', tables, NOW))
  t.match(probes, [{ key: 'zen.dq.spamhaus.net', ...lies }, { key: 'good.example' }])
  t.end()
})

t.test('entries of another configuration are marked as such', t => {
  const geometry = geometryFor({ spam: 40, ham: 40 })
  const buffer = new ArrayBuffer(geometry.fileBytes)
  const limits: Limits = { spam: { size: 20, maxSize: 40 }, ham: { size: 20, maxSize: 40 } }
  const ham = { score: -6.1, queriesLeft: 60, seenSeconds: NOW, sinceSeconds: NOW, hardSinceSeconds: NOW }
  const [one, other] = [1, 2].map(configuration => new Tables(buffer, geometry, limits, { configuration })) as [
    Tables,
    Tables,
  ]
  one.spam.set('192.0.2.66', { score: 8.1, retriesLeft: 1, seenSeconds: NOW })
  one.ham.set('192.0.2.10-example.org', ham)
  other.begin()
  other.spam.set('192.0.2.67', { score: 8.1, retriesLeft: 1, seenSeconds: NOW })
  const text = renderCacheTable('x', other, NOW)
  t.match(text, / 192\.0\.2\.66 \(of another configuration\)\n/)
  t.match(text, / 192\.0\.2\.10-example\.org \(of another configuration\)\n/)
  t.match(text, / 192\.0\.2\.67\n/)
  const report = JSON.parse(renderCacheJson('x', other, NOW))
  t.strictSame([...report.spam, ...report.ham].map(({ key, otherConfiguration }) => [key, otherConfiguration]).sort(), [
    ['192.0.2.10-example.org', true],
    ['192.0.2.66', true],
    ['192.0.2.67', false],
  ])
  t.end()
})

t.test('spans of time in words', t => {
  const cases: [seconds: number, want: string][] = [
    [-5, '0 s'],
    [0.9, '0 s'],
    [1, '1 s'],
    [119, '119 s'],
    [120, '2 min'],
    [200, '3 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [172_799, '47 h'],
    [172_800, '2 d'],
    [8_640_000, '100 d'],
  ]
  for (const [seconds, want] of cases) t.equal(describeSpan(seconds), want, `${seconds}`)
  t.end()
})

t.test('a list is shown without the key of a subscriber, built-in or configured', t => {
  const tables = newTables()
  const key = 'q7x2kd9w4mzv8h3tj6rp1bn5cy'
  const trouble = { errorsInRow: 3, skipsLeft: 10, seenSeconds: NOW }
  for (const zone of ['zen.dq.spamhaus.net', 'combined.mail.abusix.zone', 'dq.example.net'])
    tables.lists.set(`${key}.${zone}`, trouble)
  const configured = [{ zone: 'dq.example.net', words: 'secret' }]
  const table = renderCacheTable('x', tables, NOW, undefined, configured)
  const json = renderCacheJson('x', tables, NOW, configured)
  for (const shown of [table, json]) {
    t.notMatch(shown, key)
    for (const zone of ['zen.dq.spamhaus.net', 'combined.mail.abusix.zone', 'dq.example.net']) t.match(shown, zone)
  }
  t.end()
})

t.test('as many entries as a cache may have are shown', t => {
  const COUNT = 200_000
  const tables = newTables()
  const entry = { score: 1, retriesLeft: 0, seenSeconds: NOW }
  const entries = function* (): Generator<readonly [string, typeof entry]> {
    for (let i = 0; i < COUNT; i++) yield [`client ${i}`, entry]
  }
  Object.defineProperty(tables, 'spam', { value: { entries, keysOfOthers: () => [] } })
  const lines = renderCacheTable('x', tables, NOW).split('\n')
  t.equal(lines.filter(line => line.includes('client ')).length, COUNT)
  t.match(lines[2], `SPAM: rejected clients (${COUNT})`)
  t.end()
})
