/**
 * What the words of the reasons mean, in a sentence, and which parameters their scores come from.
 *
 *   word of a rule, configuration → describeRule → RuleWords → cli/why/explanation.ts
 *
 * For people who ask why; nothing of it is loaded where mail is answered. A word that the configuration at hand has no list for,
 * since it was another one that judged, is not known.
 *
 * Pure, total.
 * Source: docs/behaviour/scoring.md, which has each word as a heading.
 */
import type { Config, ConfiguredList } from '../config/parameters/parameters.ts'
import { shownHost } from '../lists/shown-host.ts'
import { findZone } from '../lists/zones.ts'

/** `text`: a sentence without a full stop. `parameters`: with their sigils. `host`: of a list, as it may be shown. */
export interface RuleWords {
  readonly text: string
  readonly parameters: readonly string[]
  readonly host?: string
}

type Row = readonly [text: string, ...parameters: string[]]

const EXCHANGE = (whose: string): Row => [`the client is a mail exchanger of the ${whose}`, '@helo_from_mx_eq_ip_score']
const ADDRESS = (whose: string): Row => [`the ${whose} has the client's address`, '@helo_score']

const RULES: Readonly<Record<string, Row>> = {
  SPF_PASS: ['the SPF record of the sender domain allows the client', '$CHECK_SPF'],
  SPF_FAIL: ['the SPF record of the sender domain forbids the client; forwarded mail looks so, too', '@spf_fail_score'],
  SPF_SOFTFAIL: ['the SPF record of the sender domain says the client is none of its own', '@spf_softfail_score'],
  CL_IP_EQ_FROM_MX: EXCHANGE('sender domain'),
  CL_IP_EQ_HELO_MX: EXCHANGE('HELO name'),
  CL_IP_EQ_FROM_IP: ADDRESS('sender domain'),
  CL_IP_EQ_HELO_IP: ADDRESS('HELO name'),
  BAD_MX: [
    'nobody can be reached by the exchangers of the sender domain, and lists have the client',
    '@bogus_mx_score',
  ],
  BOGUS_MX: ['no reply can reach the sender domain: it has no address, or a private one', '@bogus_mx_score'],
  HELO_IP_IN_CL_SUBNET: [
    "an address of the HELO name or sender domain is in the client's network (/24, IPv6 /64)",
    '@helo_ip_in_client_subnet',
  ],
  HELO_IP_IN_CL16_SUBNET: [
    "an address of the HELO name or sender domain is in the client's wider network (/16, IPv6 /48)",
    '@helo_ip_in_cl16_subnet',
  ],
  HELO_OF_CLIENT_NAME: [
    "the HELO name is of the same domain as the client's confirmed name",
    '@client_ip_eq_helo_score',
    '$HELO_BY_CLIENT_NAME',
  ],
  CL_IP_NE_HELO: ['neither the HELO name nor the sender domain leads to the client in DNS', '@helo_score'],
  HELO_OF_OTHERS: ['the HELO name is the name of another host', '@helo_of_others_score'],
  NO_MX_A_RECS_FOUND: ['there is nothing in DNS about the HELO name and the sender domain', '@helo_score'],
  HELO_NUMERIC: ['the HELO is an address and no name', '@helo_numeric_score'],
  'FROM/MX_MATCHES_HELO(DOMAIN)': [
    'the sender domain, or its exchanger, and the confirmed HELO name belong together',
    '@from_match_regex_verified_helo',
  ],
  'FROM/MX_MATCHES_NOT_HELO(DOMAIN)': [
    'the HELO is confirmed, and the sender domain has nothing to do with it',
    '@from_match_regex_verified_helo',
  ],
  'CL_HOSTNAME_MATCHES_FROM(DOMAIN)': ["the client's name has the sender domain in it", '@helo_ip_in_client_subnet'],
  'FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN)': [
    "the sender domain belongs to the HELO name or the client's name, which is near, or tied by SPF",
    '@from_match_regex_unverified_helo',
  ],
  'FROM/MX_MATCHES_NOT_UNVR_HELO(DOMAIN)_NOR_CL_NAME(DOMAIN)': [
    "the sender domain belongs neither to the HELO name, which is only near, nor to the client's name",
    '@from_match_regex_unverified_helo',
  ],
  MAIL_SEEMS_FORGED: [
    'the HELO name, which is like the sender domain, does not lead to the client: it looks forged',
    '@from_match_regex_failed_helo',
  ],
  'FROM_NOT_FAILED_HELO(DOMAIN)': [
    'the HELO name does not lead to the client, and the sender domain has nothing to do with it',
    '@from_match_regex_failed_helo',
  ],
  CL_SEEMS_DIALUP: ["the client's PTR name looks like that of a dial-up line", '@client_seems_dialup_score'],
  CLIENT_HAS_NO_NAME: ['the client has no host name that leads back to it', '@client_no_name_score'],
  CLIENT_HAS_NO_PTR: ['the client has no host name at all', '@client_no_name_score'],
  REV_IP_EQ_HELO: ["the client's PTR name is the HELO name", '@client_ip_eq_helo_score'],
  REV_IP_EQ_HELO_DOMAIN: ["the client's PTR name is of the HELO name's domain", '@client_ip_eq_helo_score'],
  RESOLVED_IP_IS_NOT_HELO: ['no PTR name of the client is the HELO name or of its domain', '@client_ip_eq_helo_score'],
  NO_DNS_RECORDS: ['the client has no PTR name, and nothing in DNS belongs to its names'],
  HELO_SEEMS_DIALUP: [
    'the HELO name, though confirmed, looks like a dial-up line',
    '@helo_seems_dialup',
    '@enforce_dyndns_score',
  ],
  NOK_HELO_SEEMS_DIALUP: [
    'the HELO name is not confirmed and looks like a dial-up line',
    '@failed_helo_seems_dialup',
    '@enforce_dyndns_score',
  ],
  FROM_NBDY_ANON: ['the sender is nobody@ or anonymous@', '@from_anon'],
  'CLIENT_NOT_MX/A_FROM_DOMAIN': [
    'lists have the client, and it is no host of the sender domain',
    '@helo_from_mx_eq_ip_score',
  ],
  'CLIENT/24_NOT_MX/A_FROM_DOMAIN': [
    "nor is any host of the sender domain in the client's network",
    '@helo_from_mx_eq_ip_score',
  ],
  FROM_MULTIPARTED: ['the sender domain has three labels or more, and the HELO says nothing', '@from_multiparted'],
  RANDOM_SENDER: ['the sender looks like random letters', '@random_sender_score'],
  STRONGER_THAN_ALLOW_LISTS: ['a strong list names a domain of the mail, so allow lists do not count', '@strong_lists'],
}

