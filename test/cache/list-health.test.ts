import t from 'tap'
import { listsToSkip, noteListAnswers } from '../../src/cache/list-health.ts'
import { describeListChange } from '../../src/cache/list-remarks.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { LISTS } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const CONFIG = builtinConfig({ ...LISTS, BL_ERROR_SKIP: 2, BL_SKIP_RELEASE: 3 })
const NOW = 1_760_000_000
const ONE = 'one.example'

const FAILED = { kind: 'broken', why: 'servfail' } as const

/** Notes one answer of one list; returns what the log says. */
type Note = (answer: 'answered' | 'failed', host?: string) => readonly string[]

function healthOf(config = CONFIG) {
  const { lists } = newTables()
  const note: Note = (answer, host = ONE) =>
    noteListAnswers(lists, new Map([[host, answer === 'failed' ? FAILED : answer]]), config, NOW).map(change =>
      describeListChange(change, config),
    )
  const skipped = (): string[] => [...listsToSkip(lists, config, NOW)]
  return { lists, note, skipped }
}

t.test('more than $BL_ERROR_SKIP errors in a row: skipped $BL_SKIP_RELEASE times, then asked once more', t => {
  const { note, skipped } = healthOf()
  t.strictSame(note('failed'), [])
  t.strictSame(note('failed'), [])
  t.strictSame(skipped(), [], 'not yet')
  t.strictSame(note('failed'), [`list ${ONE} failed 3 times in a row (SERVFAIL) and is skipped 3 times`])
  for (let i = 0; i < 3; i++) t.strictSame(skipped(), [ONE])
  t.strictSame(skipped(), [], 'asked')
  t.strictSame(note('failed'), [], 'said once')
  for (let i = 0; i < 3; i++) t.strictSame(skipped(), [ONE], 'skipped again')
  t.strictSame(skipped(), [])
  t.strictSame(note('answered'), [`list ${ONE} answers again`])
  t.strictSame(note('answered'), [], 'said once')
  t.end()
})

t.test('an answer forgets everything', t => {
  const { lists, note, skipped } = healthOf()
  note('failed')
  note('failed')
  t.strictSame(note('answered'), [], 'it was never skipped')
  t.strictSame([...lists.entries()], [])
  note('failed')
  note('failed')
  t.strictSame(skipped(), [])
  t.end()
})

t.test('a list is counted by itself; one with two entries is skipped once for both', t => {
  const config = builtinConfig({
    ...LISTS,
    dnsbl_score: [...LISTS.dnsbl_score, { host: ONE, filter: undefined, hit: 1, miss: 0, label: 'ONE_AGAIN' }],
    BL_ERROR_SKIP: 0,
    BL_SKIP_RELEASE: 2,
  })
  const { note, skipped } = healthOf(config)
  note('failed')
  t.strictSame(skipped(), [ONE])
  note('failed', 'sender.example')
  t.strictSame(skipped(), [ONE, 'sender.example'], 'lists of sender domains too')
  t.strictSame(skipped(), ['sender.example'])
  t.end()
})

t.test('$BL_SKIP_RELEASE of 0 never skips', t => {
  const { note, skipped } = healthOf(builtinConfig({ ...LISTS, BL_ERROR_SKIP: 0, BL_SKIP_RELEASE: 0 }))
  for (let i = 0; i < 5; i++) t.strictSame(note('failed'), [])
  t.strictSame(skipped(), [])
  t.end()
})

t.test('lists that answer leave nothing, and a table with nothing is not looked through', t => {
  const { lists, note, skipped } = healthOf()
  const looked: string[] = []
  const get = lists.get.bind(lists)
  lists.get = host => {
    looked.push(host)
    return get(host)
  }
  t.ok(lists.isEmpty())
  t.strictSame([...note('answered'), ...skipped()], [])
  t.strictSame(looked, [])
  note('failed')
  t.notOk(lists.isEmpty())
  skipped()
  t.ok(looked.includes(ONE))
  note('answered')
  t.ok(lists.isEmpty())
  t.end()
})
