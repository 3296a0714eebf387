/**
 * The corpus of today's mail without what SPF says for it, by brute force: as if nothing were checked.
 */
import t from 'tap'
import { PARTS, readCorpus } from '../../scripts/quality/corpus.ts'
import { configurationOf } from '../../scripts/quality/ours.ts'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type Clue, findDeciding } from '../../src/score/deciding.ts'
import { type Fate, fateOf } from '../../src/score/fate.ts'
import { deferIfPreventable } from '../../src/score/preventable.ts'
import { score } from '../../src/score/score.ts'
import type { Facts } from '../../src/score/scoring.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import { answersFromZone, requestOfCase } from '../conformance/recorded-mail.ts'

const MODERN = configurationOf("$PROFILE = 'modern';")
const facts = (): Facts => ({ checkSpf, askedForSpf: new Set() })

t.test('without its SPF record a mail is what it would be if none were read', async t => {
  const told: Record<string, number> = { same: 0, changed: 0 }
  for (const mail of PARTS.flatMap(readCorpus).filter(({ request }) => request.sender !== undefined)) {
    const judged = { request: requestOfCase(mail), answers: answersFromZone(mail.zone), known: facts() }
    const judge = (config: Config): Judgement | undefined => {
      const scored = score(judged.request, judged.answers, config, facts())
      if (scored.kind === 'needs') return undefined
      const isRejected = fateOf(scored.judgement, config) === 'rejected'
      return isRejected
        ? deferIfPreventable(scored.judgement, { ...judged, known: facts() }, ['x'], config)
        : scored.judgement
    }
    const judgement = judge(MODERN)
    if (!judgement) continue
    const { clues } = await findDeciding(judged, judgement, MODERN)
    const clue = clues.find(({ name }: Clue) => name === 'SPF_PASS')
    const isPass = judgement.steps.some(({ rule }) => rule === 'SPF_PASS')
    t.equal(clue !== undefined, isPass, mail.id)
    if (!clue || clue.without.kind === 'open') continue
    const brute = judge({ ...MODERN, CHECK_SPF: false })
    const want: Fate | undefined = brute && fateOf(brute, MODERN)
    t.equal(clue.without.fate, want, mail.id)
    told[clue.without.kind] = (told[clue.without.kind] ?? 0) + 1
  }
  t.comment(JSON.stringify(told))
  t.ok((told.changed ?? 0) > 3 && (told.same ?? 0) > 3, JSON.stringify(told))
})