type Lists = 'dnsbl_score' | 'dnswl_score' | 'rhsbl_score'

/** Whose listing a word in front of `LABEL` is about, in which lists. */
const FORMS: readonly (readonly [prefix: string, lists: Lists, says: string])[] = [
  ['NOT_IN_', 'dnsbl_score', 'does not have the client'],
  ['HELO_IN_', 'rhsbl_score', 'has the domain of the HELO name'],
  ['CLIENT_IN_', 'rhsbl_score', "has the domain of the client's name"],
  ['IN_', 'dnsbl_score', 'has the client'],
  ['IN_', 'dnswl_score', 'vouches for the client'],
  ['IN_', 'rhsbl_score', 'has the sender domain'],
  ['', 'dnsbl_score', 'gave no usable answer, or was not asked: it counts as one that does not have the client'],
]

/** `'IN_SPAMCOP'` → `bl.spamcop.net of SpamCop (Cisco) has the client`; undefined: nothing is known of such a word. */
export function describeRule(rule: string, config: Config): RuleWords | undefined {
  const row = Object.hasOwn(RULES, rule) ? RULES[rule] : undefined
  if (row) {
    const [text, ...parameters] = row
    return { text, parameters }
  }
  for (const [prefix, lists, says] of FORMS) {
    if (!rule.startsWith(prefix)) continue
    const entry = config[lists].find(({ label }) => rule === prefix + label)
    if (entry) return { ...describeList(entry, config, says), parameters: [`@${lists}`] }
  }
  return undefined
}

function describeList(
  { host }: ConfiguredList,
  { zone_codes }: Config,
  says: string,
): Pick<RuleWords, 'text'> & { host: string } {
  const shown = shownHost(host, zone_codes)
  // A row of @zone_codes knows no operator.
  const isConfigured = zone_codes.some(({ zone }) => host === zone || host.endsWith(`.${zone}`))
  const operator = isConfigured ? undefined : findZone(host)?.operator
  return { host: shown, text: `${operator === undefined ? shown : `${shown} of ${operator}`} ${says}` }
}
