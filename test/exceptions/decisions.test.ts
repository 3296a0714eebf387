/**
 * What becomes of a mail for which there is an exception: whom it is for, what is done, what is remembered of the mail, and what
 * is remembered then.
 */
import t from 'tap'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { Consultant } from '../../src/consult.ts'
import { type Decision, decide } from '../../src/decide.ts'
import type { Evaluator } from '../../src/evaluate.ts'
import type { ExceptionAction } from '../../src/exceptions/exception.ts'
import type { AskedAbout, Match, MatchedBy } from '../../src/exceptions/find-exception.ts'
import { lineOf } from '../../src/log/line.ts'
import type { Facts } from '../../src/score/scoring.ts'
import type { Judgement, Remember } from '../../src/score/verdict.ts'
import { LISTS, requestOf } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const NOW_SECONDS = 1_760_000_000
const REJECTED = { kind: 'rejected', message: '550 Spam' } as const

interface Verdict extends Partial<Judgement> {
  readonly remember: Remember
}

const REFUSED: Verdict = {
  action: '550 Spam; in one.example',
  weighted: { reasons: ' IN_ONE=3', rate: '3' },
  remember: { message: REJECTED, spam: { key: 'client', score: 3 } },
}
const DEFERRED: Verdict = {
  action: '450 4.7.1 later',
  weighted: { reasons: ' IN_ONE=3', rate: '3' },
  remember: { message: { kind: 'rejected', message: '450 4.7.1 later' } },
}
const BUSY: Verdict = { action: 'DEFER_IF_PERMIT 4.3.2 busy', why: 'busy', remember: {}, weighted: undefined }
const GOOD: Verdict = {
  action: 'PREPEND X-policyd-weight:  NOT_IN_ONE=-1; rate: -1',
  weighted: { reasons: ' NOT_IN_ONE=-1', rate: '-1' },
  remember: { message: { kind: 'accepted' }, ham: { score: -1 } },
}
const KNOWN: Verdict = {
  action: 'PREPEND X-policyd-weight: using cached result; rate: -1',
  weighted: undefined,
  remember: { message: { kind: 'accepted' } },
}

function setting(verdict: Verdict, match: Match | undefined, config: Partial<Config> = {}) {
  const judgement: Judgement = {
    action: '',
    why: 'rate',
    isPass: false,
    isTied: false,
    hits: 0,
    dnsbl: 0,
    nameErrors: 0,
    weighted: undefined,
    listAnswers: new Map(),
    listedBy: new Set(),
    addresses: [],
    notes: [],
    steps: [],
    ...verdict,
  }
  const tables = newTables()
  const evaluations: Facts[] = []
  const serving = builtinConfig({ ...LISTS, CACHEREJECTMSG: '550 again', REJECTMSG: '550 Spam', ...config })
  const consultant = new Consultant({
    config: serving,
    cache: { transact: use => use(tables), count: () => {} },
    evaluator: async () =>
      ({
        evaluate: async (_: unknown, known: Facts = {}) => {
          evaluations.push(known)
          return { judgement, lookups: [], queries: 1, cut: false }
        },
      }) as Pick<Evaluator, 'evaluate'> as Evaluator,
    nowMs: () => NOW_SECONDS * 1000,
  })
  const instance = {
    config: serving,
    consultant: () => consultant,
    nowMs: () => NOW_SECONDS * 1000,
    exceptions: { find: () => match },
  }
  const ask = async (attributes: Record<string, string> = {}): Promise<Decision> =>
    decide(requestOf({ client_name: 'unknown', ...attributes }), instance)
  /** What is remembered, in a word each. */
  const remembered = (): string[] => [
    ...[...tables.spam.entries()].map(() => 'spam'),
    ...[...tables.ham.entries()].map(() => 'ham'),
    ...[...tables.messages.entries()].map(([, { kind }]) => kind),
  ]
  const uses = (): Record<string, number> =>
    Object.fromEntries([...tables.exceptions.entries()].map(([who, { count }]) => [who, count]))
  return { ask, tables, evaluations, remembered, uses }
}

