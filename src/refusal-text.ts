/**
 * The operator's texts of a refusal, with what they have places for filled in, `$EXPAND_TEXTS`.
 *
 *   consult.ts: judgement → withTexts → the same, as it is answered and remembered for the mail's other recipients
 *   consult.ts, which lends it to recall: a refusal from memory → textAgain → its message
 *
 * Loaded for a refusal or a deferral, where the parameter is on. Everything that compares messages, or puts another word in front of
 * one, has done so before, over the texts as they are configured. What was appended to them holds names that strangers chose,
 * and nothing of that is filled in.
 *
 * Total. Source: docs/behaviour/scoring.md#placeholders.
 */
import type { KnownSpam } from './cache/spam.ts'
import type { Config, ConfiguredList } from './config/parameters/parameters.ts'
import { delistingPage } from './lists/delisting.ts'
import { shownHost } from './lists/shown-host.ts'
import type { PolicyRequest } from './policy/request.ts'
import type { Judgement } from './score/verdict.ts'
import { fillIn, type PlaceholderValues } from './text/placeholders.ts'

/** As many names of lists as have room for; the others are counted. */
const MAX_LISTS_CHARACTERS = 100
/** Behind `lists:` and `removal:`, and in a sentence of the operator's: listed by no block list. */
const NOT_LISTED = { lists: 'no block list', delist: 'not needed' } as const
/** Of a refusal from memory that remembers no list: it need not have remembered all. */
const NOT_REMEMBERED = { lists: 'see the first refusal', delist: 'see the first refusal' } as const
const NO_PAGE = 'ask the list'

/** What `%{lists}` and `%{delist}` stand for. */
type Listings = Pick<PlaceholderValues, 'lists' | 'delist'>

/** A refusal as it is answered and remembered; the judgement goes on to have the texts as configured. `reference`: what `%{ref}` stands for. */
export function withTexts(judgement: Judgement, request: PolicyRequest, config: Config, reference?: string): Judgement {
  const { action, appended, remember } = judgement
  if (appended === undefined || !action.endsWith(appended)) return judgement
  const listings = describeLists([...judgement.listedBy], config) ?? NOT_LISTED
  const values = valuesOf(request, listings, reference)
  const fill = (template: string): string => inOneClass(fillIn(template, values))
  const front = action.slice(0, action.length - appended.length)
  const message = remember.message?.kind === 'rejected' ? remember.message.message : undefined
  return {
    ...judgement,
    action: fill(front) + appended,
    remember: message === undefined ? remember : { ...remember, message: { kind: 'rejected', message: fill(message) } },
  }
}

/** The message of a refusal from memory, whose reasons may be known: `$CACHEREJECTMSG`, and what stands behind it. */
export function textAgain(
  { message, reasons = '', reference }: KnownSpam,
  request: PolicyRequest,
  config: Config,
): string {
  const { CACHEREJECTMSG: template } = config
  const listings = describeLists(hostsIn(reasons, config), config) ?? NOT_REMEMBERED
  return fillIn(template, valuesOf(request, listings, reference)) + message.slice(template.length)
}

function valuesOf({ client = '', helo, domain }: PolicyRequest, listings: Listings, ref = ''): PlaceholderValues {
  return { client, helo, sender_domain: domain, ref, lists: listings.lists, delist: listings.delist }
}

/** `zen.spamhaus.org, bl.spamcop.net and 2 more`, and the page of the first that has one. undefined: no list. */
function describeLists(hosts: readonly string[], { zone_codes }: Config): Listings | undefined {
  const names = [...new Set(hosts.map(host => shownHost(host, zone_codes)))]
  const [first, ...others] = names
  if (first === undefined) return undefined
  let lists = first
  let shown = 1
  for (const name of others) {
    if (lists.length + name.length > MAX_LISTS_CHARACTERS) break
    lists += `, ${name}`
    shown++
  }
  if (shown < names.length) lists += ` and ${names.length - shown} more`
  return { lists, delist: names.map(delistingPage).find(page => page !== undefined) ?? NO_PAGE }
}

/** Whose words stand among reasons: ` IN_DBL=8 …` → `['dbl.spamhaus.org']`. A stranger's part of them is in lower case. */
function hostsIn(reasons: string, { dnsbl_score, rhsbl_score }: Config): string[] {
  const words = new Set(reasons.split(' ').map(word => word.slice(0, Math.max(0, word.lastIndexOf('=')))))
  const isIn = (prefixes: readonly string[], { label, hit }: ConfiguredList): boolean =>
    hit > 0 && prefixes.some(prefix => words.has(`${prefix}IN_${label}`))
  return [
    ...dnsbl_score.filter(entry => isIn([''], entry)),
    ...rhsbl_score.filter(entry => isIn(['', 'HELO_', 'CLIENT_'], entry)),
  ].map(({ host }) => host)
}

/** A deferral whose text says, behind its new first word, that it is for good (RFC 3463 2): `'450 5.7.1 …'` → `'450 4.7.1 …'`. */
function inOneClass(message: string): string {
  return message.replace(
    /^(\s*(?:4\d\d|DEFER\w*)\s+)(4\.\d{1,3}\.\d{1,3}\s+)?5(\.\d{1,3}\.\d{1,3}\s+)/i,
    (_all, word: string, own: string | undefined, rest: string) => (own ? word + own : `${word}4${rest}`),
  )
}
