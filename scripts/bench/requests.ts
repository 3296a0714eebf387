/**
 * What is asked: the mails of the tables as templates of requests (request.h), and the answer that is right.
 *
 * Each request has another instance, so no other recipient's answer serves. An answer without the expected text is an
 * error of the benchmark: what is measured is what the title says, by every contender.
 */
import { requestBytes } from '../../testkit/policy-process.ts'
import { attributesOf, type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'

export interface Case {
  readonly name: string
  readonly title: string
  readonly template: string
  /** Whether the client is to be known from a request before; otherwise nothing is remembered. */
  readonly cached: boolean
  readonly expected: string
}

/** A template for the C programs: `{n}` is counted, `{client}` walks through strangers. */
export function templateOf(mail: DemoMail): string {
  return requestBytes({ ...attributesOf(mail), instance: 'bench.{n}' }).toString('latin1')
}

const GOOD: Case = {
  name: 'good',
  title: 'good mail',
  template: templateOf(GOOD_MAIL),
  cached: false,
  expected: 'CL_IP_EQ_FROM_MX',
}

const FORGED: Case = {
  name: 'forged',
  title: 'forged mail',
  template: templateOf(FORGED_MAIL),
  cached: false,
  expected: '550 Mail appeared to be SPAM',
}

export const HAM_HIT: Case = { ...GOOD, name: 'ham-hit', title: 'HAM hit', cached: true, expected: 'rate:hard' }

export const CASES: readonly Case[] = [
  {
    name: 'no-dns',
    title: 'no DNS (empty sender)',
    template: templateOf({ ...GOOD_MAIL, sender: '' }),
    cached: false,
    expected: 'DUNNO NULL',
  },
  { ...FORGED, name: 'spam-hit', title: 'SPAM hit', cached: true, expected: 'retrying too fast' },
  HAM_HIT,
  GOOD,
  FORGED,
]

export function caseOf(name: string): Case {
  const found = CASES.find(kase => kase.name === name)
  if (!found) throw new Error(`no case ${name}`)
  return found
}

/** What needs DNS. */
export const UNKNOWN_MAILS: readonly Case[] = [GOOD, FORGED]
export const GOOD_CASE = GOOD

/** A forged mail, by another stranger each time. */
export const STRANGER_TEMPLATE = templateOf({ ...FORGED_MAIL, client: '{client}' })