const matchOf = (by: MatchedBy, action: ExceptionAction): Match => ({ who: 'w', action, by })
const linesOf = ({ events }: Decision): string[] => events.map(event => lineOf(event, false).text)

const EARLY = ['client', 'name', 'helo'] as const
const HEADER = 'PREPEND X-policyd-weight:'

interface Case {
  readonly label: string
  readonly verdict: Verdict
  readonly action: ExceptionAction
  readonly want: string
  readonly would?: string
  /** By a client, name or HELO, or a sender; and by a recipient. */
  readonly remembered: readonly string[]
}

const CASES: readonly Case[] = [
  {
    label: 'refused, ACCEPT',
    verdict: REFUSED,
    action: 'ACCEPT',
    want: `${HEADER}  IN_ONE=3 EXEMPT; rate: 3`,
    would: '550 Spam; in one.example',
    remembered: ['accepted'],
  },
  {
    label: 'deferred, ACCEPT',
    verdict: DEFERRED,
    action: 'ACCEPT',
    want: `${HEADER}  IN_ONE=3 EXEMPT; rate: 3`,
    would: '450 4.7.1 later',
    remembered: ['accepted'],
  },
  {
    label: 'not scored to the end, ACCEPT',
    verdict: BUSY,
    action: 'ACCEPT',
    want: `${HEADER} EXEMPT`,
    would: 'DEFER_IF_PERMIT 4.3.2 busy',
    remembered: ['accepted'],
  },
  {
    label: 'good, ACCEPT',
    verdict: GOOD,
    action: 'ACCEPT',
    want: `${HEADER}  NOT_IN_ONE=-1 EXEMPT; rate: -1`,
    remembered: ['ham', 'accepted'],
  },
  {
    label: 'known, ACCEPT',
    verdict: KNOWN,
    action: 'ACCEPT',
    want: `${HEADER} using cached result; rate: -1 EXEMPT`,
    remembered: ['accepted'],
  },
  {
    label: 'refused, DRY',
    verdict: REFUSED,
    action: 'DRY',
    want: `${HEADER} would 550 Spam; in one.example`,
    would: '550 Spam; in one.example',
    remembered: ['accepted'],
  },
  {
    label: 'not scored to the end, DRY',
    verdict: BUSY,
    action: 'DRY',
    want: `${HEADER} would DEFER_IF_PERMIT 4.3.2 busy`,
    would: 'DEFER_IF_PERMIT 4.3.2 busy',
    remembered: ['accepted'],
  },
  {
    label: 'good, DRY',
    verdict: GOOD,
    action: 'DRY',
    want: `${HEADER}  NOT_IN_ONE=-1; rate: -1`,
    remembered: ['ham', 'accepted'],
  },
]

t.test('each exception, nothing remembered', async t => {
  for (const { label, verdict, action, want, would, remembered } of CASES)
    for (const by of [...EARLY, 'recipient', 'sender!'] as const) {
      const at = setting(verdict, matchOf(by, action))
      const decision = await at.ask()
      t.equal(decision.action, want, `${label}, ${by}`)
      t.equal(decision.would, would, `${label}, ${by}: what would have been`)
      t.same(decision.exempt, { who: 'w', action })
      t.same(at.remembered(), by === 'recipient' ? [] : remembered, `${label}, ${by}: what is remembered`)
      t.same(at.uses(), { w: 1 })
      t.equal(decision.evaluated?.judgement.action, verdict.action, 'the verdict itself can still be seen')
    }
})

t.test('without the header', async t => {
  const accept = setting(REFUSED, matchOf('client', 'ACCEPT'), { ADD_X_HEADER: false })
  t.equal((await accept.ask()).action, 'DUNNO   IN_ONE=3 EXEMPT; rate: 3')
  const dry = setting(REFUSED, matchOf('client', 'DRY'), { ADD_X_HEADER: false })
  t.equal((await dry.ask()).action, 'DUNNO would 550 Spam; in one.example')
})

