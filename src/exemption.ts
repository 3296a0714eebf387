/**
 * What becomes of a mail that was scored, and for which there is an exception.
 *
 *   consult.ts: Judgement, Match → applyException → Applied → consult.ts: what is answered, logged and remembered instead
 *
 * Loaded for such a mail alone. An exception of a sender counts only where the mail is shown to be the sender's, but for `sender!:`.
 * Nothing is remembered that would refuse the client another time; of a decision that is the recipient's nothing is.
 *
 * Pure, total. Source: docs/exceptions.md#what-is-done, docs/exceptions.md#senders.
 */
import type { Config } from './config/parameters/parameters.ts'
import type { Match } from './exceptions/find-exception.ts'
import { fateOf } from './score/fate.ts'
import { isOfSender } from './score/one-witness.ts'
import type { ScorableRequest } from './score/scoring.ts'
import type { Judgement, Remember } from './score/verdict.ts'
import { acceptWord } from './text/message.ts'

/** What the reasons end in then. */
const EXEMPT = ' EXEMPT'
const ACCEPTED = { kind: 'accepted' } as const

/**
 * `applied`: the judgement as it is answered, logged and remembered; `would`: what would have been answered; `isDry`: that is said in
 * its place. `not-applied`: it is as if there were none; `note`: for the log.
 */
export type Applied =
  | {
      readonly kind: 'applied'
      readonly judgement: Judgement
      readonly would: string | undefined
      readonly isDry: boolean
    }
  | { readonly kind: 'not-applied'; readonly note: string | undefined }

export function applyException(judgement: Judgement, request: ScorableRequest, match: Match, config: Config): Applied {
  const { who, action, by } = match
  const isAccepted = fateOf(judgement, config) === 'accepted'
  if (by === 'sender' && !judgement.isTied && !isOfSender(request)) {
    const why = 'neither SPF nor the names of client and sender tie them'
    return { kind: 'not-applied', note: isAccepted ? undefined : `exception ${who} ${action} not applied: ${why}` }
  }
  const remember = rememberOf(judgement, match)
  const would = isAccepted ? undefined : judgement.action
  const passed = { ...judgement, remember, accepted: true } as const
  if (action === 'DRY') return { kind: 'applied', judgement: passed, would, isDry: true }
  const { weighted } = judgement
  const marked = weighted && { reasons: weighted.reasons + EXEMPT, rate: weighted.rate }
  const text =
    action === 'SKIP'
      ? `DUNNO exempt (${who})`
      : isAccepted && !marked
        ? judgement.action + EXEMPT
        : acceptAction(marked, config)
  return { kind: 'applied', judgement: { ...passed, action: text, weighted: marked }, would, isDry: false }
}

function acceptAction(weighted: Judgement['weighted'], config: Config): string {
  return `${acceptWord(config)} ${weighted ? `${weighted.reasons}; rate: ${weighted.rate}` : EXEMPT.trim()}`
}

/** What others may know of it. */
function rememberOf({ remember: { ham } }: Judgement, { by }: Match): Remember {
  if (by === 'recipient') return {}
  return ham ? { ham, message: ACCEPTED } : { message: ACCEPTED }
}
