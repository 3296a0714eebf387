/**
 * Facts: the lists of Spamhaus, at the public mirrors and at the Data Query Service (DQS).
 *
 * Part of the table in zones.ts. Names of the DQS begin with the subscriber's key, which is free for small sites and is
 * nobody else's business.
 */
import type { Listed, Refusal, Zone } from '../zone.ts'

const OPERATOR = 'Spamhaus'
const VERIFIED = '2025/2026'
const PUBLIC_LIMITS = 'non-commercial use, less than 100,000 SMTP connections and 300,000 queries a day'
const ADDRESSES: readonly Listed[] = ['ipv4', 'ipv6']

const SBL = [
  ['127.0.0.2', 'SBL'],
  ['127.0.0.3', 'CSS'],
  ['127.0.0.9', 'DROP, together with SBL'],
  ['127.0.0.30', 'BCL'],
] as const
const XBL = [
  ['127.0.0.4', 'XBL'],
  ['127.0.0.[5..7]', 'XBL, not used at present'],
] as const
const PBL = [
  ['127.0.0.10', 'PBL, from the provider'],
  ['127.0.0.11', 'PBL, from Spamhaus'],
] as const
const DBL = [
  ['127.0.1.2', 'spam domain'],
  ['127.0.1.4', 'phishing'],
  ['127.0.1.5', 'malware'],
  ['127.0.1.6', 'botnet command and control'],
  ['127.0.1.102', 'abused legitimate domain'],
  ['127.0.1.103', 'abused redirector'],
  ['127.0.1.[104..106]', 'abused legitimate domain: phishing, malware, command and control'],
] as const
const STRONG_ADDRESSES = ['127.0.0.[2..9]']
const STRONG_DOMAINS = ['127.0.1.[2..99]']
const OF_ADDRESSES = {
  sbl: SBL,
  xbl: XBL,
  pbl: PBL,
  'sbl-xbl': [...SBL, ...XBL],
  zen: [...SBL, ...XBL, ...PBL],
} as const

const PUBLIC_REFUSALS: readonly Refusal[] = [
  { code: '127.255.255.252', meaning: 'a slip in the name of the list', remedy: 'correct the host' },
  {
    code: '127.255.255.254',
    meaning: 'public or cloud resolver',
    remedy: 'use a resolver of your own or a free DQS key',
  },
  { code: '127.255.255.255', meaning: 'too many queries', remedy: 'use a DQS key' },
]
const DQS_REFUSALS: readonly Refusal[] = [
  { code: '127.255.255.250', meaning: 'the key is disabled', remedy: 'look at the account it belongs to' },
  { code: '127.255.255.251', meaning: 'the key is rejected', remedy: 'compare it with that of the account' },
  { code: 'REFUSED', meaning: 'the service is off for this key', remedy: 'look at the account it belongs to' },
]
const AT_MIRRORS = {
  operator: OPERATOR,
  meaning: 'block',
  refusals: PUBLIC_REFUSALS,
  limits: PUBLIC_LIMITS,
  queriesPerDay: 300_000,
  beyond: 'use a key for the Data Query Service ($DQS_KEY_FILE)',
  state: 'alive',
  verified: VERIFIED,
} as const
const AT_DQS = {
  operator: OPERATOR,
  meaning: 'block',
  refusals: DQS_REFUSALS,
  secret: true,
  limits: 'those of the account; keys for small sites are free',
  state: 'alive',
  verified: VERIFIED,
  source: 'Spamhaus: Data Query Service, available zones',
} as const

const NOTES: Readonly<Record<string, string>> = {
  zen: 'one query covers sbl, xbl and pbl; on most clouds every answer is a refusal, with a local resolver as well',
}

/** The table's rows, without order. */
export const SPAMHAUS_ZONES: readonly Zone[] = [
  ...Object.entries(OF_ADDRESSES).flatMap(([name, codes]): Zone[] => {
    const note = NOTES[name] === undefined ? {} : { note: NOTES[name] }
    const source = 'Spamhaus: DNSBL return codes'
    const strong = name === 'pbl' ? {} : { strong: STRONG_ADDRESSES }
    return [
      { ...AT_MIRRORS, zone: `${name}.spamhaus.org`, lists: ADDRESSES, codes, ...strong, source, ...note },
      { ...AT_DQS, zone: `${name}.dq.spamhaus.net`, lists: ADDRESSES, codes, ...strong },
    ]
  }),
  {
    ...AT_MIRRORS,
    zone: 'dbl.spamhaus.org',
    lists: ['domain'],
    codes: DBL,
    strong: STRONG_DOMAINS,
    misasked: ['127.0.1.255'],
    source: 'Spamhaus: DBL return codes',
    note: 'never to be asked for an address: 127.0.1.255 says that it was',
  },
  {
    ...AT_DQS,
    zone: 'dbl.dq.spamhaus.net',
    lists: ['domain'],
    codes: DBL,
    strong: STRONG_DOMAINS,
    misasked: ['127.0.1.255', '127.0.2.255'],
  },
  {
    ...AT_DQS,
    zone: 'zrd.dq.spamhaus.net',
    lists: ['domain'],
    codes: [['127.0.2.[2..24]', 'hours since the domain was first seen']],
    misasked: ['127.0.1.255', '127.0.2.255'],
    tests: 'none',
  },
  {
    ...AT_DQS,
    zone: 'authbl.dq.spamhaus.net',
    lists: ['ipv4'],
    codes: [['127.0.0.20', 'AuthBL: tries passwords']],
  },
  // Whatever else there is: not known, but the first label is a key.
  { ...AT_DQS, zone: 'dq.spamhaus.net', tests: 'none' },
]
