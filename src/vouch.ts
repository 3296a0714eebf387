/**
 * Probes of lists before a mail is refused on the word of one.
 *
 *   consult.ts: refusal → Probes.vouchFor → the refusal, another judgement, or a deferral
 *
 * Loaded for a refusal or a deferral that rests on lists. A list's word decides if without it the mail
 * would not be refused, or its refusal be remembered for others, or it would not be deferred. Then the list has to have answered a probe that was asked after the mail
 * was judged, of this process or another one: one is asked a second, none while another is under way, and whoever comes in
 * between waits for the next.
 *
 * Guarantees: no refusal rests on a list that lists everybody by then; no probe is one of the client's lookups; a mail waits for
 * others' probes no longer than WAIT_MS, and PROBE_MS for its own.
 * Failure: a probe that is not answered vouches for nothing: the mail is deferred, and nothing of it remembered. Without the
 * cache each process asks for itself.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-list-everybody.
 */
import { askProbe, isAnswered, noteAnswers, type Probing } from './asked-probe.ts'
import type { BackgroundProbes } from './background-probes.ts'
import type { ProbeResult } from './cache/entries.ts'
import { claimProbe, PROBE_SPACING_MS, wordOf } from './cache/probes.ts'
import type { Config } from './config/parameters/parameters.ts'
import type { Evaluated } from './evaluate.ts'
import { shownHost } from './lists/shown-host.ts'
import type { Judgement } from './score/verdict.ts'
import { monotonicMs } from './system/clock.ts'

/** For so long a mail waits for its turn and for what others have asked. */
const WAIT_MS = 4500
/** How often it is looked whether another process knows by now. */
const LOOK_MS = 20

/** `guilty`: lists that are not to be asked; the mail has to be judged anew. */
export type Vouched = { readonly judgement: Judgement } | { readonly guilty: readonly string[] }

/** What a mail's probes are made with. */
export interface MailProbing extends Probing {
  /** The wall clock. */
  readonly nowMs: () => number
  /** Those of this process that the mail does not wait for, if there are any. */
  readonly background: Pick<BackgroundProbes, 'settle'> | undefined
}

export class Probes {
  readonly #probing: MailProbing

  constructor(probing: MailProbing) {
    this.#probing = probing
  }

  /** Whether a refusal may stand. */
  async vouchFor({ judgement, without }: Evaluated): Promise<Vouched> {
    const isRefused = isRefusal(judgement)
    if (!isRefused && !isKeptOut(judgement)) return { judgement }
    const isSame = (other: Judgement | undefined): other is Judgement =>
      isRefused ? isSameRefusal(judgement, other) : isKeptOut(other)
    const listedMs = this.#probing.nowMs()
    const clean = new Set<string>()
    const unanswered = new Set<string>()
    for (;;) {
      // Where listings end scoring, those that come behind it count once the first are left out.
      const rest = unanswered.size === 0 ? judgement : without?.(unanswered)
      if (!isSame(rest))
        return { judgement: isRefused ? deferUnvouched(judgement, [...unanswered], this.#probing.config) : judgement }
      const hosts = [...rest.listedBy].filter(host => !clean.has(host))
      if (hosts.length === 0 || standsAlone([...unanswered, ...rest.listedBy], without, isSame)) return { judgement }
      const words = await Promise.all(hosts.map(host => this.#askAbout(host, listedMs)))
      const guilty = hosts.filter((_, index) => words[index] === 'guilty')
      if (guilty.length > 0) return { guilty }
      for (const [index, host] of hosts.entries()) (words[index] === 'clean' ? clean : unanswered).add(host)
    }
  }

  /** What the probe of a list says of a listing that came at `listedMs`; `asked`: none was answered in time. */
  async #askAbout(host: string, listedMs: number): Promise<ProbeResult | 'asked'> {
    const { cache, nowMs, background } = this.#probing
    const beganMs = monotonicMs()
    for (;;) {
      const askedMs = nowMs()
      const known = cache.transact(({ probes }) => {
        const word = wordOf(probes, host, listedMs, askedMs)
        return word === 'asked' && claimProbe(probes, host, askedMs) ? 'claimed' : word
      })
      const waitedMs = monotonicMs() - beganMs
      // Of many who do not get the lock for a moment not each may ask.
      const isAlone = known === undefined && waitedMs >= PROBE_SPACING_MS
      if (isAlone || known === 'claimed') return this.#ask(host, askedMs)
      if (known !== undefined && (known !== 'asked' || waitedMs >= WAIT_MS)) return known
      // Of a probe that this process has under way nobody else could know.
      await (background?.settle(host) ?? new Promise(resolve => setTimeout(resolve, LOOK_MS)))
    }
  }

  async #ask(host: string, askedMs: number): Promise<ProbeResult> {
    const asked = askProbe(host, askedMs, this.#probing)
    while (!isAnswered(asked)) await asked.fanOut.arrived()
    asked.fanOut.end()
    return noteAnswers(asked, this.#probing)
  }
}

/** Whether a mail is refused without the word of any list, be it one of `hosts` or one that would speak in their place. */
function standsAlone(
  hosts: readonly string[],
  without: Evaluated['without'],
  isSame: (other: Judgement | undefined) => other is Judgement,
): boolean {
  const left = new Set(hosts)
  for (;;) {
    const other = without?.(left)
    if (!isSame(other)) return false
    if (other.listedBy.size === 0) return true
    for (const host of other.listedBy) left.add(host)
  }
}

/** A refusal too, and one that is remembered for the same mail. */
function isSameRefusal(refusal: Judgement, other: Judgement | undefined): boolean {
  if (other === undefined || !isRefusal(other)) return false
  return (
    losesMail(other.action) === losesMail(refusal.action) && other.remember.spam?.key === refusal.remember.spam?.key
  )
}

/** Whether it is refused or deferred. */
function isKeptOut(judgement: Judgement | undefined): judgement is Judgement {
  return judgement?.remember.message?.kind === 'rejected'
}

/** Whether a judgement refuses a mail for good, or what is remembered of it the mail's other recipients or the client's next mail. */
function isRefusal({ remember: { message, spam }, action }: Judgement): boolean {
  if (message?.kind !== 'rejected') return false
  return spam !== undefined || losesMail(action) || losesMail(message.message)
}

/** An operator's own action, such as HOLD, is left to him. */
function losesMail(action: string): boolean {
  return /^\s*(?:5|REJECT|DISCARD)/i.test(action)
}

function deferUnvouched(refusal: Judgement, hosts: readonly string[], config: Config): Judgement {
  const { notes } = refusal
  const names = hosts.map(host => shownHost(host, config.zone_codes)).join(', ')
  const action = refusal.action.trimStart()
  const isLost = losesMail(action)
  const blank = action.indexOf(' ')
  const deferred = config.DEFER_ACTION + (blank < 0 ? '' : action.slice(blank))
  const consequence = isLost
    ? 'a mail is deferred that would be refused on its word'
    : 'nothing is remembered on its word'
  return {
    ...refusal,
    why: 'unvouched',
    action: isLost ? deferred : refusal.action,
    remember: {},
    notes: [...notes, `a probe of ${names} was not answered, so ${consequence}`],
  }
}
