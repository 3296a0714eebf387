import t from 'tap'
import type { HamEntry, MessageEntry, SpamEntry } from '../../src/cache/entries.ts'
import { geometryFor } from '../../src/cache/format.ts'
import { type Limits, Tables } from '../../src/cache/tables.ts'

const LIMITS: Limits = { spam: { size: 20, maxSize: 40 }, ham: { size: 10, maxSize: 20 } }
const GEOMETRY = geometryFor({ spam: 40, ham: 20 })
const SPAM: SpamEntry = { score: 7.125, retriesLeft: 1, seenSeconds: 1_760_000_000 }
const HAM: HamEntry = { score: -6.1, queriesLeft: 60, seenSeconds: 3, sinceSeconds: 2, hardSinceSeconds: 1 }

/** Two configurations over one memory, each with the lock whenever it is used. */
function newPair() {
  const buffer = new ArrayBuffer(GEOMETRY.fileBytes)
  return [1, 2].map(configuration => {
    const tables = new Tables(buffer, GEOMETRY, LIMITS, { configuration })
    return <T>(use: (tables: Tables) => T): T => {
      tables.begin()
      return use(tables)
    }
  }) as [<T>(use: (tables: Tables) => T) => T, <T>(use: (tables: Tables) => T) => T]
}

t.test('what was decided by another configuration is not there, and its place is taken', t => {
  const [one, other] = newPair()
  const [key, spam, ham] = ['192.0.2.1', { ...SPAM, score: 9 }, { ...HAM, score: -1 }]
  one(tables => tables.spam.set(key, SPAM) && tables.ham.set(key, HAM))
  t.equal(
    other(tables => tables.spam.get(key) ?? tables.ham.get(key)),
    undefined,
  )
  t.strictSame(
    one(tables => [tables.spam.get(key), tables.ham.get(key)]),
    [SPAM, HAM],
    'to the one itself it is',
  )
  t.strictSame(
    other(({ spam, ham }) => [[...spam.keysOfOthers()], [...ham.keysOfOthers()], [...spam.entries()]]),
    [[key], [key], [[key, SPAM]]],
    'who looks at all of them sees whose they are',
  )
  other(tables => tables.spam.set(key, spam) && tables.ham.set(key, ham))
  t.strictSame(
    other(tables => [tables.spam.get(key), tables.ham.get(key)]),
    [spam, ham],
  )
  t.equal(
    one(tables => tables.spam.get(key) ?? tables.ham.get(key)),
    undefined,
  )
  t.equal(
    one(tables => [...tables.spam.entries()].length),
    1,
    'once',
  )
  t.end()
})

t.test('two configurations that take turns with one client do not fill the table', t => {
  const [one, other] = newPair()
  for (let i = 0; i < 200; i++) for (const use of [one, other]) use(({ spam }) => spam.set('192.0.2.1', SPAM))
  t.equal(
    one(({ counters }) => counters.read().get('purges')),
    0,
  )
  for (let i = 0; i < 30; i++) (i % 2 ? one : other)(({ spam }) => spam.set(`c${i}`, { ...SPAM, seenSeconds: i }))
  t.equal(
    one(({ spam }) => [...spam.keysOfOthers()].length),
    16,
  )
  t.end()
})

t.test('the mail of other recipients, lists in trouble and counters are the same for all configurations', t => {
  const [one, other] = newPair()
  const message: MessageEntry = { kind: 'rejected', message: '550 no', seenSeconds: 5 }
  const list = { errorsInRow: 3, skipsLeft: 10, seenSeconds: 7 }
  one(({ messages, lists, counters }) => {
    messages.set('i1', message)
    lists.set('zen.spamhaus.org', list)
    counters.add('requests')
  })
  t.strictSame(
    other(({ messages, lists, counters }) => [
      messages.get('i1'),
      lists.get('zen.spamhaus.org'),
      counters.read().get('requests'),
      [...messages.keysOfOthers(), ...lists.keysOfOthers()],
    ]),
    [message, list, 1, []],
  )
  t.end()
})
