import t from 'tap'
import {
  builtinConfig,
  type Config,
  type ConfiguredList,
  type ScorePair,
} from '../../src/config/parameters/parameters.ts'
import { type Outcome, type Question, questionKey } from '../../src/dns/outcome.ts'
import { type Bounds, boundsOf } from '../../src/score/bounds.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import { score } from '../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../src/score/scoring.ts'
import type { Answers } from '../../src/dns/outcome.ts'
import { fateOf } from '../../src/score/fate.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { randomFrom } from '../support/random.ts'
import { type AnswerTable, GOOD_MAIL_ANSWERS, LISTS, outcomeOf, requestOf } from '../support/scoring.ts'

/** `npm run test:bounds` takes more. */
const TRIES = Number(process.env.BOUNDS_TRIES ?? 10_000)

type Random = ReturnType<typeof randomFrom>

const pick = <Value>(random: Random, values: readonly Value[]): Value => values[random(values.length)] as Value

const CLIENTS = ['192.0.2.10', '192.0.2.10', '192.0.2.10', '2001:db8::25']
const HELOS = ['mail.example.net', 'example.org', 'mx.example.org', '[192.0.2.10]', '192.0.2.10', 'a.b.example.net']
const MORE_HELOS = ['dsl-192-0-2-10.example.net', 'ppp.client.example.net', 'host', 'mx1.example.net.']
const SENDERS = [
  'a@example.org',
  'nobody@example.org',
  'xvkrtz@example.org',
  'a@a.b.example.org',
  'a@192.0.2.10',
  'nobody',
  '',
]
const NAMES = ['mail.example.org', 'mx.example.net', 'unknown', 'dsl.example.net', '']
const HOSTS = ['mx.example.org', 'mail.example.net', 'example.org', '']
const ADDRESSES = ['192.0.2.10', '192.0.2.77', '192.0.99.1', '10.0.0.1', '203.0.113.5', '127.0.0.1']
const LONG = [
  '2001:0db8:0000:0000:0000:0000:0000:0025',
  '2001:0db8:0000:0000:0000:0000:0000:0099',
  '2001:0db8:0000:7::1',
]
const POINTERS = ['mail.example.net', 'dsl.a.example.net', 'mx.example.org', 'x.other.example']
const RECORDS = [
  'v=spf1 -all',
  'v=spf1 a mx ~all',
  'v=spf1 ip4:192.0.2.0/24 -all',
  'v=spf1 include:spf.example.org include:example.net ?all',
  'v=spf1 redirect=example.net',
  'v=spf1 include:spf.example.org +all',
  'v=spf1 exists:%{i}.example.org +ptr -all',
  'v=spf1 broken:',
  'not an SPF record',
]
const LISTED = ['127.0.0.2', '127.255.255.254', '203.0.113.7']
const FAILURES = ['timeout', 'servfail'] as const

const some = (random: Random, values: readonly string[]): string[] =>
  Array.from({ length: 1 + random(3) }, () => pick(random, values))

/** What a question is answered, if it has an answer at all. */
function answerOf(question: Question, random: Random): Outcome {
  const turn = random(10)
  if (turn === 0) return { kind: 'failed', reason: pick(random, FAILURES) }
  if (turn < 5) return { kind: pick(random, ['nxdomain', 'nodata']) }
  if (question.ofList) return { kind: 'found', values: [pick(random, LISTED)] }
  const pools = { A: ADDRESSES, AAAA: LONG, MX: HOSTS, PTR: POINTERS, NS: HOSTS, TXT: RECORDS }
  return { kind: 'found', values: some(random, pools[question.type]) }
}

function randomScore(random: Random): number {
  return pick(random, [0, 0.25, 1, 1.5, 2.1, 3.25, 4, -1, -1.5, -3.1])
}

const PAIRS = Object.entries(builtinConfig()).flatMap(([name, value]) =>
  typeof value === 'object' && value !== null && 'bad' in value ? [name] : [],
)

