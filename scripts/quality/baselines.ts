/**
 * What else a Postfix can be set up with, to be compared with: engines that follow the manual of Postfix, not its source.
 *
 *   mail, its zone → block lists, sum, restrictions → the first that speaks against it → Result
 *
 *   zen        reject_rbl_client zen.spamhaus.org=127.0.0.[2..11], and nothing else
 *   sum        postscreen(8): a weight for each list, and a threshold. Spamhaus alone reaches it, the others together; DNSWL
 *              speaks for a client by the pattern of Postfix's own manual. Weights of one to three and a threshold of three are
 *              what published configurations have
 *   usual      the restrictions that guides to Postfix agree on: HELO, sender and reverse name of a form that can be, zen, DBL
 *   ordinary   `sum`, and `usual` behind it, for whose zen the sum stands
 *
 * `reject_unknown_helo_hostname` and `reject_unknown_client_hostname` are not among them: guides warn of them.
 *
 * Answers are those of the defaults: 501 or 504 for what is malformed, 550 for a null MX and from postscreen, 554 for what is
 * listed, 450 for what is unknown. A lookup that fails defers where restrictions look for a sender domain
 * (unknown_address_tempfail_action), and is no listing.
 *
 * Pure. Sources: postconf(5); postscreen(8); POSTSCREEN_README; DNSWL and Spamhaus on the answers of their zones.
 */
import { answerFromZone, type DnsZone } from '../../testkit/dns-server.ts'
import type { Case, Engine, Result, Verdict } from './corpus.ts'
import { isAddressLiteral, isFullHostname, isHostname, isIpAddress, reversedAddress } from './host-names.ts'

/** A list of postscreen: its answers that count, and their weight. */
interface Weighted {
  readonly zone: string
  readonly answers: RegExp
  readonly weight: number
}

const ZEN = /^127\.0\.0\.(?:[2-9]|1[01])$/
const DBL = /^127\.0\.1\.(?:[2-9]|[1-9]\d)$/
const SUM: readonly Weighted[] = [
  { zone: 'zen.spamhaus.org', answers: ZEN, weight: 3 },
  { zone: 'bl.mailspike.net', answers: /^127\.0\.0\.(?:2|1[0-2])$/, weight: 2 },
  { zone: 'bl.spamcop.net', answers: /^127\.0\.0\.2$/, weight: 1 },
  { zone: 'list.dnswl.org', answers: /^127\.0\.\d+\.[1-3]$/, weight: -2 },
]
const THRESHOLD = 3

/** A restriction: what it answers a mail, or undefined if it has nothing against it. */
export type Restriction = (mail: Case) => Result | undefined

const against = (verdict: Verdict, answer: string): Result => ({ verdict, answer, words: [] })
const ACCEPTED: Result = { verdict: 'accept', answer: 'accepted', words: [] }

/** The values of a record, in the order of the zone; none where there is no answer. */
function values(zone: DnsZone, type: 'A' | 'AAAA' | 'MX', name: string): readonly string[] {
  const outcome = answerFromZone(zone, { type, name })
  return outcome.kind === 'found' ? outcome.values : []
}

const isListed = ({ zone }: Case, name: string, answers: RegExp): boolean =>
  values(zone, 'A', name.toLowerCase()).some(address => answers.test(address))

const listsClient = (mail: Case, zone: string, answers: RegExp): boolean =>
  isListed(mail, `${reversedAddress(mail.request.client_address ?? '')}.${zone}`, answers)

const domainOf = (sender: string): string => sender.slice(sender.lastIndexOf('@') + 1)

/** `reject_rbl_client zen.spamhaus.org=127.0.0.[2..11]`. */
export const zen: Restriction = mail =>
  listsClient(mail, 'zen.spamhaus.org', ZEN) ? against('reject', '554 zen.spamhaus.org') : undefined

/** postscreen's sum, with `postscreen_dnsbl_action = enforce`. A list counts once, whatever it answers. */
export const postscreenSum: Restriction = mail => {
  const hits = SUM.filter(({ zone, answers }) => listsClient(mail, zone, answers))
  const rate = hits.reduce((sum, { weight }) => sum + weight, 0)
  if (rate < THRESHOLD) return undefined
  const words = hits.map(({ zone, weight }) => ({ word: zone, points: weight }))
  return { ...against('reject', '550 postscreen'), rate, words }
}

