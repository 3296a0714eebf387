import t from 'tap'
import { askSpam, rememberSpam } from '../../src/cache/spam.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { requestOf } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const CONFIG = builtinConfig({ NTIME: 30, NTTL: 2, CACHEREJECTMSG: '550 again' })
const NOW = 1_760_000_000
const answer = (retries: number): string => `550 again - retrying too fast. penalty: 30 seconds x ${retries} retries.`

t.test('retries are used up by waiting, and by nothing else', t => {
  const { spam } = newTables()
  const request = requestOf()
  rememberSpam(spam, request, 'client', 7.5, CONFIG, NOW)
  const steps: [label: string, afterSeconds: number, want: string | undefined][] = [
    ['at once', 0, answer(2)],
    ['exactly $NTIME later is not longer than $NTIME', 30, answer(2)],
    ['each try begins the waiting anew', 20, answer(2)],
    ['longer than $NTIME', 31, answer(1)],
    ['hammering does not help', 1, answer(1)],
    ['the last retry', 31, answer(0)],
    ['with none left, but too early', 30, answer(0)],
    ['with none left, and waited out: scored afresh', 31, undefined],
    ['the entry is gone', 0, undefined],
  ]
  let nowSeconds = NOW
  for (const [label, afterSeconds, want] of steps) {
    nowSeconds += afterSeconds
    t.equal(askSpam(spam, request, CONFIG, nowSeconds)?.message, want, label)
  }
  t.strictSame([...spam.entries()], [])
  t.end()
})

t.test('whom an entry is about', t => {
  const cases = [
    { label: 'the client', kind: 'client', attributes: {}, want: true },
    { label: 'the client with another sender', kind: 'client', attributes: { sender: 'x@example.net' }, want: true },
    { label: 'another client', kind: 'client', attributes: { client_address: '192.0.2.11' }, want: false },
    { label: 'client and sender', kind: 'client-sender', attributes: {}, want: true },
    {
      label: 'extensions of the sender',
      kind: 'client-sender',
      attributes: { sender: 'alice+1@example.org' },
      want: true,
    },
    { label: 'with another sender', kind: 'client-sender', attributes: { sender: 'x@example.org' }, want: false },
  ] as const
  for (const { label, kind, attributes, want } of cases) {
    const { spam } = newTables()
    rememberSpam(spam, requestOf(), kind, 7.5, CONFIG, NOW)
    t.equal(askSpam(spam, requestOf(attributes), CONFIG, NOW)?.message !== undefined, want, label)
  }
  t.end()
})

t.test('a domain, a sender without one, and no sender are three, whatever a client calls them', t => {
  const config = { ...CONFIG, CACHE_PER_DOMAIN: true }
  const senders = [
    '',
    '<>',
    'a@<>',
    'example.org',
    'a@example.org',
    '@example.org@',
    'a@@example.org',
    '@',
    'a@example.net',
  ]
  const known = (refused: string, sender: string): boolean => {
    const { spam } = newTables()
    rememberSpam(spam, requestOf({ sender: refused }), 'client-domain', 7.5, config, NOW)
    return askSpam(spam, requestOf({ sender }), config, NOW) !== undefined
  }
  for (const refused of senders) {
    const want = refused.endsWith('@example.org') ? ['a@example.org', 'a@@example.org'] : [refused]
    t.strictSame(
      senders.filter(sender => known(refused, sender)),
      want,
      refused,
    )
  }
  t.end()
})

t.test('the client comes before client and sender; an entry that ends leaves the answer to the other', t => {
  const { spam } = newTables()
  const request = requestOf()
  rememberSpam(spam, request, 'client-sender', 5, CONFIG, NOW)
  rememberSpam(spam, request, 'client', 7.5, { ...CONFIG, NTTL: 0 }, NOW)
  t.equal(askSpam(spam, request, CONFIG, NOW)?.message, answer(0))
  t.equal(askSpam(spam, request, CONFIG, NOW + 31)?.message, answer(1), 'an expired one hides none')
  t.strictSame(
    [...spam.entries()].map(([key, { score }]) => [key, score]),
    [['192.0.2.10-alice@example.org', 5]],
  )
  t.equal(askSpam(spam, request, CONFIG, NOW + 62)?.message, answer(0))
  t.equal(askSpam(spam, request, CONFIG, NOW + 93)?.message, undefined, 'behind the last one: scored afresh')
  t.strictSame([...spam.entries()], [])
  t.end()
})

t.test('a new rejection takes the place of an older one', t => {
  const { spam } = newTables()
  rememberSpam(spam, requestOf(), 'client', 5, { ...CONFIG, NTTL: 0 }, NOW)
  rememberSpam(spam, requestOf(), 'client', 7.5, CONFIG, NOW + 1)
  t.strictSame([...spam.entries()], [['192.0.2.10', { score: 7.5, retriesLeft: 2, seenSeconds: NOW + 1 }]])
  t.end()
})

t.test('the reasons of a verdict go with it, as far as they fit', t => {
  const { spam } = newTables()
  const request = requestOf()
  rememberSpam(spam, request, 'client', 7.5, CONFIG, NOW, ' IN_X=4 \x07Y=3.5')
  t.strictSame(askSpam(spam, request, CONFIG, NOW), { message: answer(2), score: 7.5, reasons: 'IN_X=4 ?Y=3.5' })
  t.match(askSpam(spam, request, CONFIG, NOW + 31), { message: answer(1), reasons: 'IN_X=4 ?Y=3.5' }, 'they stay')
  rememberSpam(spam, request, 'client-sender', 5, CONFIG, NOW, 'x'.repeat(1000))
  rememberSpam(spam, request, 'client', 5, CONFIG, NOW, 'x'.repeat(1000))
  t.match(askSpam(spam, request, CONFIG, NOW)?.reasons, /^x{150,216}$/)
  t.match([...spam.entries()], { length: 2 }, 'one that is too long costs no entry')
  const from = `${'l'.repeat(180)}@x.example`
  rememberSpam(spam, requestOf({ sender: from }), 'client-sender', 5, CONFIG, NOW, 'IN_X=5')
  t.match([...spam.entries()], { length: 3 }, 'nor does a long key')
  t.end()
})
