import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import type { Answers } from '../../src/dns/outcome.ts'
import { questionKey } from '../../src/dns/outcome.ts'
import { type Clue, type Deciding, findDeciding } from '../../src/score/deciding.ts'
import { settleEarly } from '../../src/score/early.ts'
import { score } from '../../src/score/score.ts'
import type { Facts } from '../../src/score/scoring.ts'
import { type AnswerTable, GOOD_MAIL_ANSWERS, LISTS, outcomeOf, requestOf } from '../support/scoring.ts'

const request = requestOf()
const LISTED = ['127.0.0.2']
const ONE = 'A 10.2.0.192.one.example'
const TWO = 'A 10.2.0.192.two.example'
/** One entry each of two operators. */
const THREE = [
  { host: 'a.one.example', filter: undefined, hit: 3, miss: 0, label: 'A' },
  { host: 'b.two.test', filter: undefined, hit: 3, miss: 0, label: 'B' },
  { host: 'c.three.test', filter: undefined, hit: 3, miss: 0, label: 'C' },
]
const IN_A = 'A 10.2.0.192.a.one.example'
const IN_B = 'A 10.2.0.192.b.two.test'
const IN_C = 'A 10.2.0.192.c.three.test'

interface Mail {
  readonly answers: AnswerTable
  readonly config?: Partial<Config>
  readonly known?: Facts
  readonly isEarly?: true
}

function decidingOf({ answers, config = {}, known = {}, isEarly }: Mail): Promise<Deciding> {
  const full = builtinConfig({ ...LISTS, ...config })
  const table: Answers = {
    get(question) {
      const entry = answers[questionKey(question)] ?? (isEarly ? undefined : 'nxdomain')
      return entry === undefined ? undefined : outcomeOf(entry)
    },
  }
  const judged = { request, answers: table, known }
  const scored = score(request, table, full, known)
  const judgement = scored.kind === 'verdict' ? scored.judgement : settleEarly(scored.soFar, judged, full)
  if (!judgement) throw new Error('no verdict')
  return findDeciding(judged, judgement, full)
}

/** `one.example changed accepted 0.9`. */
function told({ name, without }: Clue): string {
  if (without.kind === 'open')
    return `${name} open ${[...without.fates].sort().join('|')}, ${without.missing.length} missing`
  return `${name} ${without.kind} ${without.fate}${without.rate === undefined ? '' : ` ${without.rate}`}`
}