t.test('SKIP asks nothing and nobody', async t => {
  for (const by of [...EARLY, 'recipient', 'sender!'] as const) {
    const at = setting(REFUSED, matchOf(by, 'SKIP'))
    const decision = await at.ask()
    t.equal(decision.action, 'DUNNO exempt (w)', by)
    t.match(decision, {
      by: 'exception',
      uncounted: 'exempted',
      exempt: { who: 'w', action: 'SKIP' },
      evaluated: undefined,
    })
    t.same([at.evaluations.length, at.remembered(), at.uses()], [0, [], {}])
  }
  const at = setting({ ...REFUSED, isTied: true }, matchOf('sender', 'SKIP'))
  t.equal((await at.ask()).action, 'DUNNO exempt (w)', 'of a sender when it is shown to be theirs')
  t.equal(at.evaluations.length, 1)
})

t.test('what is remembered of a client that was refused is passed by', async t => {
  for (const by of [...EARLY, 'recipient', 'sender', 'sender!'] as const)
    for (const action of ['ACCEPT', 'DRY'] as const) {
      const at = setting({ ...REFUSED, isTied: true }, matchOf(by, action))
      at.tables.spam.set('192.0.2.10', { score: 7, retriesLeft: 1, seenSeconds: NOW_SECONDS })
      at.tables.messages.set('i1\n192.0.2.10\nalice@example.org', { ...REJECTED, seenSeconds: NOW_SECONDS })
      const request = { instance: 'i1', sender: 'alice@example.org' }
      t.match((await at.ask(request)).action, /^PREPEND/, `${by} ${action}`)
      t.equal(at.tables.spam.get('192.0.2.10')?.retriesLeft, 1, 'and stays as it is')
    }
})

t.test('what is remembered of an accepted mail or client answers, but not where the recipient is exempt', async t => {
  for (const by of [...EARLY, 'recipient', 'sender'] as const) {
    const mail = setting(REFUSED, matchOf(by, 'ACCEPT'))
    mail.tables.messages.set('i1\n192.0.2.10\nalice@example.org', { kind: 'accepted', seenSeconds: NOW_SECONDS })
    const request = { instance: 'i1', sender: 'alice@example.org' }
    const isScored = by === 'recipient'
    t.equal((await mail.ask(request)).by, isScored ? undefined : 'message', by)
    t.same(mail.uses(), by === 'sender' ? {} : { w: 1 }, 'the use is counted, unless nobody knows whether it is one')
    const client = setting(REFUSED, matchOf(by, 'ACCEPT'), { TEMP_PTIME: 0 })
    const entry = { score: -1, queriesLeft: 9, seenSeconds: NOW_SECONDS - 9 }
    client.tables.ham.set('192.0.2.10-example.org', {
      ...entry,
      sinceSeconds: NOW_SECONDS - 9,
      hardSinceSeconds: NOW_SECONDS - 9,
    })
    t.equal((await client.ask(request)).by, isScored ? undefined : 'ham', by)
  }
})

t.test('an exempt recipient changes nothing for the others of the mail', async t => {
  const exempt = setting(REFUSED, matchOf('recipient', 'ACCEPT'))
  await exempt.ask({ instance: 'i1' })
  t.same(exempt.remembered(), [])
  const other = setting(REFUSED, undefined)
  t.match((await other.ask({ instance: 'i1' })).action, /^550/)
  t.same(other.remembered(), ['spam', 'rejected'])
})

t.test('a sender that is not shown to be who it says', async t => {
  for (const action of ['ACCEPT', 'SKIP', 'DRY'] as const) {
    const at = setting(REFUSED, matchOf('sender', action))
    const decision = await at.ask({ sender: 'a@example.org' })
    t.equal(decision.action, '550 Spam; in one.example', action)
    t.equal(decision.exempt, undefined)
    t.match(linesOf(decision)[0], new RegExp(`^warning: exception w ${action} not applied: neither SPF nor the names`))
    t.notMatch(linesOf(decision).join('\n'), /EXEMPT/)
    t.same(at.remembered(), ['spam', 'rejected'])
    t.same(at.uses(), {})
    t.same(at.evaluations[0]?.wantsTie, true, 'scoring is asked for it')
  }
  const good = await setting(GOOD, matchOf('sender', 'ACCEPT')).ask()
  t.equal(good.action, GOOD.action)
  t.equal(linesOf(good).filter(line => line.includes('not applied')).length, 0, 'nobody misses it')
})

