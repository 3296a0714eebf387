/**
 * 200 slow mails under way, and what becomes of other people's mail meanwhile.
 *
 *   const slow = new SlowMails(service); slow.comeFrom('200 addresses'); … slow.stop()
 *   const others = await sendOthers(service, { first: 0, listed: 100, overMs: 27_000 }); others.listed.rejected → 100
 *
 * As soon as a slow mail is answered, the next one takes its place.
 *
 * Failure: an answer that does not come is a verdict, `none`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { goodMail, listedMail, type Origin, slowMail } from './mails.ts'
import type { Service } from './service.ts'

const SLOW = 200
/** A good mail comes with every so-manieth listed one. */
const LISTED_PER_GOOD = 5
/** How long one of them is waited for: ten times what three tries take, and well within what Postfix waits, 100 s. */
const PATIENCE_MS = 60_000

/** What became of a mail. `unscored`: accepted, since too many lists did not answer. `accepted`: as scored. */
export const VERDICTS = ['rejected', 'accepted', 'unscored', 'deferred', 'none'] as const
type Verdict = (typeof VERDICTS)[number]
/** Mails by what became of them. */
export type Tally = Record<Verdict, number>

/** Keeps 200 slow mails under way, once it is told where from. */
export class SlowMails {
  /** Those that were answered. */
  readonly answered = noMails()
  readonly #service: Service
  #origin: Origin | undefined
  #sent = 0
  #isOver = false

  constructor(service: Service) {
    this.#service = service
  }

  /** The next ones come from there. */
  comeFrom(origin: Origin): void {
    const isFirst = this.#origin === undefined
    this.#origin = origin
    if (isFirst) for (let i = 0; i < SLOW; i++) void this.#keepOneUnderWay()
  }

  /** No more are sent; those under way end with the service. */
  stop(): void {
    this.#isOver = true
  }

  async #keepOneUnderWay(): Promise<void> {
    while (!this.#isOver && this.#origin) {
      const answer = await this.#service.ask(slowMail(this.#sent++, this.#origin))
      if (!this.#isOver) this.answered[verdictOf(answer)]++
    }
  }
}

export interface Others {
  readonly listed: Tally
  readonly good: Tally
  /** Answers that were not the ones wanted, each kind once. */
  readonly surprises: readonly string[]
  readonly longestMs: number
}

/** Mails that come evenly over some time: listed ones, numbered from `first` on, and a fifth as many good ones. */
export interface OtherMails {
  readonly first: number
  readonly listed: number
  readonly overMs: number
}

/** Sends the mails of others; resolves when each is answered. */
export async function sendOthers(service: Service, { first, listed: count, overMs }: OtherMails): Promise<Others> {
  const [listed, good] = [noMails(), noMails()]
  const surprises = new Set<string>()
  let longestMs = 0
  const send = async (request: Buffer, tally: Tally, want: Verdict): Promise<void> => {
    const startMs = performance.now()
    const answer = await Promise.race([service.ask(request), pause(PATIENCE_MS, '', { ref: false })])
    const verdict = verdictOf(answer)
    tally[verdict]++
    if (verdict !== want) surprises.add(answer.replace(/\d+/g, 'N').trim())
    longestMs = Math.max(longestMs, performance.now() - startMs)
  }
  const sent: Promise<void>[] = []
  for (let i = 0; i < count; i++) {
    await pause(overMs / count)
    sent.push(send(listedMail(first + i), listed, 'rejected'))
    if (i % LISTED_PER_GOOD === 0) sent.push(send(goodMail(first + i), good, 'accepted'))
  }
  await Promise.all(sent)
  return { listed, good, surprises: [...surprises], longestMs }
}

function verdictOf(answer: string): Verdict {
  if (answer === '') return 'none'
  if (answer.startsWith('action=550 ')) return 'rejected'
  if (/^action=(?:4\d\d|DEFER)/.test(answer)) return 'deferred'
  return answer.includes('passed - too many local DNS-errors') ? 'unscored' : 'accepted'
}

function noMails(): Tally {
  return { rejected: 0, accepted: 0, unscored: 0, deferred: 0, none: 0 }
}
