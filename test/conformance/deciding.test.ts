/**
 * Recorded cases without one of their clues, by brute force: a list is emptied in the recorded zone, a rule is left out by raising what
 * the rate is compared with, or by setting its own parameter to 0; and everything is scored anew. What deciding.ts says has
 * to be what that comes to.
 */
import t from 'tap'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type Answers, questionKey } from '../../src/dns/outcome.ts'
import { findMatch } from '../../src/patterns/match.ts'
import { type Clue, findDeciding } from '../../src/score/deciding.ts'
import { settleEarly } from '../../src/score/early.ts'
import { type Fate, fateOf } from '../../src/score/fate.ts'
import { deferIfPreventable, type Judged } from '../../src/score/preventable.ts'
import { score } from '../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../src/score/scoring.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import type { DnsZone } from '../../testkit/dns-server.ts'
import { randomFrom } from '../support/random.ts'
import { hasShortCut, type RecordedCase, readRecordedCases } from './recorded-case.ts'
import { answersFromZone, readerOfConfigurations, requestOfCase } from './recorded-mail.ts'

/** Parameters that one rule alone rests on. Others weigh in later rules as well: `@bogus_mx_score` where lists name the sender. */
const OWN: Readonly<Record<string, readonly [parameter: keyof Config, half: 'bad' | 'good']>> = {
  CL_IP_EQ_FROM_MX: ['helo_from_mx_eq_ip_score', 'good'],
  CL_IP_EQ_HELO_MX: ['helo_from_mx_eq_ip_score', 'good'],
  CL_IP_EQ_FROM_IP: ['helo_score', 'good'],
  CL_IP_EQ_HELO_IP: ['helo_score', 'good'],
  HELO_IP_IN_CL_SUBNET: ['helo_ip_in_client_subnet', 'good'],
  HELO_IP_IN_CL16_SUBNET: ['helo_ip_in_cl16_subnet', 'good'],
  CL_IP_NE_HELO: ['helo_score', 'bad'],
  HELO_OF_CLIENT_NAME: ['client_ip_eq_helo_score', 'good'],
  HELO_OF_OTHERS: ['helo_of_others_score', 'bad'],
  CLIENT_HAS_NO_NAME: ['client_no_name_score', 'bad'],
  CLIENT_HAS_NO_PTR: ['client_no_name_score', 'bad'],
  REV_IP_EQ_HELO: ['client_ip_eq_helo_score', 'good'],
  REV_IP_EQ_HELO_DOMAIN: ['client_ip_eq_helo_score', 'good'],
  RESOLVED_IP_IS_NOT_HELO: ['client_ip_eq_helo_score', 'bad'],
  HELO_SEEMS_DIALUP: ['helo_seems_dialup', 'bad'],
  NOK_HELO_SEEMS_DIALUP: ['failed_helo_seems_dialup', 'bad'],
  FROM_NBDY_ANON: ['from_anon', 'bad'],
  FROM_MULTIPARTED: ['from_multiparted', 'bad'],
  SPF_FAIL: ['spf_fail_score', 'bad'],
  SPF_SOFTFAIL: ['spf_softfail_score', 'bad'],
}
/** Rules that are applied below `$REJECTLEVEL` alone. */
const CONDITIONAL = ['RANDOM_SENDER', 'FROM_MULTIPARTED']
/** Of so many answers one does not come. */
const MISSING = 6

const readConfig = readerOfConfigurations()

/** The zone in which a list has no entries; of two lists, one under the other, the other keeps its own. */
function emptied(zone: DnsZone, host: string, config: Config): DnsZone {
  const hosts = [...config.dnsbl_score, ...config.dnswl_score, ...config.rhsbl_score].map(each => each.host)
  const listOf = (name: string): string =>
    hosts
      .filter(each => name.endsWith(`.${each}`))
      .reduce((one, other) => (other.length > one.length ? other : one), '')
  return Object.fromEntries(Object.entries(zone).filter(([name]) => listOf(name) !== host))
}

