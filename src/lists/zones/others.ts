/**
 * Facts: lists that work, but for those of Spamhaus.
 *
 * Part of the table in zones.ts. `lists` and `tests` are left out, or `none`, where the operators' pages do not say.
 */
import type { Zone } from '../zone.ts'

const VERIFIED = '2025/2026'
const ALIVE = { state: 'alive', verified: VERIFIED } as const
const BLOCK = { ...ALIVE, meaning: 'block' } as const
const CONFLICTING = 'reports on its state conflict'

/** The table's rows, without order. */
export const OTHER_ZONES: readonly Zone[] = [
  {
    ...BLOCK,
    zone: 'bl.spamcop.net',
    operator: 'SpamCop (Cisco)',
    lists: ['ipv4'],
    codes: [['127.0.0.2', 'SpamCop']],
    isShared: true,
    source: 'SpamCop: what is the SpamCop Blocking List',
    note: 'its domain expired once, on 2021-01-31, into a wildcard that listed everybody',
  },
  {
    ...BLOCK,
    zone: 'multi.surbl.org',
    operator: 'SURBL',
    lists: ['domain'],
    codes: [
      ['&4', 'disposable mail'],
      ['&8', 'phishing'],
      ['&16', 'malware'],
      ['&32', 'click tracker'],
      ['&64', 'abuse'],
      ['&128', 'cracked site'],
    ],
    refusals: [
      {
        code: '127.0.0.1',
        meaning: 'access is blocked',
        remedy: 'use a resolver of your own, or ask SURBL for a data feed',
      },
    ],
    tests: { listed: 'test.surbl.org' },
    source: 'SURBL: implementation guidelines',
    note: 'full host names are fine; 127.0.0.3 is a listing',
  },
  {
    ...BLOCK,
    zone: 'uribl.com',
    operator: 'URIBL',
    lists: ['domain'],
    codes: [
      ['&2', 'black'],
      ['&4', 'grey'],
      ['&8', 'red'],
    ],
    refusals: [
      {
        code: '127.0.0.1',
        meaning: 'the query was refused',
        remedy: 'use a resolver of your own, or ask URIBL for a data feed',
      },
    ],
    tests: { listed: 'test.uribl.com' },
    source: 'URIBL: query refused',
    note: 'multi.uribl.com is black, grey and red in one; knows registered domains only',
  },
  {
    ...BLOCK,
    zone: 'b.barracudacentral.org',
    operator: 'Barracuda Central',
    lists: ['ipv4'],
    codes: [['127.0.0.2', 'Barracuda']],
    refusals: [
      {
        code: 'SERVFAIL',
        meaning: 'the resolver is not registered',
        remedy: 'register its address at Barracuda Central',
      },
    ],
    source: 'Barracuda Central: how to use the Barracuda Reputation Block List',
    note: 'the resolver must be registered; others get SERVFAIL',
  },
  {
    ...BLOCK,
    zone: 'bl.mailspike.net',
    operator: 'Mailspike',
    lists: ['ipv4'],
    codes: [
      ['127.0.0.2', 'listed'],
      ['127.0.0.10', 'worst reputation'],
      ['127.0.0.11', 'very bad reputation'],
      ['127.0.0.12', 'bad reputation'],
    ],
    source: 'Mailspike: the site of the list',
  },
  {
    ...ALIVE,
    zone: 'rep.mailspike.net',
    operator: 'Mailspike',
    meaning: 'mixed',
    codes: [['127.0.0.[10..20]', 'reputation, from the worst (10) to the best (20)']],
    tests: 'none',
    source: 'Mailspike: the site of the list',
  },
  {
    ...ALIVE,
    zone: 'wl.mailspike.net',
    operator: 'Mailspike',
    meaning: 'allow',
    codes: [['127.0.0.[17..20]', 'good reputation; 18 to 20 are safe']],
    tests: 'none',
    source: 'Mailspike: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'psbl.surriel.com',
    operator: 'PSBL',
    lists: ['ipv4'],
    codes: [['127.0.0.2', 'PSBL']],
    isShared: true,
    source: 'PSBL: the site of the list',
    note: 'low weight: lists big providers at times',
  },
  {
    ...ALIVE,
    zone: 'list.dnswl.org',
    operator: 'dnswl.org',
    lists: ['ipv4', 'ipv6'],
    meaning: 'allow',
    codes: [['127.0.[0..255].[0..3]', 'category (third octet), trust from 0 to 3 (last octet)']],
    refusals: [
      { code: '127.0.0.255', meaning: 'too many queries', remedy: 'ask less, or subscribe at dnswl.org' },
      {
        code: '127.0.10.[0..255]',
        meaning: 'far too many queries: everybody is trusted',
        remedy: 'ask less, or subscribe at dnswl.org',
      },
    ],
    tests: { answer: '127.0.10.0' },
    limits: '100,000 queries a day',
    queriesPerDay: 100_000,
    source: 'dnswl.org: enforcement of access limits',
    note: 'a filter is required',
  },
  ...['combined', 'black'].map(
    (name): Zone => ({
      ...BLOCK,
      zone: `${name}.mail.abusix.zone`,
      operator: 'Abusix',
      lists: ['ipv4', 'ipv6'],
      codes: [
        ['127.0.0.[2..3]', 'black'],
        ['127.0.0.200', 'black'],
        ...(name === 'combined'
          ? ([
              ['127.0.0.4', 'exploit'],
              ['127.0.0.[11..12]', 'policy'],
            ] as const)
          : []),
      ],
      secret: true,
      source: 'Abusix: production zones',
    }),
  ),
  // Whatever else there is: not known, but the first label is a key.
  {
    ...BLOCK,
    zone: 'mail.abusix.zone',
    operator: 'Abusix',
    secret: true,
    tests: 'none',
    source: 'Abusix: production zones',
  },
  {
    ...BLOCK,
    zone: 'bl.blocklist.de',
    operator: 'blocklist.de',
    lists: ['ipv4'],
    codes: [['127.0.0.[2..255]', 'the kind of attack']],
    source: 'blocklist.de: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'bip.virusfree.cz',
    operator: 'virusfree.cz',
    lists: ['ipv4'],
    codes: [['127.0.0.2', 'listed']],
    source: 'virusfree.cz: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'fresh15.spameatingmonkey.net',
    operator: 'Spam Eating Monkey',
    lists: ['domain'],
    codes: [['127.0.0.2', 'registered in the last 15 days']],
    tests: 'none',
    source: 'Spam Eating Monkey: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'bl.ipv6.spameatingmonkey.net',
    operator: 'Spam Eating Monkey',
    lists: ['ipv6'],
    codes: [['127.0.0.2', 'listed']],
    source: 'Spam Eating Monkey: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'bl.spameatingmonkey.net',
    operator: 'Spam Eating Monkey',
    lists: ['ipv4'],
    codes: [['127.0.0.[2..3]', 'listed']],
    source: 'Spam Eating Monkey: the site of the list',
    note: CONFLICTING,
  },
  {
    ...ALIVE,
    zone: 'score.senderscore.com',
    operator: 'Validity',
    lists: ['ipv4'],
    meaning: 'mixed',
    codes: [['127.0.4.[0..100]', 'the score, from 0 (worst) to 100, in the last octet']],
    refusals: [
      { code: '127.0.4.127', meaning: 'queries are limited', remedy: 'register the resolver at Validity, or ask less' },
    ],
    tests: 'none',
    source: 'Validity: the site of the list',
  },
  {
    ...BLOCK,
    zone: 'bl.score.senderscore.com',
    operator: 'Validity',
    lists: ['ipv4'],
    codes: [
      ['&1', 'bot'],
      ['&2', 'no authentication'],
      ['&4', 'spam trap'],
      ['&8', 'attachment'],
      ['&16', 'low score'],
    ],
    refusals: [
      {
        code: '127.255.255.255',
        meaning: 'the resolver is not registered, whatever it asks',
        remedy: 'register it at Validity',
      },
    ],
    tests: 'none',
    source: 'Validity: the site of the list',
  },
  {
    ...ALIVE,
    zone: 'hostkarma.junkemailfilter.com',
    operator: 'Junk Email Filter',
    meaning: 'mixed',
    codes: [
      ['127.0.0.1', 'white'],
      ['127.0.0.2', 'black'],
      ['127.0.0.3', 'yellow'],
      ['127.0.0.4', 'brown'],
      ['127.0.0.5', 'no black'],
      ['127.0.[1..2].[1..3]', 'a newer code'],
    ],
    tests: { unlisted: null },
    source: 'Junk Email Filter: the site of the list',
    note: `lists 127.0.0.1 on purpose; a filter is required; ${CONFLICTING}`,
  },
  ...(
    [
      ['truncate.gbudb.net', 'GBUdb', 'GBUdb: the site of the list'],
      ['all.s5h.net', 's5h.net', 's5h.net: the site of the list'],
      ['dnsbl-1.uceprotect.net', 'UCEPROTECT', 'UCEPROTECT: the site of the list'],
    ] as const
  ).map(
    ([zone, operator, source]): Zone => ({
      ...BLOCK,
      zone,
      operator,
      lists: ['ipv4'],
      codes: [['127.0.0.2', 'listed']],
      source,
      note: CONFLICTING,
    }),
  ),
]