/** `reject_invalid_helo_hostname`: neither a host name nor an address, which passes with brackets and without. */
export const invalidHelo: Restriction = ({ request: { helo_name: helo = '' } }) => {
  const isValid = helo.startsWith('[') ? isAddressLiteral(helo) : isHostname(helo) || isIpAddress(helo)
  return helo === '' || isValid ? undefined : against('reject', '501 reject_invalid_helo_hostname')
}

/** `reject_non_fqdn_helo_hostname`: no host name with a dot. An address without brackets is none. */
export const nonFqdnHelo: Restriction = ({ request: { helo_name: helo = '' } }) =>
  helo === '' || isFullHostname(helo) || isAddressLiteral(helo)
    ? undefined
    : against('reject', '504 reject_non_fqdn_helo_hostname')

/** `a@[192.0.2.1]`: an address in the place of a domain, which neither restriction of senders looks into. */
const hasAddressForDomain = (sender: string): boolean => /@\[[^@]*\]$/.test(sender)

/** `reject_non_fqdn_sender`: a sender without a domain, or with one that has no dot. The null sender has nothing to judge. */
export const nonFqdnSender: Restriction = ({ request: { sender = '' } }) =>
  sender === '' || hasAddressForDomain(sender) || (sender.includes('@') && isFullHostname(domainOf(sender)))
    ? undefined
    : against('reject', '504 reject_non_fqdn_sender')

/**
 * `reject_unknown_sender_domain`: neither MX nor address is put off, since a name may come to be known; so is a lookup that
 * fails. A domain whose one MX is `.` says that it has no mail, and is refused.
 */
export const unknownSenderDomain: Restriction = ({ zone, request: { sender = '' } }) => {
  if (!sender.includes('@') || hasAddressForDomain(sender)) return undefined
  const name = domainOf(sender).toLowerCase()
  const outcomes = (['MX', 'A', 'AAAA'] as const).map(type => answerFromZone(zone, { type, name }))
  const [mx] = outcomes
  if (mx?.kind === 'found' && mx.values.length === 1 && mx.values[0] === '')
    return against('reject', '550 reject_unknown_sender_domain (null MX)')
  if (outcomes.some(({ kind }) => kind === 'found')) return undefined
  return against('defer', '450 reject_unknown_sender_domain')
}

/** `reject_unknown_reverse_client_hostname`: no PTR, or no answer to the question for one. */
export const unknownReverseClient: Restriction = ({ request: { reverse_client_name: name = '' } }) =>
  name === 'unknown' ? against('defer', '450 reject_unknown_reverse_client_hostname') : undefined

/** `reject_rhsbl_sender`, `reject_rhsbl_helo` and `reject_rhsbl_reverse_client` with Spamhaus' list of domains. */
export const domainLists: Restriction = mail => {
  const { sender = '', helo_name = '', reverse_client_name: reverse = '' } = mail.request
  const names = [domainOf(sender), ...[helo_name, reverse].filter(isFullHostname)].filter(name => name.includes('.'))
  return names.some(name => isListed(mail, `${name}.dbl.spamhaus.org`, DBL))
    ? against('reject', '554 dbl.spamhaus.org')
    : undefined
}

const FORMS = [invalidHelo, nonFqdnHelo, nonFqdnSender, unknownSenderDomain, unknownReverseClient]

/**
 * The first restriction that has something against a mail. A Postfix goes no further either, but after a lookup that failed: there
 * a later restriction may still refuse what is deferred here.
 */
function engine(key: string, title: string, restrictions: readonly Restriction[]): Engine {
  return {
    key,
    title,
    verdict(mail) {
      for (const restriction of restrictions) {
        const result = restriction(mail)
        if (result) return result
      }
      return ACCEPTED
    },
  }
}

/** What there is to compare with. */
export const BASELINES: readonly Engine[] = [
  engine('zen', 'Spamhaus zen alone', [zen]),
  engine('sum', "postscreen's sum", [postscreenSum]),
  engine('usual', 'usual restrictions, zen, DBL', [...FORMS, zen, domainLists]),
  engine('ordinary', 'an ordinary Postfix: the sum, DNSWL, DBL, usual restrictions', [
    postscreenSum,
    ...FORMS,
    domainLists,
  ]),
]
