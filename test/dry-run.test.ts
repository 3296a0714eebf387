import t from 'tap'
import type { Cache } from '../src/cache/cache.ts'
import { builtinConfig, type Config } from '../src/config/parameters/parameters.ts'
import { Consultant } from '../src/consult.ts'
import { type Decision, decide } from '../src/decide.ts'
import { wouldAction } from '../src/dry-run.ts'
import type { Evaluated, Evaluator } from '../src/evaluate.ts'
import type { Judgement } from '../src/score/verdict.ts'
import { judgeBusy } from '../src/unscored.ts'
import { requestOf } from './support/scoring.ts'
import { newTables } from './support/tables.ts'

t.test('what would be done, where it is not acceptance', t => {
  const cases: [label: string, action: string, want: string][] = [
    ['a refusal', '550 5.7.1 no', 'PREPEND X-policyd-weight: would 550 5.7.1 no'],
    ['a deferral', '450 later', 'PREPEND X-policyd-weight: would 450 later'],
    ['by a word', 'DEFER_IF_PERMIT 4.3.2 busy', 'PREPEND X-policyd-weight: would DEFER_IF_PERMIT 4.3.2 busy'],
    ['REJECT alone', 'REJECT', 'PREPEND X-policyd-weight: would REJECT'],
    ['what loses the mail', 'DISCARD spam', 'PREPEND X-policyd-weight: would DISCARD spam'],
    ['what keeps it', 'hold it', 'PREPEND X-policyd-weight: would hold it'],
    ['what sends it elsewhere', 'REDIRECT a@b.example', 'PREPEND X-policyd-weight: would REDIRECT a@b.example'],
    ['a restriction class', 'strict', 'PREPEND X-policyd-weight: would strict'],
    ['a class with a like name', 'DUNNO_NOT', 'PREPEND X-policyd-weight: would DUNNO_NOT'],
    ['behind blanks', '  550 no', 'PREPEND X-policyd-weight: would   550 no'],
    ['acceptance with a header', 'PREPEND X-policyd-weight:  a=1', 'PREPEND X-policyd-weight:  a=1'],
    ['without one', 'DUNNO  a=1', 'DUNNO  a=1'],
    ['without a text', 'dunno', 'dunno'],
    ['what the operator lets through', 'OK', 'OK'],
    ['what is only logged', 'WARN spam', 'WARN spam'],
  ]
  for (const [label, action, want] of cases) t.equal(wouldAction(action), want, label)
  t.equal(wouldAction('550 no', false), 'DUNNO would 550 no', 'without a header')
  t.end()
})

/** Answers requests by one judgement, in a dry run or not. */
function setting(verdict: Partial<Judgement>, config: Partial<Config>) {
  const judgement: Judgement = { ...judgeBusy(''), notes: [], why: 'rate', ...verdict }
  const tables = newTables()
  const cache: Cache = { transact: use => use(tables), count: () => {} }
  const all = builtinConfig({ BL_PROBE_INTERVAL: 0, ...config })
  const evaluate = async (): Promise<Evaluated> => ({ judgement, lookups: [], queries: 0, cut: false })
  const evaluator = async (): Promise<Evaluator> => ({ evaluate }) as Pick<Evaluator, 'evaluate'> as Evaluator
  const nowMs = (): number => 1_760_000_000_000
  const consultant = new Consultant({ config: all, cache, evaluator, nowMs })
  const ask = async (attributes: Record<string, string>): Promise<Decision> =>
    decide(requestOf(attributes), { config: all, consultant: () => consultant, nowMs })
  return { ask, tables }
}

const REFUSAL: Partial<Judgement> = {
  action: '550 no; in list.example',
  weighted: { reasons: ' IN_LIST=4', rate: '4' },
  remember: { spam: { key: 'client', score: 4 }, message: { kind: 'rejected', message: '550 no' } },
}

t.test('a dry run refuses nobody, and remembers as without', async t => {
  const dry = setting(REFUSAL, { DRY_RUN: true, CACHEREJECTMSG: '550 again' })
  const real = setting(REFUSAL, { CACHEREJECTMSG: '550 again' })
  const requests: [label: string, attributes: Record<string, string>, want: RegExp][] = [
    ['the verdict', { instance: 'a' }, /^PREPEND X-policyd-weight: would 550 no; in list\.example$/],
    [
      'another recipient, who needs no second header',
      { instance: 'a', recipient: 'c@x' },
      /^DUNNO would 550 no \(multi/,
    ],
    ['from memory', { instance: 'b' }, /^PREPEND X-policyd-weight: would 550 again - retrying too fast/],
    ['its other recipient', { instance: 'b', recipient: 'c@x' }, /^DUNNO would 550 again - retrying .*\(multi/],
    ['what is accepted anyway', { recipient: 'postmaster@x' }, /^DUNNO mail for postmaster@x$/],
  ]
  for (const [label, attributes, want] of requests) {
    const [tried, given] = [await dry.ask(attributes), await real.ask(attributes)]
    t.match(tried.action, want, label)
    t.match(tried.events.at(-1), { kind: 'decided', action: tried.action }, 'and that is logged')
    t.equal(tried.would ?? tried.action, given.action, 'it says what would be done')
    t.equal(given.would, undefined)
  }
  const counted = dry.tables.counters.read()
  t.equal(counted.get('rejected'), 1)
  t.same(counted, real.tables.counters.read(), 'and counts what would have been done')
})

t.test('nor does it defer a mail for which there was no time', async t => {
  const { ask } = setting(judgeBusy('a mail waited'), { DRY_RUN: true })
  t.match(
    (await ask({ instance: 'a' })).action,
    /^PREPEND X-policyd-weight: would DEFER_IF_PERMIT 4\.3\.2 policy service busy/,
  )
})

t.test('without $ADD_X_HEADER no mail has a header', async t => {
  const { ask } = setting(REFUSAL, { DRY_RUN: true, ADD_X_HEADER: false })
  t.match((await ask({ instance: 'a' })).action, /^DUNNO would 550 no; in list\.example$/)
})

t.test('the longest action fits into a header', async t => {
  const { ask } = setting({ ...REFUSAL, action: `550 ${'x'.repeat(9000)}` }, { DRY_RUN: true })
  const { action, would } = await ask({ instance: 'a' })
  t.equal(would?.length, 500)
  t.equal(action, `PREPEND X-policyd-weight: would ${would}`)
})
