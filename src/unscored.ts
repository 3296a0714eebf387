/**
 * Judgements of mail that is not scored: in an outage, and where there was no time; and remarks on any.
 *
 *   evaluate.ts: (request) or a judgement → Judgement → evaluate.ts
 *
 * In an outage the log names our name servers, and no list is to blame.
 *
 * Total. Source: docs/behaviour/dns-and-lists.md#when-nobody-answers.
 */
import type { Config } from './config/parameters/parameters.ts'
import type { FanOut } from './dns/fan-out.ts'
import { describeServer, type NameServer } from './dns/name-server.ts'
import type { Answers } from './dns/outcome.ts'
import { TIMEOUT } from './dns/query.ts'
import type { Evaluated, Resources } from './evaluated.ts'
import type { Facts, ScorableRequest } from './score/scoring.ts'
import type { Judgement } from './score/verdict.ts'

/** Postfix waits 100 s for an answer; what is left is for it to arrive. */
export const LOOKUP_BUDGET_MS = 80_000

export const WAITED_IN_VAIN = `a mail waited ${LOOKUP_BUDGET_MS / 1000} s for its lookups and is deferred`
const WAS_CUT_SHORT = 'there was no room for a second try of a lookup: a mail is deferred, not rejected'

/** What a mail is answered that waited for so long: nothing is known of it that would speak against it. */
const BUSY_ACTION = 'DEFER_IF_PERMIT 4.3.2 policy service busy, please try again'

const NO_LISTS: ReadonlySet<string> = new Set()
/** What there is to be had of anybody in an outage. */
const ALL_SILENT: Answers = { get: () => TIMEOUT }

/** In an outage that the host knows of: what a mail gets that has asked everybody in vain. */
export async function judgeWithoutAsking(
  request: ScorableRequest,
  config: Config,
  known: Facts,
  servers: readonly NameServer[],
): Promise<Judgement> {
  const { score } = await import('./score/scoring-program.ts')
  const scored = score(request, ALL_SILENT, config, { ...known, dns: 'outage' })
  if (scored.kind === 'needs') throw new Error('an outage leaves nothing to be asked')
  return blameServers(scored.judgement, servers)
}

/** The judgement of an outage, with a word on who is to blame. */
function blameServers(judgement: Judgement, servers: readonly NameServer[]): Judgement {
  const what = judgement.isPass ? 'mail passes unscored' : 'mail is deferred'
  const note = `no name server answers (${servers.map(describeServer).join(' ')}): ${what}; see resolv.conf(5) or $NS`
  return { ...withNotes(judgement, [note]), listAnswers: new Map() }
}

/** A judgement with some more to be said of it. */
export function withNotes(judgement: Judgement, notes: readonly string[]): Judgement {
  return notes.length === 0 ? judgement : { ...judgement, notes: [...judgement.notes, ...notes] }
}

/** With what was learned of lists since the last verdict, unless no list is to blame. */
export function withListAnswers(evaluated: Evaluated, learned: Judgement['listAnswers']): Evaluated {
  const { judgement } = evaluated
  if (learned.size === 0 || judgement.why === 'outage') return evaluated
  return { ...evaluated, judgement: { ...judgement, listAnswers: new Map([...learned, ...judgement.listAnswers]) } }
}

/** A judgement, or another one where its lookups were in trouble: nobody answered, or there was no time or no room. */
export function whateverTheTrouble(
  judgement: Judgement,
  { dns }: Facts,
  { isOverdue, isLate, wasCutShort }: FanOut,
  places: Resources['places'],
  servers: readonly NameServer[],
): Judgement {
  // What the deadline cut short is no silence.
  if (dns === 'outage' && !isLate) return blameServers(judgement, servers)
  // That others left no room for a second try is no reason to reject anybody.
  const isRejected = judgement.remember.message?.kind === 'rejected'
  if (!isOverdue && !(wasCutShort && isRejected)) return judgement
  const why = places.isOwnSilence
    ? `too many lookups for ${places.client} are without an answer: a mail is deferred`
    : isOverdue
      ? WAITED_IN_VAIN
      : WAS_CUT_SHORT
  return judgeBusy(why)
}

/** There was no time; `note` says for what. */
export function judgeBusy(note: string): Judgement {
  return {
    action: BUSY_ACTION,
    why: 'busy',
    isPass: false,
    isTied: false,
    weighted: undefined,
    remember: {},
    listAnswers: new Map(),
    listedBy: NO_LISTS,
    addresses: [],
    notes: [note],
    steps: [],
    hits: 0,
    dnsbl: 0,
    nameErrors: 0,
  }
}