function judge(request: ScorableRequest, answers: Answers, config: Config, given: Facts): Judgement {
  const known = { ...given, askedForSpf: new Set<string>() }
  const scored = score(request, answers, config, known)
  if (scored.kind === 'needs') throw new Error('all is answered')
  const { judgement } = scored
  const isRejected = config.DEFER_ON_DNSERR && config.CLIENTDNSERRMSG !== '' && fateOf(judgement, config) === 'rejected'
  return isRejected ? deferIfPreventable(judgement, { request, answers, known }, ['A a.example'], config) : judgement
}

/** As the rule were not there: whatever the rate is compared with is higher by what it has added, and no word of it defers. */
function raised(config: Config, { name, points }: Clue): Config {
  const DEFER_STRING = config.DEFER_STRING.filter(word => !`${name}=`.startsWith(word))
  return {
    ...config,
    REJECTLEVEL: Number((config.REJECTLEVEL + points).toPrecision(12)),
    DEFER_LEVEL: Number((config.DEFER_LEVEL + points).toPrecision(12)),
    DEFER_STRING,
  }
}

/** With the parameter of a rule at 0, which is all that it has added; undefined: it has none of its own. */
function zeroed(config: Config, clue: Clue): Config | undefined {
  const { DEFER_STRING } = raised(config, clue)
  if (clue.name.startsWith('NOT_IN_')) {
    const dnsbl_score = config.dnsbl_score.map(entry =>
      clue.name === `NOT_IN_${entry.label}` ? { ...entry, miss: 0 } : entry,
    )
    return { ...config, dnsbl_score, DEFER_STRING }
  }
  const [name, half = 'bad'] = OWN[clue.name] ?? []
  const value = name && config[name]
  if (name === undefined || typeof value !== 'object' || !('bad' in value) || value[half] !== clue.points)
    return undefined
  const pair: Partial<Config> = { [name]: { ...value, [half]: 0 } }
  return { ...config, ...pair, DEFER_STRING }
}

/** The answers that `pick` lets through. */
function some(answers: Answers, pick: (key: string) => boolean): Answers {
  const picked = new Map<string, boolean>()
  return {
    get(question) {
      const key = questionKey(question)
      const isThere = picked.get(key) ?? pick(key)
      picked.set(key, isThere)
      return isThere ? answers.get(question) : undefined
    },
  }
}

const counts = { mails: 0, changing: 0, pairs: 0, lists: 0, raised: 0, parameters: 0, partial: 0, told: 0, open: 0 }
const wrong: string[] = []

function checkClue(recorded: RecordedCase, judged: Judged, config: Config, clue: Clue, label: string): void {
  const { request, answers, known } = judged
  const { without, name } = clue
  const fail = (want: unknown): number =>
    wrong.push(`${label} without ${name}: ${JSON.stringify(without)}, not ${want}`)
  if (without.kind === 'open') fail('open, since all is answered')
  if (without.kind === 'open') return
  if (without.kind === 'changed') counts.changing++
  if (clue.kind === 'list') {
    counts.lists++
    const brute = judge(request, answersFromZone(emptied(recorded.zone, name, config)), config, known)
    const rate = brute.weighted && Number(brute.weighted.rate)
    if (fateOf(brute, config) !== without.fate || rate !== without.rate) fail(`${fateOf(brute, config)} ${rate}`)
    return
  }
  // These two are applied below the level alone, so a lower one may leave them out by itself.
  const isOwnDoing = clue.points < 0 && CONDITIONAL.includes(name)
  if (!isOwnDoing) {
    counts.raised++
    const fate = fateOf(judge(request, answers, raised(config, clue), known), config)
    if (fate !== without.fate) fail(`${fate} with other levels`)
  }
  const other = zeroed(config, clue)
  if (!other) return
  const brute = judge(request, answers, other, known)
  // What a lookup that failed could have led to hangs on the parameter in more than one way.
  if (brute.why === 'preventable' || (config.DEFER_ON_DNSERR && without.fate === 'deferred')) return
  counts.parameters++
  if (fateOf(brute, config) !== without.fate) fail(`${fateOf(brute, config)} with its parameter 0`)
}

