import { lineOf } from '../src/log/line.ts'
import t from 'tap'
import type { Cache } from '../src/cache/cache.ts'
import type { Tables } from '../src/cache/tables.ts'
import { builtinConfig, type Config } from '../src/config/parameters/parameters.ts'
import { type Answer, Consultant } from '../src/consult.ts'
import type { Evaluated, Evaluator } from '../src/evaluate.ts'
import type { Facts, ScorableRequest } from '../src/score/scoring.ts'
import type { Judgement, Remember } from '../src/score/verdict.ts'
import { LISTS, requestOf } from './support/scoring.ts'
import { newTables } from './support/tables.ts'

const NO_CACHE: Cache = { transact: () => undefined, count: () => {} }
const ACCEPTED: Remember = { message: { kind: 'accepted' } }
const REJECTED: Remember = { message: { kind: 'rejected', message: '550 no' } }

/** What the evaluator comes to, where it matters. */
interface Verdict extends Partial<Judgement> {
  readonly cut?: boolean
}

/** A consultant over memory whose evaluator always comes to one verdict, and counts. */
function setting(
  verdict: Verdict = {},
  { config = {}, tables = newTables(), cache }: { config?: Partial<Config>; tables?: Tables; cache?: Cache } = {},
) {
  const { cut = false, ...judged } = verdict
  const judgement: Judgement = {
    action: 'scored',
    why: 'rate',
    isPass: false,
    isTied: false,
    hits: 0,
    dnsbl: 0,
    nameErrors: 0,
    weighted: undefined,
    remember: {},
    listAnswers: new Map(),
    listedBy: new Set(),
    addresses: [],
    notes: [],
    steps: [],
    ...judged,
  }
  const made = { evaluators: 0 }
  const evaluations: Facts[] = []
  const evaluate = async (_request: ScorableRequest, known: Facts = {}): Promise<Evaluated> => {
    evaluations.push(known)
    return { judgement, lookups: [], queries: 120, cut }
  }
  const clock = { nowSeconds: 1_760_000_000 }
  const consultant = new Consultant({
    config: builtinConfig({ ...LISTS, NTIME: 30, CACHEREJECTMSG: '550 again', BL_ERROR_SKIP: 0, ...config }),
    cache: cache ?? { transact: use => use(tables), count: () => {} },
    evaluator: async () => {
      made.evaluators++
      return { evaluate } as Pick<Evaluator, 'evaluate'> as Evaluator
    },
    nowMs: () => clock.nowSeconds * 1000,
  })
  const ask = async (attributes: Record<string, string> = {}): Promise<Answer> =>
    consultant.consult(requestOf(attributes))
  return { ask, clock, evaluations, made, tables }
}

/** The texts of the log lines, without those that are absent. */
const linesOf = ({ events = [] }: Answer): string[] => events.flatMap(event => (event ? lineOf(event, false).text : []))

t.test('the other recipients of a mail are answered without evaluation', async t => {
  const multirecipient = 'DUNNO multirecipient-mail - already accepted by previous query'
  const cases: { label: string; remember: Remember; want: string | undefined }[] = [
    { label: 'accepted', remember: ACCEPTED, want: multirecipient },
    { label: 'rejected', remember: REJECTED, want: '550 no (multirecipient mail)' },
    {
      label: 'a restriction class stays its bare name',
      remember: { message: { kind: 'rejected', message: 'rc: strict, see docs' } },
      want: 'strict',
    },
    { label: 'nothing to remember: evaluated again', remember: {}, want: undefined },
  ]
  for (const { label, remember, want } of cases) {
    const { ask, evaluations } = setting({ remember })
    t.equal((await ask()).action, 'scored', label)
    const other = await ask({ recipient: 'carol@example.net' })
    t.equal(other.action, want ?? 'scored', `${label}: the other recipient`)
    t.equal(evaluations.length, want === undefined ? 2 : 1, `${label}: evaluations`)
    t.equal(other.evaluated === undefined, want !== undefined)
    await ask({ instance: 'i2' })
    t.equal(evaluations.length, want === undefined ? 3 : 2, `${label}: another mail is evaluated`)
  }
})

t.test('without an instance each recipient is evaluated', async t => {
  const { ask, evaluations } = setting({ remember: ACCEPTED })
  await ask({ instance: '' })
  await ask({ instance: '' })
  t.equal(evaluations.length, 2)
})

t.test('a rejected client', async t => {
  const spam: Remember = { ...REJECTED, spam: { key: 'client', score: 7.5 } }
  const wait = '550 again - retrying too fast. penalty: 30 seconds x 1 retries.'
  const { ask, clock, evaluations } = setting({ remember: spam })
  await ask({ instance: 's1' })
  t.equal((await ask({ instance: 's2' })).action, wait)
  const other = await ask({ instance: 's2', recipient: 'carol@example.net' })
  t.equal(other.action, `${wait} (multirecipient mail)`, 'its other recipients get that text')
  t.equal((await ask({ instance: 's3', sender: 'x@example.com' })).action, wait, 'whoever the sender is')
  t.equal(evaluations.length, 1)
  clock.nowSeconds += 31
  t.match((await ask({ instance: 's4' })).action, / x 0 retries\.$/)
  clock.nowSeconds += 31
  t.equal((await ask({ instance: 's5' })).action, 'scored', 'afresh')
  t.equal(evaluations.length, 2)
})

