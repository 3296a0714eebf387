import t from 'tap'
import { askHam, rememberHam } from '../../src/cache/ham.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { requestOf } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const CONFIG = builtinConfig({ TEMP_PTIME: 100, PTIME: 1000, PTTL: 2 })
const NOW = 1_760_000_000

t.test('when an entry is hard', t => {
  const cases: {
    label: string
    steps: [afterSeconds: number, want: 'hard' | 'soft'][]
  }[] = [
    {
      label: 'not before it is older than $TEMP_PTIME',
      steps: [
        [0, 'soft'],
        [100, 'soft'],
        [1, 'hard'],
      ],
    },
    {
      label: 'for $PTTL queries, then one has to prove itself',
      steps: [
        [101, 'hard'],
        [1, 'hard'],
        [1, 'soft'],
        [1, 'hard'],
        [1, 'hard'],
        [1, 'soft'],
      ],
    },
    {
      label: 'for less than $PTIME seconds, then one has to prove itself',
      steps: [
        [999, 'hard'],
        [1, 'soft'],
        [999, 'hard'],
        [1, 'soft'],
      ],
    },
    {
      label: 'asking before it is hard uses nothing up',
      steps: [
        [1, 'soft'],
        [1, 'soft'],
        [1, 'soft'],
        [98, 'hard'],
        [0, 'hard'],
        [0, 'soft'],
      ],
    },
  ]
  for (const { label, steps } of cases) {
    const { ham } = newTables()
    rememberHam(ham, requestOf(), -6.1, CONFIG, NOW)
    let nowSeconds = NOW
    for (const [index, [afterSeconds, want]] of steps.entries()) {
      nowSeconds += afterSeconds
      t.strictSame(askHam(ham, requestOf(), CONFIG, nowSeconds), { kind: want, score: -6.1 }, `${label}: ${index + 1}`)
      t.equal([...ham.entries()][0]?.[1].seenSeconds, nowSeconds, 'seen')
    }
  }
  t.end()
})

t.test('whom an entry is about', t => {
  const cases = [
    { label: 'another local part', attributes: { sender: 'bob@example.org' }, want: true },
    { label: 'another recipient and HELO name', attributes: { recipient: 'x@y', helo_name: 'x' }, want: true },
    { label: 'another domain', attributes: { sender: 'alice@example.net' }, want: false },
    { label: 'another client', attributes: { client_address: '192.0.2.11' }, want: false },
  ]
  for (const { label, attributes, want } of cases) {
    const { ham } = newTables()
    rememberHam(ham, requestOf(), -6.1, CONFIG, NOW)
    t.equal(askHam(ham, requestOf(attributes), CONFIG, NOW) !== undefined, want, label)
  }
  t.end()
})

t.test('a new acceptance takes the place of an older one', t => {
  const { ham } = newTables()
  rememberHam(ham, requestOf(), -6.1, CONFIG, NOW)
  askHam(ham, requestOf(), CONFIG, NOW + 200)
  rememberHam(ham, requestOf(), -3, CONFIG, NOW + 300)
  const at = NOW + 300
  const want = { score: -3, queriesLeft: 2, seenSeconds: at, sinceSeconds: at, hardSinceSeconds: at }
  t.strictSame([...ham.entries()], [['192.0.2.10-example.org', want]])
  t.end()
})

t.test('mail without a sender vouches for itself alone', t => {
  const senders = ['', 'root', 'a@<>', 'a@example.org']
  for (const accepted of senders) {
    const { ham } = newTables()
    rememberHam(ham, requestOf({ sender: accepted }), -1, CONFIG, NOW)
    t.strictSame(
      senders.filter(sender => askHam(ham, requestOf({ sender }), CONFIG, NOW)),
      [accepted],
    )
  }
  t.end()
})
