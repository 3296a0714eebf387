/** Probes that no mail waits for: noted when their answers come, behind the mail's own, or given up. */
import t from 'tap'
import { BackgroundProbes } from '../src/background-probes.ts'
import { claimProbe } from '../src/cache/probes.ts'
import { builtinConfig } from '../src/config/parameters/parameters.ts'
import type { Outcome } from '../src/dns/outcome.ts'
import type { Evaluator } from '../src/evaluate.ts'
import { newTables } from './support/tables.ts'

const LISTED: Outcome = { kind: 'found', values: ['127.0.0.2'] }
const HOSTS = ['slow.test', 'other.test']
const config = builtinConfig({
  dnsbl_score: HOSTS.map(host => ({ host, filter: undefined, hit: 3, miss: 0, label: 'X' })),
  rhsbl_score: [],
  never_listed: [],
})

/** Probes of both lists, which are answered by `answer`. */
function setUp(notesAtOnce: boolean) {
  const tables = newTables()
  const askedMs = Date.now()
  for (const host of HOSTS) claimProbe(tables.probes, host, askedMs)
  const told: string[] = []
  const outcomes = new Map<string, Outcome>()
  const listeners: (() => void)[] = []
  const ended: string[] = []
  /** What comes while somebody hears. */
  let lyingReady: readonly string[] = []
  const answer = (host: string): void => {
    outcomes.set(host, LISTED)
    for (const listener of listeners) listener()
  }
  const evaluator = {
    probe: (questions: readonly { readonly list?: string }[], _: number, answered?: () => void) => {
      const host = questions[0]?.list ?? ''
      if (answered) listeners.push(answered)
      return {
        answers: { get: () => outcomes.get(host) },
        end: () => ended.push(host),
        arrived: async () => answer(host),
      }
    },
    hear: async (isOver: () => boolean) => {
      for (const host of lyingReady) {
        answer(host)
        if (isOver()) return
      }
    },
  } as unknown as Evaluator
  const cache = { transact: <T>(use: (of: typeof tables) => T) => use(tables), count: () => {} }
  const probes = new BackgroundProbes({ config, cache, evaluator, tell: text => told.push(text), notesAtOnce })
  probes.begin(HOSTS, askedMs)
  return {
    probes,
    told,
    ended,
    answer,
    hearing: (...hosts: string[]) => {
      lyingReady = hosts
    },
    record: (host: string) => tables.probes.get(host),
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

t.test('the daemon notes an answer when it comes, whatever became of the mail', async t => {
  const { probes, told, answer, ended, record } = setUp(true)
  await turn()
  t.match(record('slow.test'), { result: 'not-asked', isUnderWay: true })
  answer('slow.test')
  await turn()
  t.match(record('slow.test'), { result: 'guilty', isUnderWay: false })
  t.match(told, [/^list slow\.test cannot be trusted \(\S+ is listed\)/])
  t.strictSame(ended, ['slow.test'])
  t.ok(probes.isPending, 'the other one is still under way')
  probes.end()
  t.match(record('other.test'), { result: 'not-asked', isUnderWay: false }, 'given up: the next mail may ask')
  t.notOk(probes.isPending)
  answer('other.test')
  await turn()
  t.match(record('other.test'), { result: 'not-asked' }, 'what comes behind the end is not noted: the cache is closed')
})

t.test('a process of spawn(8) notes nothing while it answers, and all that comes while it rests', async t => {
  const { probes, told, answer, hearing, record } = setUp(false)
  answer('slow.test')
  await turn()
  t.match(record('slow.test'), { isUnderWay: true }, 'a mail is answered')
  hearing('other.test')
  await probes.rest(0)
  for (const host of HOSTS) t.match(record(host), { result: 'guilty', isUnderWay: false }, host)
  t.equal(told.length, 2)
  t.notOk(probes.isPending)
})

t.test('a process that rests until the next request comes goes on with what is under way', async t => {
  const { probes, hearing, record } = setUp(false)
  await probes.rest(0)
  t.ok(probes.isPending)
  t.match(record('slow.test'), { isUnderWay: true })
  hearing(...HOSTS)
  await probes.rest(0)
  for (const host of HOSTS) t.match(record(host), { result: 'guilty' }, host)
})

t.test('a process that ends notes what lies ready, and gives up the others', async t => {
  const { probes, hearing, ended, record } = setUp(false)
  hearing('slow.test', 'other.test')
  await probes.rest()
  t.match(record('slow.test'), { result: 'guilty', isUnderWay: false })
  t.match(record('other.test'), { result: 'not-asked', isUnderWay: false }, 'nobody has waited for it')
  t.strictSame(ended, HOSTS)
  t.notOk(probes.isPending)
})

t.test('a mail that needs the word of a list waits for the probe which keeps others from asking', async t => {
  const alone = setUp(false)
  await alone.probes.settle('slow.test')
  t.match(alone.record('slow.test'), { result: 'guilty', isUnderWay: false })
  t.equal(alone.probes.settle('slow.test'), undefined, 'there is none any more')
  t.equal(setUp(true).probes.settle('slow.test'), undefined, 'that of the daemon is noted all the same')
})
