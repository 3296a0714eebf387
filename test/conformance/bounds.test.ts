/**
 * Recorded cases with one answer taken away: what they came to is within the bounds, and most of the time the bounds rule out
 * something that might become of the mail.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { type Question, questionKey } from '../../src/dns/outcome.ts'
import { boundsOf } from '../../src/score/bounds.ts'
import { score } from '../../src/score/score.ts'
import type { Answers } from '../../src/dns/outcome.ts'
import { fateOf } from '../../src/score/fate.ts'
import { answerFromZone } from '../../testkit/dns-server.ts'
import { configurationText } from '../../testkit/policy-process.ts'
import { hasShortCut, readRecordedCases } from './recorded-case.ts'
import { requestOfCase } from './recorded-mail.ts'

const FATES = 3

const folder = t.testdir()
let removed = 0
let certain = 0
let telling = 0
const outside: string[] = []

/** Every fourth case: all of them take a minute. */
const cases = readRecordedCases().filter((each, i) => i % 4 === 0 && !hasShortCut(each))

for (const recorded of cases) {
  const file = join(folder, 'policyd-weight.conf')
  writeFileSync(file, configurationText(recorded.config), 'latin1')
  const { config } = await loadConfig({ file })
  if (config.dnsbl_checks_only_regexps.length > 0) continue
  const request = requestOfCase(recorded)

  const asked = new Map<string, Question>()
  const answers: Answers = {
    get(question) {
      asked.set(questionKey(question), question)
      return answerFromZone(recorded.zone, question)
    },
  }
  const scored = score(request, answers, config)
  if (scored.kind === 'needs') throw new Error(`${recorded.id}: all is answered`)
  const { judgement } = scored
  for (const missing of [...asked.keys()]) {
    const others: Answers = { get: question => (questionKey(question) === missing ? undefined : answers.get(question)) }
    const { rate, fates } = boundsOf(request, others, config, {}, true)
    removed++
    if (fates.size === 1) certain++
    if (fates.size < FATES) telling++
    const is = judgement.weighted && Number(judgement.weighted.rate)
    const isWithin = is === undefined || (rate !== undefined && is >= rate.least && is <= rate.greatest)
    if (!isWithin || !fates.has(fateOf(judgement, config))) outside.push(`${recorded.id} without ${missing}`)
  }
}

t.same(outside, [], 'within the bounds')
t.ok(removed > 3000, `${removed} answers were taken away`)
t.ok(telling > removed / 2, `something is ruled out for ${telling} of ${removed}, all but one fate for ${certain}`)
