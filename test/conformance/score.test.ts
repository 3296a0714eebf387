import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type Outcome, type Question, questionKey } from '../../src/dns/outcome.ts'
import { weightedCheck } from '../../src/log/event.ts'
import { lineOf } from '../../src/log/line.ts'
import { findMatch } from '../../src/patterns/match.ts'
import { finishAction } from '../../src/policy/reply.ts'
import { score } from '../../src/score/score.ts'
import type { ScorableRequest } from '../../src/score/scoring.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { answerFromZone } from '../../testkit/dns-server.ts'
import { configurationText } from '../../testkit/policy-process.ts'
import { hasShortCut, type RecordedCase, readRecordedCases } from './recorded-case.ts'
import { requestOfCase } from './recorded-mail.ts'

/** Round trips to the name server that any mail may cost. */
const MAX_WAVES = 5

const folder = t.testdir()

async function readConfig(recorded: RecordedCase): Promise<Config> {
  const file = join(folder, 'policyd-weight.conf')
  writeFileSync(file, configurationText(recorded.config), 'latin1')
  const { config, findings } = await loadConfig({ file })
  const errors = findings.filter(finding => finding.severity === 'error')
  t.same(errors, [], `${recorded.id}: its configuration can be used`)
  return config
}

interface Replay {
  readonly judgement: Judgement
  readonly waves: number
}

/** Scores a case, answering of each list of needs those that `pick` takes, until there is a verdict. */
function replay(
  recorded: RecordedCase,
  request: ScorableRequest,
  config: Config,
  pick: (needs: readonly Question[]) => readonly Question[],
): Replay {
  const outcomes = new Map<string, Outcome>()
  const answers = { get: (question: Question) => outcomes.get(questionKey(question)) }
  const { which } = findMatch(config.dnsbl_checks_only_regexps, request.name)
  const known = which === undefined ? {} : { pattern: which }
  for (let waves = 0; ; waves++) {
    const scored = score(request, answers, config, known)
    if (scored.kind === 'verdict') return { judgement: scored.judgement, waves }
    const before = outcomes.size
    for (const question of pick(scored.questions))
      outcomes.set(questionKey(question), answerFromZone(recorded.zone, question))
    if (outcomes.size === before) throw new Error(`${recorded.id}: asked again for what is answered`)
  }
}

const cases = readRecordedCases().filter(recorded => !hasShortCut(recorded))

t.equal(cases.length, 1491, 'cases that come to be scored; a short cut answers the others')

for (const recorded of cases) {
  const config = await readConfig(recorded)
  const request = requestOfCase(recorded, text => t.fail(`${recorded.id}: ${text}`))
  const want = { action: recorded.expected.action, log: recorded.expected.log }
  const got = ({ judgement }: Replay): typeof want => {
    const event = weightedCheck(request, judgement)
    return {
      action: finishAction(judgement.action, config.DEFAULT_RESPONSE),
      log: event ? lineOf(event, false).text : null,
    }
  }
  const inWaves = replay(recorded, request, config, needs => needs)
  t.same(got(inWaves), want, `${recorded.id} (${recorded.class}), everything that is needed at once`)
  t.ok(inWaves.waves <= MAX_WAVES, `${recorded.id}: ${inWaves.waves} round trips, at most ${MAX_WAVES}`)
  const oneByOne = replay(recorded, request, config, needs => needs.slice(-1))
  t.same(got(oneByOne), want, `${recorded.id}: the same, whatever is answered first`)
}
