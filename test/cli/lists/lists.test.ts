/** `lists`: what it says of each list, as a table of any width and as JSON, and what it ends with. */
import t from 'tap'
import type { ProbeRecord } from '../../../src/cache/entries.ts'
import { type ListCounts, noCounts } from '../../../src/cache/ledger-format.ts'
import type { ReadLedger } from '../../../src/cache/ledger-reader.ts'
import { lookAtProbes } from '../../../src/cache/probes.ts'
import { Tables, geometryOf } from '../../../src/cache/tables.ts'
import { diagnoseState } from '../../../src/cli/lists/diagnose-state.ts'
import { type KnownOfLists, type ListInUse, listsInUse } from '../../../src/cli/lists/lists-in-use.ts'
import { type ListsReport, renderListsJson, renderListsTable, statusOf } from '../../../src/cli/lists/lists-report.ts'
import { failure, note, ok, warning } from '../../../src/cli/doctor/diagnosis.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { newTables } from '../../support/tables.ts'

const TODAY = 20_000
const NOW = TODAY * 86_400_000 + 36_000_000
const KEY = 'abcdefghij0123456789'
const LIMITS = { spam: { size: 0, maxSize: 0 }, ham: { size: 0, maxSize: 0 } }
const entry = (
  host: string,
  label: string,
): { host: string; filter: undefined; hit: number; miss: number; label: string } => {
  return { host, filter: undefined, hit: 1, miss: 0, label }
}
const CONFIG = builtinConfig({
  dnsbl_score: [
    entry('zen.spamhaus.org', 'A'),
    entry('zen.spamhaus.org', 'B'),
    entry(`${KEY}.zen.dq.spamhaus.net`, 'C'),
  ],
  BL_PROBE_INTERVAL: 600,
  dnswl_score: [entry('list.dnswl.org', 'D')],
  rhsbl_score: [entry('own.example', 'E'), entry('dbl.dq.spamhaus.net..no-key', 'F'), entry('zen.spamhaus.org', 'G')],
})

/** A probe of seven seconds ago. */
const RECORD: ProbeRecord = {
  askedMs: NOW - 7000,
  isUnderWay: false,
  overMs: NOW - 7000,
  result: 'clean',
  quarantinedSeconds: 0,
  cleanInRow: 0,
  testSeenSeconds: 0,
  seenSeconds: NOW / 1000 - 7,
  why: '',
}

function tablesWith(change: (tables: Tables) => void): Tables {
  const geometry = geometryOf(LIMITS)
  const tables = new Tables(new ArrayBuffer(geometry.fileBytes), geometry, LIMITS)
  change(tables)
  return tables
}

function ledgerWith(sent: Readonly<Record<string, Partial<ListCounts>>>): ReadLedger {
  const lists = Object.entries(sent).map(([list, counts]) => [list, { ...noCounts(), ...counts }] as const)
  return { kind: 'ledger', days: new Map([[TODAY, new Map(lists)]]) }
}

t.test('what is said of a list', t => {
  const tables = tablesWith(({ lists, probes }) => {
    lists.set(`${KEY}.zen.dq.spamhaus.net`, { errorsInRow: 3, skipsLeft: 9, seenSeconds: NOW / 1000 - 60 })
    lists.set('list.dnswl.org', { errorsInRow: 1, skipsLeft: 0, seenSeconds: NOW / 1000 - 5 })
    probes.set('zen.spamhaus.org', {
      ...RECORD,
      result: 'guilty',
      quarantinedSeconds: NOW / 1000 - 3600,
      why: '127.9.8.7 is listed',
    })
  })
  const asked = { ...RECORD, askedMs: NOW - 2000, isUnderWay: true, seenSeconds: NOW / 1000 - 2 }
  tables.probes.set('list.dnswl.org', { ...asked, overMs: NOW - 9000, result: 'clean' })
  const ledger = ledgerWith({
    'zen.spamhaus.org': { sent: 9, listed: 1, clean: 5, silent: 2, milliseconds: 60 },
    'dbl.spamhaus.org': { sent: 21 },
    'zen.dq.spamhaus.net': { sent: 4, refused: 4, milliseconds: 8 },
  })
  const lists = listsInUse(CONFIG, tables, ledger, NOW)
  t.match(lists, [
    {
      list: 'zen.spamhaus.org',
      kinds: ['clients', 'domains'],
      labels: ['A', 'B', 'G'],
      operator: 'Spamhaus',
      state: 'quarantined',
      sinceSeconds: NOW / 1000 - 3600,
      why: '127.9.8.7 is listed',
      probe: { atSeconds: NOW / 1000 - 7, result: 'guilty' },
      today: { sent: 9, listed: 1 },
      limit: { today: 30, perDay: 300_000 },
      verified: /^20/,
    },
    {
      list: 'zen.dq.spamhaus.net',
      state: 'skipped',
      why: '3 errors in a row',
      today: { refused: 4 },
      limit: undefined,
    },
    {
      list: 'list.dnswl.org',
      kinds: ['allow'],
      state: 'in-trouble',
      limit: { today: 0, perDay: 100_000 },
      probe: { atSeconds: NOW / 1000 - 9, result: 'clean' },
    },
    {
      list: 'own.example',
      operator: 'own.example',
      state: 'asked',
      verified: undefined,
      probe: { atSeconds: undefined, result: 'not-asked' },
    },
    { list: 'dbl.dq.spamhaus.net', operator: 'Spamhaus', state: 'no-key', probe: undefined },
  ])
  t.equal(lists.length, 5, 'each once')
  const diagnoses = lists.flatMap(list => diagnoseState(list, CONFIG, '/b.conf'))
  t.match(diagnoses, [
    {
      level: 'warning',
      code: 'list-quarantined',
      remedy: ['policyd-weight -f /b.conf lists --release zen.spamhaus.org'],
    },
    {
      level: 'warning',
      code: 'list-skipped',
      about: 'zen.dq.spamhaus.net',
      remedy: ['policyd-weight -f /b.conf lists --test'],
    },
  ])
  t.match(diagnoses[2], { level: 'warning', code: 'list-no-key', about: 'dbl.dq.spamhaus.net' })
  t.equal(diagnoses.length, 3)
  const report: ListsReport = { lists, diagnoses, isTested: false, ledger: '/l', nowMs: NOW, path: undefined }
  for (const text of [renderListsTable(report), renderListsTable(report, 60), renderListsJson(report)])
    t.notMatch(text, KEY)
  t.end()
})