function randomConfig(random: Random): Config {
  const pair = (): ScorePair => ({ bad: randomScore(random), good: randomScore(random) })
  const pairs = random(3) === 0 ? {} : Object.fromEntries(PAIRS.map(name => [name, pair()]))
  const scored = (list: ConfiguredList): ConfiguredList => ({
    ...list,
    hit: randomScore(random),
    miss: randomScore(random),
    label: pick(random, [list.label, `DYN_${list.label}`]),
  })
  return builtinConfig({
    ...pairs,
    dnsbl_score: LISTS.dnsbl_score.map(scored),
    rhsbl_score: [...LISTS.rhsbl_score, ...LISTS.rhsbl_score.map(list => ({ ...list, host: 'other.example' }))].map(
      scored,
    ),
    REJECTLEVEL: pick(random, [1, 1, 2.5, 5]),
    DEFER_LEVEL: pick(random, [0, 5, 100]),
    DEFER_STRING: pick(random, [
      [],
      ['BOGUS_MX='],
      ['IN_'],
      ['IN_ONE=', 'SPF_FAIL='],
      ['IN_SENDER=4', 'HELO_'],
      ['DYN_'],
      ['CLIENT_HAS_NO_NAME='],
    ]),
    MAXDNSBLHITS: pick(random, [0, 1, 2]),
    MAXDNSBLSCORE: pick(random, [3, 8]),
    MAXDNSERR: pick(random, [1, 2, 3]),
    CLIENTDNSERRMSG: pick(random, ['', '450 later', '450 later']),
    IGNORE_RFC1918_A: random(2) === 0,
    ...(random(3) > 0 && randomRules(random)),
  })
}

/** Rules that are off unless somebody wants them. */
function randomRules(random: Random): Partial<Config> {
  const on = (): boolean => random(3) > 0
  const allowed = { host: 'allow.example', filter: undefined, hit: -2, miss: 0, label: 'ALLOWED' }
  return {
    COUNT_LISTS_ONCE: on(),
    TWO_WITNESSES: on(),
    HELO_BY_CLIENT_NAME: on(),
    HELO_HOLDS_ADDRESS: on(),
    RELATE_BY_ORGANISATION: on(),
    CHECK_SPF: on(),
    SCORE_NULL_SENDER: true,
    RHSBL_CHECK_HELO: on(),
    CACHE_PER_DOMAIN: on(),
    helo_of_others_score: { bad: 1.5, good: 0 },
    client_no_name_score: { bad: 1.5, good: 0 },
    spf_fail_score: { bad: 3, good: 0 },
    spf_softfail_score: { bad: pick(random, [0, 1]), good: 0 },
    dnswl_score: pick(random, [[], [allowed], [allowed, { ...allowed, hit: -1, label: 'TOO' }]]),
    strong_lists: pick(random, [[], ['ONE'], ['SENDER']]),
    zone_codes: pick(random, [[], [{ zone: 'two.example', words: 'strong=127.0.0.[2..3]' }]]),
  }
}

function randomRequest(random: Random): ScorableRequest {
  return requestOf({
    client_address: pick(random, CLIENTS),
    client_name: pick(random, NAMES),
    helo_name: pick(random, [...HELOS, ...MORE_HELOS]),
    sender: pick(random, SENDERS),
  })
}

/** Every question has an answer, the same each time it is asked. */
function answersFrom(seed: number): Answers {
  const table = new Map<string, Outcome>()
  const random = randomFrom(seed)
  return {
    get(question) {
      const key = questionKey(question)
      const outcome = table.get(key) ?? answerOf(question, random)
      table.set(key, outcome)
      return outcome
    },
  }
}

function hiding(answers: Answers, hides: (question: Question) => boolean): Answers {
  return { get: question => (hides(question) ? undefined : answers.get(question)) }
}

function judge(request: ScorableRequest, answers: Answers, config: Config, known: Facts): Judgement {
  const scored = score(request, answers, config, known)
  if (scored.kind === 'needs') throw new Error('all is answered')
  return scored.judgement
}