t.test('a sender that is: by what scoring found, or by the name of the client', async t => {
  const tied = setting({ ...REFUSED, isTied: true }, matchOf('sender', 'ACCEPT'))
  t.match((await tied.ask()).action, /EXEMPT/)
  t.same(tied.uses(), { w: 1 })
  const named = setting(REFUSED, matchOf('sender', 'ACCEPT'))
  t.match((await named.ask({ client_name: 'mx.example.org', sender: 'a@example.org' })).action, /EXEMPT/)
  const forged = setting(REFUSED, matchOf('sender', 'ACCEPT'))
  t.match((await forged.ask({ client_name: 'mx.example.com', sender: 'a@example.org' })).action, /^550/)
})

t.test(
  'a list has to prove its word against a sender that is still to be shown, and against nobody who is exempt',
  async t => {
    const listed: Verdict = { ...REFUSED, listedBy: new Set(['one.example']) }
    for (const [by, isAsked] of [
      ['client', false],
      ['recipient', false],
      ['sender!', false],
      ['sender', true],
    ] as const) {
      const at = setting(listed, matchOf(by, 'ACCEPT'), { BL_PROBE_INTERVAL: 600 })
      // The evaluator of these tests asks no list.
      const outcome = await at.ask().then(
        () => 'answered',
        () => 'asked',
      )
      t.equal(outcome, isAsked ? 'asked' : 'answered', by)
    }
  },
)

t.test('short cuts stay in front', async t => {
  const at = setting(REFUSED, matchOf('client', 'SKIP'))
  t.match((await at.ask({ sender: '' })).action, /^DUNNO NULL/)
  t.match((await at.ask({ recipient: 'postmaster@example.net' })).action, /^DUNNO mail for/)
})

t.test('with references a mail that passes has none in its answer', async t => {
  const at = setting(REFUSED, matchOf('client', 'ACCEPT'), { ADD_REFERENCE: true })
  t.notMatch((await at.ask()).action, /ref /)
  const dry = setting(REFUSED, matchOf('client', 'DRY'), { ADD_REFERENCE: true })
  t.match((await dry.ask()).action, /would 550 .*; ref [0-9A-Z]{10}$/, 'but in what would have been answered')
})

t.test('an exception for a client behind a NAT64 counts by either of its addresses', async t => {
  const cases: [label: string, of: Readonly<Record<string, Match>>, isAsync: boolean, want: string][] = [
    ['none', {}, false, 'PREPEND'],
    ['its own', { '192.0.2.10': { ...matchOf('client', 'SKIP'), who: 'own' } }, false, 'DUNNO exempt (own)'],
    [
      'the one that Postfix logs',
      { '64:ff9b': { ...matchOf('client', 'SKIP'), who: 'seen' } },
      false,
      'DUNNO exempt (seen)',
    ],
    [
      'the same, read a moment ago',
      { '64:ff9b': { ...matchOf('client', 'SKIP'), who: 'seen' } },
      true,
      'DUNNO exempt (seen)',
    ],
    [
      'both',
      {
        '192.0.2.10': { ...matchOf('client', 'SKIP'), who: 'own' },
        '64:ff9b': { ...matchOf('client', 'SKIP'), who: 'seen' },
      },
      true,
      'DUNNO exempt (own)',
    ],
  ]
  for (const [label, of, isAsync, want] of cases) {
    const find = ({ client = '', sentClient = '' }: AskedAbout): Match | undefined | Promise<Match | undefined> => {
      t.match(sentClient, /^0064:ff9b:/)
      const match = of[client] ?? of['64:ff9b']
      return isAsync ? Promise.resolve(match) : match
    }
    const instance = {
      config: builtinConfig({ NAT64: true }),
      consultant: () => ({ consult: () => ({ action: 'PREPEND' }) }),
      nowMs: () => NOW_SECONDS * 1000,
      exceptions: { find },
    }
    const decided = await decide(requestOf({ client_address: '64:ff9b::192.0.2.10' }), instance)
    t.equal(decided.action, want, label)
  }
})