/** Both left out at once, by the same ways. */
function checkPair(
  { zone }: RecordedCase,
  { request, known }: Judged,
  config: Config,
  pair: readonly [Clue, Clue],
  fate: Fate,
  label: string,
): void {
  // See above.
  if (pair.some(({ name, points }) => points < 0 && CONDITIONAL.includes(name))) return
  counts.pairs++
  const lists = pair.filter(({ kind }) => kind === 'list')
  const rules = pair.filter(({ kind }) => kind === 'rule')
  const left = lists.reduce((zone, { name }) => emptied(zone, name, config), zone)
  const brute = fateOf(judge(request, answersFromZone(left), rules.reduce(raised, config), known), config)
  const isTurned = fate === 'accepted' ? brute !== 'accepted' : brute === 'accepted'
  if (!isTurned) wrong.push(`${label} without ${pair.map(({ name }) => name)}: ${brute}`)
}

/** Whatever is said while answers are missing is so, once they are there. */
async function checkPartial(
  judged: Judged,
  judgement: Judgement,
  all: readonly Clue[],
  config: Config,
  label: string,
): Promise<void> {
  counts.partial++
  for (const { kind, name, without } of (await findDeciding(judged, judgement, config)).clues) {
    const full = all.find(clue => clue.kind === kind && clue.name === name)?.without
    if (full === undefined || full.kind === 'open') continue
    if (without.kind === 'open') counts.open++
    else counts.told++
    const fates = without.kind === 'open' ? without.fates : [without.fate]
    if (!fates.includes(full.fate)) wrong.push(`${label} without ${name}: ${fates}, not ${full.fate}`)
  }
}

const cases = readRecordedCases().filter(recorded => !hasShortCut(recorded))

for (const [index, recorded] of cases.entries()) {
  const request = requestOfCase(recorded)
  const all = answersFromZone(recorded.zone)
  for (const profile of ['classic', 'modern']) {
    const config = readConfig({ PROFILE: profile, ...recorded.config })
    const { which } = findMatch(config.dnsbl_checks_only_regexps, request.name)
    const known = (): Facts => ({ checkSpf, askedForSpf: new Set(), ...(which !== undefined && { pattern: which }) })
    const read = new Set<string>()
    const reading: Answers = { get: question => all.get(read.add(questionKey(question)) && question) }
    const judgement = judge(request, reading, config, known())
    const { fate, clues, pair } = await findDeciding({ request, answers: all, known: known() }, judgement, config)
    const label = `${recorded.id}, ${profile}`
    counts.mails++
    if (pair) checkPair(recorded, { request, answers: all, known: known() }, config, pair, fate, label)
    if (fate !== fateOf(judgement, config)) wrong.push(`${label}: ${fate}`)
    for (const clue of clues) checkClue(recorded, { request, answers: all, known: known() }, config, clue, label)

    const asRead = some(all, key => read.has(key))
    await checkPartial(
      { request, answers: asRead, known: known() },
      judgement,
      clues,
      config,
      `${label}, what was read`,
    )
    const random = randomFrom(index + 1)
    const answers = some(all, () => random(MISSING) !== 0)
    const judged = { request, answers, known: known() }
    const scored = score(request, answers, config, known())
    const early = scored.kind === 'needs' ? settleEarly(scored.soFar, judged, config) : undefined
    if (early) await checkPartial(judged, early, clues, config, `${label}, early`)
  }
}

t.same(wrong.slice(0, 20), [], 'what is said is what it comes to')
t.ok(counts.lists > 3000 && counts.raised > 10_000 && counts.parameters > 5000, JSON.stringify(counts))
t.ok(
  counts.changing > 2000 && counts.pairs > 300 && counts.told > counts.open,
  'and most of the time something is said',
)
t.comment(JSON.stringify(counts))
