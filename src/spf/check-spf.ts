/**
 * SPF of a request over the answers that are there: the result, or what is still needed and what may come of it.
 *
 *   request, answers → checkSpf → a result | questions, and the results that are still possible
 *
 * A function of its arguments that is called again when answers have come, like scoring, and not one that waits: so the
 * order of answers makes no difference, a recorded request can be checked again, and bounds can leave answers out and see
 * what follows. Each call walks from the start; a walk is 11 records at most.
 *
 * Questions of terms behind a missing answer are asked for ahead, so that inclusions take one round trip together. `asked`
 * is what bounds them: one set for a request, which each call adds to. The result does not depend on it.
 *
 * Invariants: at most 30 questions for a request; the result that all answers give is among the possible ones of each call
 * before it.
 * Failure: a record that needs more than it may is `none`; a failed lookup is `temperror`; nothing throws.
 * Sources: RFC 7208 2.3, 2.4, 4.3; docs/behaviour/spf.md.
 */
import type { Answers, Question } from '../dns/outcome.ts'
import { checkHost } from './check-host.ts'
import { type SpfRequest, spfIdentity } from './identity.ts'
import { type Decided, MAX_NEEDED, type SpfResult, type SpfWalk } from './walk.ts'

export type SpfFinding =
  | {
      readonly kind: 'settled'
      readonly decided: Decided
      /** Questions it rests on. */
      readonly queries: number
    }
  | { readonly kind: 'needs'; readonly questions: readonly Question[]; readonly possible: readonly SpfResult[] }

/** See above. */
export function checkSpf(request: SpfRequest, answers: Answers, asked = new Set<string>()): SpfFinding {
  const identity = spfIdentity(request)
  if (!identity) return settled({ result: 'none', domain: '', term: '' }, 0)
  const { domain, sender } = identity
  const walk: SpfWalk = {
    client: request.client,
    sender,
    helo: request.helo,
    answers,
    asked,
    needs: [],
    seen: new Set(),
    terms: { least: 0, greatest: 0 },
    voids: { least: 0, greatest: 0 },
    isSure: true,
    ahead: 0,
    behind: 0,
    isExpensive: false,
  }
  const { decided } = checkHost(walk, domain)
  const tooMany: Decided = { result: 'none', domain, term: 'too many queries' }
  if (walk.isExpensive) return settled(tooMany, walk.seen.size)
  if (!walk.isSure && walk.seen.size + walk.behind > MAX_NEEDED && !decided.has('none')) decided.set('none', tooMany)
  const [first = tooMany, second] = decided.values()
  if (!second) return settled(first, walk.seen.size)
  return { kind: 'needs', questions: walk.needs, possible: [...decided.keys()] }
}

function settled(decided: Decided, queries: number): SpfFinding {
  return { kind: 'settled', decided, queries }
}