t.test('a line says what a client is rejected for again', async t => {
  const spam: Remember = { ...REJECTED, spam: { key: 'client', score: 7.5 } }
  const weighted = { reasons: ' IN_X=7.5', rate: '7.5' }
  const parties = '<client=mail.example.org[192.0.2.10]>'
  const known = setting({ remember: spam, weighted })
  await known.ask({ instance: 's1' })
  t.strictSame(linesOf(await known.ask({ instance: 's2' })), [`rejected again: IN_X=7.5; ${parties}; rate: 7.5`])
  const unknown = setting({ remember: spam, weighted: undefined })
  await unknown.ask({ instance: 's1' })
  t.strictSame(linesOf(await unknown.ask({ instance: 's2' })), [`rejected again: as before; ${parties}; rate: 7.5`])
})

t.test('a rejection under client and sender is about that sender alone', async t => {
  const { ask } = setting({ remember: { ...REJECTED, spam: { key: 'client-sender', score: 2 } } })
  await ask({ instance: 's1' })
  t.match((await ask({ instance: 's2' })).action, /retrying too fast/)
  t.equal((await ask({ instance: 's3', sender: 'x@example.com' })).action, 'scored')
})

t.test('a cached rejection that names a restriction class', async t => {
  const spam: Remember = { ...REJECTED, spam: { key: 'client', score: 7.5 } }
  const { ask } = setting({ remember: spam }, { config: { CACHEREJECTMSG: 'rc: greylist' } })
  await ask({ instance: 's1' })
  t.equal((await ask({ instance: 's2' })).action, 'greylist')
  t.equal((await ask({ instance: 's2', recipient: 'carol@example.net' })).action, 'greylist')
})

t.test('an accepted client: soft is handed over to scoring, hard is answered', async t => {
  const remember: Remember = { ...ACCEPTED, ham: { score: -6.1 } }
  const { ask, clock, evaluations } = setting({ remember }, { config: { TEMP_PTIME: 100, PTTL: 1 } })
  await ask({ instance: 'i1' })
  t.equal(evaluations[0]?.cachedHamScore, undefined)
  clock.nowSeconds += 101
  const hard = await ask({ instance: 'i2' })
  t.equal(hard.action, 'PREPEND X-policyd-weight: using cached result; rate:hard: -6.1')
  t.equal(hard.evaluated, undefined)
  t.match((await ask({ instance: 'i2', recipient: 'carol@example.net' })).action, /already accepted/)
  t.equal(evaluations.length, 1)
  t.equal((await ask({ instance: 'i3' })).action, 'scored', '$PTTL is used up')
  t.equal(evaluations[1]?.cachedHamScore, -6.1)
})

t.test('a hard entry under other settings', async t => {
  const cases: { label: string; config: Partial<Config>; want: string }[] = [
    { label: 'without the header', config: { ADD_X_HEADER: false }, want: 'DUNNO  known; rate:hard: -6.1' },
    {
      label: 'a faulty configuration says so',
      config: { faulty: true },
      want: 'PREPEND X-policyd-weight: using builtin defaults due to config-error known; rate:hard: -6.1',
    },
  ]
  for (const { label, config, want } of cases) {
    const { ask, clock } = setting(
      { remember: { ham: { score: -6.1 } } },
      { config: { ...config, TEMP_PTIME: 0, POSCACHEMSG: 'known' } },
    )
    await ask({ instance: 'i1' })
    clock.nowSeconds += 1
    t.equal((await ask({ instance: 'i2' })).action, want, label)
  }
})

t.test('what is kept of each judgement, and how it counts', async t => {
  const cases: (Verdict & { label: string; remember: Remember; want: number[]; wantCounted: string })[] = [
    {
      label: 'accepted with a clean client',
      remember: { ...ACCEPTED, ham: { score: -1 } },
      want: [0, 1, 1],
      wantCounted: 'accepted',
    },
    { label: 'accepted', remember: ACCEPTED, want: [0, 0, 1], wantCounted: 'accepted' },
    {
      label: 'rejected',
      remember: { ...REJECTED, spam: { key: 'client', score: 7.5 } },
      want: [1, 0, 1],
      wantCounted: 'rejected',
    },
    { label: 'rejected with a class of its own', remember: REJECTED, want: [0, 0, 1], wantCounted: 'rejected' },
    { label: 'put off', action: '450 later', remember: {}, want: [0, 0, 0], wantCounted: 'deferred' },
    {
      label: 'put off, as are the other recipients',
      action: 'DEFER_IF_PERMIT 4.7.1 later',
      remember: REJECTED,
      want: [0, 0, 1],
      wantCounted: 'deferred',
    },
    { label: 'rejected, and not remembered', action: '550 no', remember: {}, want: [0, 0, 0], wantCounted: 'rejected' },
    { label: 'passed', isPass: true, remember: ACCEPTED, want: [0, 0, 1], wantCounted: 'passed' },
    {
      label: 'not scored to the end',
      why: 'busy',
      action: 'DEFER_IF_PERMIT 4.3.2 busy',
      remember: {},
      want: [0, 0, 0],
      wantCounted: 'busy',
    },
    { label: 'accepted in spite of failures', remember: {}, accepted: true, want: [0, 0, 0], wantCounted: 'accepted' },
  ]
  for (const { label, want, wantCounted, ...verdict } of cases) {
    const { ask, tables } = setting(verdict)
    await ask()
    const { spam, ham, messages, counters } = tables
    t.strictSame(
      [spam, ham, messages].map(table => [...table.entries()].length),
      want,
      label,
    )
    const counted = [...counters.read()].filter(([, count]) => count > 0).map(([name]) => name)
    t.strictSame(counted.sort(), ['evaluations', 'requests', wantCounted].sort(), `${label}: counters`)
  }
})

