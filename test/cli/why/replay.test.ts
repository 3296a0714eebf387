/** Recorded cases, written down as the journal does and scored once more from that. */
import t from 'tap'
import { checkRecord } from '../../../src/cli/why/checked-record.ts'
import { replay } from '../../../src/cli/why/replay.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import type { LookupRecord } from '../../../src/dns/fan-out.ts'
import { type Answers, questionKey } from '../../../src/dns/outcome.ts'
import { type DecisionRecord, recordOf, renderRecord } from '../../../src/journal/decision-record.ts'
import { readRecord } from '../../../src/journal/read-journal.ts'
import { findMatch } from '../../../src/patterns/match.ts'
import { findDeciding } from '../../../src/score/deciding.ts'
import { deferIfPreventable } from '../../../src/score/preventable.ts'
import { score } from '../../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../../src/score/scoring.ts'
import { checkSpf } from '../../../src/spf/check-spf.ts'
import { answerFromZone } from '../../../testkit/dns-server.ts'
import { hasShortCut, readRecordedCases } from '../../conformance/recorded-case.ts'
import { readerOfConfigurations, requestOfCase } from '../../conformance/recorded-mail.ts'
import { requestOf } from '../../support/scoring.ts'

const recording = { hash: '00000001', newId: () => '0123456789' }

/** A decision as it is written down, and as it is read again. */
function writtenDown(request: ScorableRequest, answers: Answers, config: Config, known: Facts): DecisionRecord {
  const lookups = new Map<string, LookupRecord>()
  const noting: Answers = {
    get(question) {
      const outcome = answers.get(question)
      lookups.set(questionKey(question), { question, outcome, latencyMs: outcome && 1 })
      return outcome
    },
  }
  const scored = score(request, noting, config, { ...known, checkSpf, askedForSpf: new Set() })
  if (scored.kind === 'needs') throw new Error('all is answered')
  const isRejected =
    config.DEFER_ON_DNSERR && config.CLIENTDNSERRMSG !== '' && scored.judgement.remember.message?.kind === 'rejected'
  const judged = { request, answers: noting, known: { ...known, checkSpf, askedForSpf: new Set<string>() } }
  const judgement = isRejected ? deferIfPreventable(scored.judgement, judged, ['A x'], config) : scored.judgement
  const evaluated = { judgement, lookups: [...lookups.values()], known }
  const { action } = judgement
  const decided = { request, action, by: undefined, reference: '0123456789', startMs: 0, delayMs: 1, evaluated }
  const record = checkRecord(readRecord(renderRecord(recordOf(decided, { config, ...recording }))))
  if (!record) throw new Error('no record')
  return record
}

t.test('all recorded cases come to the same, clues and all', async t => {
  const readConfig = readerOfConfigurations()
  const wrong: string[] = []
  let count = 0
  for (const recorded of readRecordedCases().filter((each, index) => index % 3 === 0 && !hasShortCut(each)))
    for (const profile of ['classic', 'modern']) {
      const config = readConfig({ PROFILE: profile, ...recorded.config })
      const request = requestOfCase(recorded)
      const { which } = findMatch(config.dnsbl_checks_only_regexps, request.name)
      const known: Facts = which === undefined ? {} : { pattern: which }
      const answers: Answers = { get: question => answerFromZone(recorded.zone, question) }
      const replayed = await replay(writtenDown(request, answers, config, known), config)
      count++
      if (replayed.kind === 'not') {
        wrong.push(`${recorded.id}, ${profile}: ${replayed.why}`)
        continue
      }
      const judged = { request, answers, known: { ...known, checkSpf, askedForSpf: new Set<string>() } }
      const { fate, clues } = await findDeciding(judged, replayed.judgement, config)
      const { deciding } = replayed
      // Of what was not read nothing is written down: it may be open there, never something else.
      const same = deciding.clues.filter(({ name, without }) => {
        const full = clues.find(clue => clue.name === name)?.without
        if (without.kind === 'open') return full !== undefined
        return full?.kind === without.kind && full.fate === without.fate
      })
      if (deciding.fate !== fate || same.length !== deciding.clues.length) wrong.push(`${recorded.id}, ${profile}`)
    }
  t.same(wrong, [])
  t.ok(count > 900, `${count} decisions`)
})