t.test('the latest probe of a list', async t => {
  const config = builtinConfig({
    BL_PROBE_INTERVAL: 600,
    dnsbl_score: [entry('bl.test', 'A')],
    dnswl_score: [],
    rhsbl_score: [],
  })
  const of = (known: KnownOfLists, on = config) => {
    const lists = listsInUse(on, known, ledgerWith({}), NOW)
    const report: ListsReport = { lists, diagnoses: [], isTested: false, ledger: '/l', nowMs: NOW, path: undefined }
    const { probe, state } = JSON.parse(renderListsJson(report)).lists[0]
    const shown = /^bl\.test +clients +(\w+)(?:, \d+ \w+ ago)? .* ((?:\w+, \d+ s ago)|not asked yet|-) +bl\.test/m.exec(
      renderListsTable(report),
    )
    t.equal(shown?.[1], state)
    return [state, probe, shown?.[2]]
  }
  const holding = (record: Partial<ProbeRecord>): KnownOfLists =>
    tablesWith(({ probes }) => probes.set('bl.test', { ...RECORD, ...record }))
  const [seen, firstSeen] = [newTables(), NOW - 60_000]
  lookAtProbes(seen.probes, config, firstSeen)
  const NOT_ASKED = { atSeconds: null, result: 'not-asked' }
  const ago = (seconds: number): number => NOW / 1000 - seconds
  const cases: [label: string, known: KnownOfLists, want: unknown[]][] = [
    ['there is no cache', 'none', ['asked', NOT_ASKED, 'not asked yet']],
    ['the cache knows nothing of it', tablesWith(() => {}), ['asked', NOT_ASKED, 'not asked yet']],
    ['a mail has seen it, and none was asked', seen, ['asked', NOT_ASKED, 'not asked yet']],
    ['it was clean', holding({}), ['asked', { atSeconds: ago(7), result: 'clean' }, 'clean, 7 s ago']],
    [
      'it was clean, and the next one is under way',
      holding({ askedMs: NOW, isUnderWay: true, seenSeconds: NOW / 1000 }),
      ['asked', { atSeconds: ago(7), result: 'clean' }, 'clean, 7 s ago'],
    ],
    [
      'the first was asked, and nobody noted an answer',
      holding({ overMs: 0, result: 'not-asked' }),
      ['asked', { atSeconds: ago(7), result: 'unanswered' }, 'unanswered, 7 s ago'],
    ],
    ['the cache cannot be looked at', 'unseen', ['unknown', null, '-']],
  ]
  for (const [label, known, want] of cases) t.strictSame(of(known), want, label)
  const off = builtinConfig({ ...config, BL_PROBE_INTERVAL: 0 })
  t.strictSame(of('none', off), ['asked', null, '-'], 'no list is probed')
  const quarantined = holding({ result: 'guilty', quarantinedSeconds: 1 })
  t.equal(of(quarantined)[0], 'quarantined')
  t.equal(of(quarantined, off)[0], 'asked', 'nor is what others have found heeded')
})