function holds({ rate, fates }: Bounds, judgement: Judgement, config: Config): boolean {
  const is = judgement.weighted && Number(judgement.weighted.rate)
  const isWithin = is === undefined || (rate !== undefined && is >= rate.least && is <= rate.greatest)
  return isWithin && fates.has(fateOf(judgement, config))
}

t.test('no answers lead out of the bounds', t => {
  let narrow = 0
  for (let seed = 1; seed <= TRIES; seed++) {
    const random = randomFrom(seed * 7919)
    const config = randomConfig(random)
    const request = randomRequest(random)
    const facts: Facts = random(8) === 0 ? { cachedHamScore: -1 } : random(8) === 0 ? { dns: 'suspect' } : {}
    const known = { ...facts, checkSpf }
    const answers = answersFrom(seed)
    const judgement = judge(request, answers, config, known)
    const share = pick(random, [1, 2, 5, 10])
    const hidden = new Map<string, boolean>()
    const bounds = boundsOf(
      request,
      hiding(answers, question => {
        const key = questionKey(question)
        const hides = hidden.get(key) ?? random(10) < share
        hidden.set(key, hides)
        return hides
      }),
      config,
      known,
      true,
    )
    if (bounds.fates.size === 1) narrow++
    if (holds(bounds, judgement, config)) continue
    const { weighted, why } = judgement
    const unknown = [...hidden].flatMap(([key, hides]) => (hides ? [key] : []))
    t.fail(`seed ${seed}: ${why} ${weighted?.rate} is outside`, { bounds, weighted, request, config, unknown })
    break
  }
  t.ok(narrow > TRIES / 10, `the bounds leave one fate for ${narrow} of ${TRIES}`)
  t.end()
})

t.test('bounds of a mail that is in order but for what is unknown', t => {
  const cases: { label: string; table: AnswerTable; config?: Partial<Config>; want: Bounds }[] = [
    {
      label: 'all is known: the rate itself',
      table: GOOD_MAIL_ANSWERS,
      want: { rate: { least: -4.1, greatest: -4.1 }, fates: new Set(['accepted']) },
    },
    {
      label: 'a list: its miss or its hit',
      table: { ...GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example': [] },
      want: { rate: { least: -4.1, greatest: -0.1 }, fates: new Set(['accepted']) },
    },
    {
      label: 'an allow list beside a strong list that names the sender domain: no less than without it',
      table: { ...GOOD_MAIL_ANSWERS, 'A example.org.sender.example': ['127.0.0.2'], 'A 10.2.0.192.allow.example': [] },
      config: {
        dnswl_score: [{ host: 'allow.example', filter: undefined, hit: -9, miss: 0, label: 'ALLOWED' }],
        rhsbl_score: LISTS.rhsbl_score.map(list => ({ ...list, hit: 10 })),
        strong_lists: ['SENDER'],
      },
      want: { rate: { least: 5.9, greatest: 14.9 }, fates: new Set(['rejected']) },
    },
    {
      label: 'an allow list beside a strong list that names the client: nothing',
      table: { ...GOOD_MAIL_ANSWERS, 'A 10.2.0.192.one.example': ['127.0.0.2'], 'A 10.2.0.192.allow.example': [] },
      config: {
        dnswl_score: [{ host: 'allow.example', filter: undefined, hit: -9, miss: 0, label: 'ALLOWED' }],
        strong_lists: ['ONE'],
      },
      want: { rate: { least: -0.1, greatest: -0.1 }, fates: new Set(['accepted']) },
    },
  ]
  for (const { label, table, config, want } of cases) {
    const answers: Answers = {
      get(question) {
        const entry = table[questionKey(question)]
        return entry === undefined || entry.length === 0 ? undefined : outcomeOf(entry)
      },
    }
    const { rate, fates } = boundsOf(requestOf(), answers, builtinConfig({ ...LISTS, ...config }), {}, true)
    const rounded = rate && { least: Number(rate.least.toFixed(2)), greatest: Number(rate.greatest.toFixed(2)) }
    t.same({ rate: rounded, fates }, want, label)
  }
  t.end()
})