t.test('what a verdict hangs on', async t => {
  const cases: { label: string; mail: Mail; wantFate: string; want: string[]; wantPair?: string[] }[] = [
    {
      label: 'one listing too many: either would do, and the list that has nobody spoke for it',
      mail: { answers: { ...GOOD_MAIL_ANSWERS, [TWO]: LISTED }, config: { REJECTLEVEL: -0.5 } },
      wantFate: 'rejected',
      want: ['two.example changed accepted -4.1', 'CL_IP_EQ_FROM_MX same rejected 3', 'NOT_IN_ONE same rejected 0.9'],
    },
    {
      label: 'an accepted mail that one merit has saved',
      mail: { answers: { ...GOOD_MAIL_ANSWERS, [TWO]: LISTED }, config: { REJECTLEVEL: 2 } },
      wantFate: 'accepted',
      want: ['CL_IP_EQ_FROM_MX changed rejected 3', 'two.example same accepted -4.1', 'NOT_IN_ONE same accepted 0.9'],
    },
    {
      label: 'too many listings: one less is enough',
      mail: {
        answers: { ...GOOD_MAIL_ANSWERS, [IN_A]: LISTED, [IN_B]: LISTED },
        config: { dnsbl_score: THREE, MAXDNSBLHITS: 1, MAXDNSBLSCORE: 100 },
      },
      wantFate: 'rejected',
      want: ['a.one.example changed accepted -0.1', 'b.two.test changed accepted -0.1'],
    },
    {
      label: 'one more than too many: two less are enough',
      mail: {
        answers: { ...GOOD_MAIL_ANSWERS, [IN_A]: LISTED, [IN_B]: LISTED, [IN_C]: LISTED },
        config: { dnsbl_score: THREE, REJECTLEVEL: 0.5, MAXDNSBLHITS: 100, MAXDNSBLSCORE: 100 },
      },
      wantFate: 'rejected',
      want: [
        'CL_IP_EQ_FROM_MX same rejected 9',
        'a.one.example same rejected 2.9',
        'b.two.test same rejected 2.9',
        'c.three.test same rejected 2.9',
      ],
      wantPair: ['a.one.example', 'b.two.test'],
    },
    {
      label: 'one witness: without its list the mail is accepted',
      mail: {
        answers: { ...GOOD_MAIL_ANSWERS, [TWO]: LISTED },
        config: { REJECTLEVEL: -0.5, TWO_WITNESSES: true },
      },
      wantFate: 'deferred',
      want: ['two.example changed accepted -4.1', 'CL_IP_EQ_FROM_MX same deferred 3', 'NOT_IN_ONE same deferred 0.9'],
    },
    {
      label: 'silence that lets a mail pass',
      mail: {
        answers: { ...GOOD_MAIL_ANSWERS, [ONE]: 'timeout', [TWO]: LISTED },
        config: { MAXDNSERR: 1, REJECTLEVEL: -5 },
      },
      wantFate: 'accepted',
      want: ['one.example changed rejected -0.1', 'two.example same accepted'],
    },
    {
      label: '$DEFER_ON_DNSERR: with an answer of the list that failed the refusal would stand',
      mail: {
        answers: { ...GOOD_MAIL_ANSWERS, [ONE]: 'servfail', [TWO]: LISTED },
        config: {
          REJECTLEVEL: -0.5,
          DEFER_ON_DNSERR: true,
          dnsbl_score: LISTS.dnsbl_score.map(entry => (entry.label === 'ONE' ? { ...entry, hit: -3 } : entry)),
        },
      },
      wantFate: 'deferred',
      want: [
        'two.example changed accepted -4.1',
        'CL_IP_EQ_FROM_MX changed rejected 3',
        'one.example changed rejected -0.1',
      ],
    },
    {
      label: 'a client that was remembered as good, and nothing else was looked up',
      mail: {
        answers: { [ONE]: 'nxdomain', [TWO]: 'nxdomain' },
        known: { cachedHamScore: -3 },
        isEarly: true,
      },
      wantFate: 'accepted',
      want: ['ham open accepted|deferred|rejected, 8 missing', 'NOT_IN_ONE same accepted'],
    },
    {
      label: 'an early refusal: what was not waited for could have been anything',
      mail: {
        answers: { [ONE]: LISTED, [TWO]: LISTED },
        config: { EARLY_VERDICT: true, MAXDNSBLHITS: 1 },
        isEarly: true,
      },
      wantFate: 'rejected',
      want: [
        'two.example open accepted|deferred|rejected, 8 missing',
        'one.example open accepted|deferred|rejected, 8 missing',
      ],
    },
    {
      label: 'an early refusal that stands without one of its lists',
      mail: {
        answers: { [ONE]: LISTED, [TWO]: LISTED },
        config: { EARLY_VERDICT: true, MAXDNSBLHITS: 0 },
        isEarly: true,
      },
      wantFate: 'rejected',
      want: ['one.example same rejected 3', 'two.example same rejected 3'],
    },
  ]
  for (const { label, mail, wantFate, want, wantPair } of cases) {
    const { fate, clues, pair } = await decidingOf(mail)
    t.equal(fate, wantFate, label)
    t.same(clues.map(told), want, label)
    t.same(
      pair?.map(({ name }) => name),
      wantPair,
      `${label}: the pair`,
    )
  }
})