t.test('without a cache and a ledger', t => {
  const lists = listsInUse(CONFIG, 'none', { kind: 'no-ledger', code: 'ENOENT' }, NOW)
  t.match(lists[0], {
    state: 'asked',
    probe: { result: 'not-asked' },
    today: undefined,
    limit: { today: undefined, perDay: 300_000 },
  })
  const report: ListsReport = { lists, diagnoses: [], isTested: false, ledger: undefined, nowMs: NOW, path: undefined }
  t.match(renderListsTable(report), /^zen\.spamhaus\.org +clients,domains +asked +- +- .* 300,000 /m)
  t.match(renderListsTable(report), /; no count of today\nwhat they answer now: policyd-weight lists --test\n$/)
  t.match(JSON.parse(renderListsJson(report)), { ledger: null, lists: [{ today: null, limit: { today: null } }] })
  t.end()
})

t.test('nothing is wider than the terminal, and nothing is lost', t => {
  const ledger = ledgerWith({ 'zen.spamhaus.org': { sent: 1_234_567, listed: 30, clean: 70, milliseconds: 1234 } })
  const lists = listsInUse(CONFIG, 'none', ledger, NOW)
  for (let width = 40; width < 200; width += 3) {
    const table = renderListsTable(
      { lists, diagnoses: [], isTested: true, ledger: '/l', nowMs: NOW, path: undefined },
      width,
    )
    const rows = table.split('\n\n')[0] ?? ''
    t.ok(
      rows.split('\n').every(line => line.length <= width),
      `${width}`,
    )
    for (const text of ['LATENCY', '12 ms', '1,234,567', '30 %', '411 % of 300,000', 'OPERATOR', 'Spamhaus'])
      t.ok(rows.includes(text), `${width}: ${text}`)
  }
  t.end()
})

t.test('findings are no wider than the terminal; a remedy is one line, to be pasted', async t => {
  const lists = listsInUse(CONFIG, 'none', ledgerWith({}), NOW)
  const text = 'this or that is wrong with it, '.repeat(9)
  const remedy = `policyd-weight -f /${'a'.repeat(200)} lists --test`
  for (const width of [40, 80, 132]) {
    const report = { lists, diagnoses: [warning('list-limit', 'own.example', text, remedy)], isTested: true }
    const [, findings = '', last = ''] = renderListsTable(
      { ...report, ledger: '/l', nowMs: NOW, path: undefined },
      width,
    ).split('\n\n')
    const lines = findings.split('\n')
    t.ok(lines.length > 3)
    t.ok(
      [...lines.slice(0, -1), ...last.split('\n')].every(line => line.length <= width),
      `${width}`,
    )
    t.equal(lines.at(-1), `    ${remedy}`)
    t.equal(
      lines.slice(0, -1).join(' ').replaceAll(/ +/g, ' ').trim(),
      `warning own.example: ${text}`.trim(),
      'nothing is lost',
    )
  }
})

t.test('the state of the test, the exit status, and JSON', t => {
  const lists = listsInUse(CONFIG, 'none', ledgerWith({}), NOW) as ListInUse[]
  const diagnoses = [
    ok('name server 192.0.2.1', 'answers'),
    ok('zen.spamhaus.org', 'lists what it has to'),
    failure('lists-everybody', 'own.example', 'lists everybody', 'take it out'),
    warning('list-limit', 'zen.spamhaus.org', 'asked too often'),
    note('ledger', '/l', 'x'),
  ]
  const report: ListsReport = { lists, diagnoses, isTested: true, ledger: '/l', nowMs: NOW, path: undefined }
  const table = renderListsTable(report)
  t.match(table, /^LIST +KIND +STATE +NOW /)
  t.match(table, /^zen\.spamhaus\.org +clients,domains +asked +ok /m)
  t.match(table, /^own\.example +domains +asked +error /m)
  t.match(table, /^list\.dnswl\.org +allow +asked +- /m)
  t.match(table, /\nerror own\.example: lists everybody\n {4}take it out\nwarning zen/)
  t.match(table, /\n5 lists; 1 warning; 1 error; counts are of today, UTC\n$/)
  t.match(JSON.parse(renderListsJson(report)), {
    status: 2,
    atSeconds: NOW / 1000,
    tested: true,
    ledger: '/l',
    lists: [
      {
        list: 'zen.spamhaus.org',
        kinds: ['clients', 'domains'],
        today: { sent: 0, latencyMs: null },
        probe: { atSeconds: null, result: 'not-asked' },
      },
    ],
    diagnoses: [{ level: 'ok', code: null }],
  })
  t.strictSame(
    [[], [note('ledger', 'x', 'x')], [warning('list-limit', 'x', 'x')], diagnoses].map(statusOf),
    [0, 0, 1, 2],
  )
  t.end()
})