t.test('a list that fails too often is not asked, and the log says so once', async t => {
  const { ask, evaluations } = setting({ listAnswers: new Map([['one.example', { kind: 'broken', why: 'servfail' }]]) })
  const first = await ask()
  t.match(linesOf(first), ['warning: list one.example failed 1 time in a row (SERVFAIL) and is skipped 10 times'])
  t.equal(first.events?.[0]?.kind, 'warning')
  const second = await ask()
  t.strictSame(linesOf(second), [])
  t.strictSame(
    evaluations.map(({ skippedLists = [] }) => [...skippedLists]),
    [[], ['one.example']],
  )
})

t.test('remarks on a judgement become log lines, in front of the weighted check', async t => {
  const weighted = { reasons: ' IN_ONE=3', rate: '3' }
  const { ask } = setting({ notes: ['16 exchanges of 20 followed'], cut: true, weighted })
  const lines = linesOf(await ask())
  t.equal(lines.length, 3)
  t.match(lines, [
    /^warning: 16 exchanges/,
    /^warning: sent no more than 120 DNS queries/,
    /^weighted check: {2}IN_ONE=3; /,
  ])
})

t.test('a cache that cannot be had: nothing is known, and mail is answered', async t => {
  const remember: Remember = { ...REJECTED, spam: { key: 'client', score: 7.5 }, ham: { score: -1 } }
  const listAnswers = new Map([['one.example', { kind: 'timeout' }]] as const)
  const { ask, evaluations } = setting({ remember, listAnswers }, { cache: NO_CACHE })
  for (let i = 0; i < 2; i++) {
    const answer = await ask()
    t.equal(answer.action, 'scored')
    t.strictSame(linesOf(answer), [])
  }
  t.equal(evaluations.length, 2)
  t.strictSame(evaluations[1], { skippedLists: new Set() })
})

t.test('a cache that is lost between question and answer', async t => {
  const tables = newTables()
  let calls = 0
  const counted: string[] = []
  const cache: Cache = {
    transact: use => (++calls === 1 ? use(tables) : undefined),
    count: counter => counted.push(counter),
  }
  const { ask } = setting({ remember: ACCEPTED }, { cache })
  t.equal((await ask()).action, 'scored')
  t.strictSame([...tables.messages.entries()], [])
  t.strictSame(counted, ['accepted'], 'it is counted when the cache is there again')
})

t.test('the evaluator is not made for what is known, and a failing evaluation leaves nothing behind', async t => {
  const { ask, made, tables } = setting()
  tables.messages.set('i1\n192.0.2.10\nalice@example.org', { kind: 'accepted', seenSeconds: 1_760_000_000 })
  await ask()
  t.equal(made.evaluators, 0)
  const failing = new Consultant({
    config: builtinConfig(LISTS),
    cache: { transact: use => use(tables), count: () => {} },
    evaluator: () => Promise.reject(new Error('of ours')),
    nowMs: () => 1_760_000_000_000,
  })
  await t.rejects(async () => failing.consult(requestOf({ instance: 'i2' })), { message: 'of ours' })
  t.equal([...tables.messages.entries()].length, 1)
})

t.test('a list that is found to list everybody while a caller goes away: the log says so all the same', async t => {
  const tables = newTables()
  const warned: string[] = []
  let nowMs = 1_760_000_000_000
  const listed = { get: () => ({ kind: 'found', values: ['127.0.0.2'] }) } as const
  const evaluator = {
    evaluate: () => Promise.reject(new Error('gone')),
    probe: () => ({ answers: listed, end: () => undefined }),
  } as unknown as Evaluator
  const consultant = new Consultant({
    config: builtinConfig({ ...LISTS, BL_PROBE_INTERVAL: 600 }),
    cache: { transact: use => use(tables), count: () => {} },
    evaluator: async () => evaluator,
    nowMs: () => nowMs,
    warn: text => warned.push(text),
  })
  for (const instance of ['i1', 'i2']) {
    await t.rejects(async () => consultant.consult(requestOf({ instance })), { message: 'gone' })
    nowMs += 600_000
  }
  await new Promise(resolve => setImmediate(resolve))
  t.ok(warned.length > 0)
  for (const text of warned) t.match(text, /^list .* cannot be trusted/)
})