t.test('a record that cannot be believed has no clues', async t => {
  const config = builtinConfig({
    dnsbl_score: [
      { host: 'k1234567890abcdefghij.zen.dq.spamhaus.net', filter: undefined, hit: 5, miss: 0, label: 'ZEN' },
    ],
    rhsbl_score: [],
  })
  const answers: Answers = {
    get: ({ list }) => (list === undefined ? { kind: 'nxdomain' } : { kind: 'found', values: ['127.0.0.2'] }),
  }
  const record = writtenDown(requestOf(), answers, config, {})
  t.equal((await replay(record, config)).kind, 'scored', 'its own configuration, with a key that is not in the journal')
  t.notMatch(JSON.stringify(record), /k1234567890/)
  const hidden = { ...record, request: { ...record.request, sender: '~bcdfbcdf0000@example.org' } }
  t.equal((await replay(hidden, config)).kind, 'scored', 'a hidden sender, whose digits look random')
  const rules = record.rules ?? []
  const cases: [label: string, record: DecisionRecord, config: Config, want: RegExp][] = [
    ['another score', record, { ...config, helo_score: { bad: 9, good: -9 } }, /other rules now/],
    ['a rule less', { ...record, rules: rules.slice(1) }, config, /other rules now/],
    ['another rate', { ...record, rate: 1 }, config, /its rate would be/],
    ['answers are missing', { ...record, lookups: [] }, config, /answers are missing/],
    ['an answer from memory', { ...record, by: 'spam' }, config, /nothing was scored/],
    ['only log lines', { ...record, config: '' }, config, /log lines/],
    ['cut', { ...record, cut: true }, config, /left out/],
    ['not scored to its end', { ...record, why: 'busy' }, config, /not scored to its end/],
    ['an outage', { ...record, why: 'outage' }, config, /no name server/],
    ['no address', { ...record, request: { ...record.request, client_address: 'x' } }, config, /no address/],
    [
      'a hidden sender whose letters counted',
      {
        ...record,
        rules: [...rules, { rule: 'RANDOM_SENDER', score: 0.25, rate: 5 }],
        request: { ...record.request, sender: '~bcdfbcdf0000@example.org' },
      },
      config,
      /local part of the sender/,
    ],
    [
      'another HELO',
      { ...record, request: { ...record.request, helo_name: '[192.0.2.10]' } },
      config,
      /other rules now/,
    ],
  ]
  for (const [label, of, by, want] of cases) {
    const replayed = await replay(of, by)
    t.match(replayed, { kind: 'not', why: want }, label)
  }
})

t.test('what is no record', t => {
  const whole = writtenDown(requestOf(), { get: () => ({ kind: 'nxdomain' }) }, builtinConfig(), {})
  t.ok(checkRecord(whole))
  const broken: [label: string, fields: Record<string, unknown>][] = [
    ['another version', { v: 2 }],
    ['a request of numbers', { request: { helo_name: 5 } }],
    ['rules that are none', { rules: 5 }],
    ['a rule without a score', { rules: [{ rule: 'X' }] }],
    ['lookups that are none', { lookups: [{ type: 'A' }] }],
    ['an answer that is none', { lookups: [{ type: 'A', name: 'x', answer: 'y' }] }],
    ['found, and nothing', { lookups: [{ type: 'A', name: 'x', answer: { kind: 'found' } }] }],
    ['an answer of an unknown kind', { lookups: [{ type: 'A', name: 'x', answer: { kind: '\x1b[31m' } }] }],
    ['failed, and not why', { lookups: [{ type: 'A', name: 'x', answer: { kind: 'failed' } }] }],
    ['a list that is none', { lookups: [{ type: 'A', name: 'x', list: {} }] }],
    ['known as something else', { known: { skipped: 'x' } }],
    ['a rate in words', { rate: '5' }],
    ['an exception that is none', { exempt: { who: 5 } }],
    ['no time', { time: undefined }],
  ]
  for (const [label, fields] of broken) t.equal(checkRecord({ ...whole, ...fields }), undefined, label)
  for (const value of [undefined, null, 5, 'x', [], {}]) t.equal(checkRecord(value), undefined)
  t.end()
})
