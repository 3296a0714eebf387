import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { type Question, questionKey } from '../../src/dns/outcome.ts'
import { openLists, settleEarly } from '../../src/score/early.ts'
import { ListQuestions } from '../../src/score/list-questions.ts'
import { score } from '../../src/score/score.ts'
import type { Facts } from '../../src/score/scoring.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { describeVerdict } from '../../src/score/verdict-words.ts'
import { type AnswerTable, GOOD_MAIL_ANSWERS, LISTS, outcomeOf, requestOf } from '../support/scoring.ts'

/** A mail whose names lead elsewhere: 4 without the lists of clients. */
const FORGED: AnswerTable = {
  'A 10.2.0.192.one.example': 'nxdomain',
  'A 10.2.0.192.two.example': 'nxdomain',
  'A forged.example.sender.example': 'nxdomain',
  'PTR 10.2.0.192.in-addr.arpa': 'nxdomain',
  'MX forged.example': 'nodata',
  'A forged.example': ['203.0.113.5'],
  'AAAA forged.example': 'nodata',
  'MX mail.forged.example': 'nodata',
  'A mail.forged.example': ['203.0.113.5'],
  'AAAA mail.forged.example': 'nodata',
}
const FORGED_REQUEST = { client_name: 'unknown', helo_name: 'mail.forged.example', sender: 'a@forged.example' }

const without = (table: AnswerTable, ...missing: string[]): AnswerTable =>
  Object.fromEntries(Object.entries(table).filter(([key]) => !missing.includes(key)))

interface Found {
  readonly early: Judgement | undefined
  readonly open: readonly string[]
  readonly config: Config
}

function settle(table: AnswerTable, given: Partial<Config>, known: Facts = {}, attributes = {}): Found {
  const isForged = Object.keys(table).some(key => key.includes('forged'))
  const request = requestOf({ ...(isForged && FORGED_REQUEST), ...attributes })
  const config = builtinConfig({ ...LISTS, EARLY_VERDICT: true, ...given })
  const answers = {
    get: (question: Question) => {
      const entry = table[questionKey(question)]
      return entry === undefined ? undefined : outcomeOf(entry)
    },
  }
  const scored = score(request, answers, config, known)
  if (scored.kind === 'verdict') throw new Error('nothing is missing')
  const early = settleEarly(scored.soFar, { request, answers, known }, config)
  return {
    early,
    open: openLists(request, new ListQuestions(request, config), scored.questions, config).map(({ host }) => host),
    config,
  }
}

const strong = { strong_lists: ['ONE'], dnsbl_score: LISTS.dnsbl_score.map(list => ({ ...list, hit: 6 })) }
const CLASSIC_DEFERRED = { DEFER_STRING: ['IN_TWO='] }

t.test('a verdict that no missing answer can change', t => {
  const cases: [label: string, table: AnswerTable, config: Partial<Config>, want: RegExp][] = [
    [
      'a list could not make it bad',
      without(GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example'),
      {},
      /^PREPEND .* \.\.\.; rate: -3\.1$/,
    ],
    [
      'nor could one of sender domains',
      without(GOOD_MAIL_ANSWERS, 'A example.org.sender.example'),
      {},
      / \.\.\.; rate: -4\.1$/,
    ],
    ['a list could only make it worse', without(FORGED, 'A 10.2.0.192.two.example'), {}, /^550 /],
    [
      'what else is said by a client that a strong list names: no word of what rests on names',
      without(
        { ...FORGED, 'A 10.2.0.192.one.example': ['127.0.0.2'] },
        'AAAA mail.forged.example',
        'PTR 10.2.0.192.in-addr.arpa',
      ),
      { ...strong, TWO_WITNESSES: true },
      /^550 [^(]*$/,
    ],
    [
      'a word of $DEFER_STRING is no more than another list could bring, far above',
      without(FORGED, 'A 10.2.0.192.two.example'),
      CLASSIC_DEFERRED,
      /^550 /,
    ],
  ]
  for (const [label, table, config, want] of cases) {
    const { early, config: used } = settle(table, config)
    t.match(early?.action, want, label)
    t.same(Object.keys(early?.remember ?? {}), ['message'], `${label}: known for other recipients, and no more`)
    if (early?.weighted) t.match(early.weighted.reasons, / \.\.\.$/, `${label}: open reasons`)
    t.match(early && describeVerdict(early, used), /, whatever was not waited for$/)
  }
  t.end()
})

t.test('one that a missing answer can change', t => {
  const cases: [label: string, table: AnswerTable, config: Partial<Config>, known?: Facts][] = [
    [
      'two lists could make it bad',
      without(GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example', 'A 10.2.0.192.two.example'),
      {},
    ],
    ['a list that rejects alone', without(GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example'), strong],
    [
      'so many lists are silent, with it, that the mail passes',
      without({ ...FORGED, 'A 10.2.0.192.one.example': 'timeout' }, 'A 10.2.0.192.two.example'),
      { MAXDNSERR: 2 },
    ],
    [
      'its names may fail, and it is deferred for it',
      without({ ...FORGED, 'A 10.2.0.192.one.example': ['127.0.0.2'] }, 'MX forged.example'),
      strong,
    ],
    [
      'a rejection that an answer to a failed lookup could prevent',
      without({ ...FORGED, 'MX forged.example': 'servfail' }, 'A 10.2.0.192.two.example'),
      { DEFER_ON_DNSERR: true },
    ],
    [
      'another list could bring the word by which it is deferred',
      without(FORGED, 'A 10.2.0.192.two.example'),
      { ...CLASSIC_DEFERRED, DEFER_LEVEL: 100 },
    ],
    [
      'only names were looked up less: a HAM entry',
      without(GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example'),
      strong,
      { cachedHamScore: -2 },
    ],
  ]
  for (const [label, table, config, known] of cases) t.equal(settle(table, config, known).early, undefined, label)
  t.end()
})

t.test('a word that only a client without a name can bring', t => {
  const settleAs = (client_name: string): Judgement | undefined => {
    const given = { DEFER_STRING: ['CLIENT_HAS_NO_NAME='], DEFER_LEVEL: 100 }
    return settle(without(FORGED, 'A 10.2.0.192.two.example'), given, {}, { client_name }).early
  }
  t.match(settleAs('h7.isp.example')?.action, /^550 /)
  t.equal(settleAs('unknown'), undefined)
  t.end()
})

t.test('lists that were not waited for', t => {
  const missing = ['A 10.2.0.192.one.example', 'A example.org.sender.example', 'MX example.org']
  t.same(
    settle(without(GOOD_MAIL_ANSWERS, ...missing), {}).open,
    ['one.example', 'sender.example'],
    'each once, and no names',
  )
  const zone_codes = [{ zone: 'one.example', words: 'domain' }]
  t.same(
    settle(without(GOOD_MAIL_ANSWERS, ...missing), { zone_codes }).open,
    ['sender.example'],
    'not one that is not asked',
  )
  t.end()
})

t.test('what an answer says of a list', t => {
  const request = requestOf()
  const config = builtinConfig(LISTS)
  const question: Question = { type: 'A', name: '10.2.0.192.one.example' }
  const [list] = openLists(request, new ListQuestions(request, config), [question], config)
  t.equal(list?.read({ kind: 'nxdomain' }), 'answered')
  t.equal(list?.read({ kind: 'found', values: ['127.0.0.2'] }), 'answered')
  t.same(list?.read({ kind: 'failed', reason: 'timeout' }), { kind: 'timeout' })
  t.same(list?.read({ kind: 'found', values: ['127.255.255.254'] }), { kind: 'blocked', code: '127.255.255.254' })
  t.end()
})
