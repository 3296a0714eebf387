/**
 * Parameters: lists of clients (DNSBL) and of sender domains (RHSBL).
 *
 * Part of the table in parameters.ts. The built-in lists stand here as data, not in their notation: reading that takes
 * a millisecond of each start. Sources: docs/behaviour/scoring.md#lists-of-clients,
 * docs/behaviour/scoring.md#lists-of-sender-domains.
 */
import type { AnswerFilter, OctetRange } from '../../lists/filter.ts'
import { type Parameter, REJECTS_NOTHING } from './parameter.ts'

export const LIST_PARAMETERS = [
  {
    name: 'DQS_KEY_FILE',
    verdict: false,
    kind: 'text',
    default: '',
    key: 'DQS_KEY',
    since: '0.3.0',
    doc: 'A file whose first line is the key of Spamhaus\' Data Query Service. Below, "$DQS_KEY.zen.dq.spamhaus.net" is the host of a list with that key, which is shown nowhere. To be read by $USER: chown root:polw, chmod 640. Empty: none.',
  },
  {
    name: 'ABUSIX_KEY_FILE',
    verdict: false,
    kind: 'text',
    default: '',
    key: 'ABUSIX_KEY',
    since: '0.3.0',
    doc: 'The same for the lists of Abusix: "$ABUSIX_KEY.combined.mail.abusix.zone".',
  },
  {
    name: 'dnsbl_score',
    verdict: true,
    kind: 'lists',
    default: [
      { host: 'zen.spamhaus.org', filter: answers(0, [10, 11]), hit: 3.25, miss: 0, label: 'DYN_PBL_SPAMHAUS' },
      { host: 'zen.spamhaus.org', filter: answers(0, [2, 9]), hit: 4.35, miss: -1.5, label: 'SBL_XBL_SPAMHAUS' },
      { host: 'bl.spamcop.net', filter: answers(0, [2, 2]), hit: 3.75, miss: -1.5, label: 'SPAMCOP' },
      { host: 'bl.mailspike.net', filter: answers(0, [2, 2], [10, 12]), hit: 3.25, miss: 0, label: 'MAILSPIKE' },
    ],
    modern: [
      { host: 'zen.spamhaus.org', filter: answers(0, [10, 11]), hit: 3.25, miss: 0, label: 'DYN_PBL_SPAMHAUS' },
      { host: 'zen.spamhaus.org', filter: answers(0, [2, 9]), hit: 10, miss: -1, label: 'SBL_XBL_SPAMHAUS' },
      { host: 'bl.spamcop.net', filter: answers(0, [2, 2]), hit: 2, miss: 0, label: 'SPAMCOP' },
      { host: 'bl.mailspike.net', filter: answers(0, [2, 2], [10, 12]), hit: 2, miss: 0, label: 'MAILSPIKE' },
    ],
    doc: 'The lists the client address is looked up in, four values each: host, score if listed, score if not, label. A host may carry a filter of answers in the notation of postscreen(8). A label with "dyn" in it marks the client as dial-up.',
  },
  {
    name: 'MAXDNSBLHITS',
    verdict: true,
    kind: 'count',
    default: 2,
    unit: 'lists',
    range: [0, REJECTS_NOTHING],
    ifUnusable: REJECTS_NOTHING,
    doc: 'More lists than this that name the client reject the mail at once with $MAXDNSBLMSG.',
  },
  {
    name: 'MAXDNSBLSCORE',
    verdict: true,
    kind: 'score',
    default: 8,
    range: [-1e9, REJECTS_NOTHING],
    ifUnusable: REJECTS_NOTHING,
    doc: 'A higher sum of list scores than this rejects the mail at once with $MAXDNSBLMSG.',
  },
  {
    name: 'MAXDNSBLMSG',
    verdict: 'temporary',
    kind: 'message',
    default: '550 Your MTA is listed in too many DNSBLs',
    modern:
      '550 5.7.1 Your mail server or domain is on block lists; client %{client}; lists: %{lists}; removal: %{delist}. Please pass this on to your mail administrator',
    extended: 'glued',
    doc: 'The answer to a client on too many lists; $LOOKUP_URL is appended.',
  },
  {
    name: 'LOOKUP_URL',
    verdict: false,
    kind: 'text',
    default: 'http://www.robtex.com/rbl/%{client}.html',
    modern: '',
    since: '0.3.0',
    doc: 'Where a client on too many lists can look its address up, which stands for %{client}. Empty: nothing is appended to $MAXDNSBLMSG.',
  },
  {
    name: 'rhsbl_score',
    verdict: true,
    kind: 'lists',
    default: [
      { host: 'dbl.spamhaus.org', filter: answers(1, [2, 99]), hit: 4, miss: 0, label: 'DBL_SPAMHAUS' },
      { host: 'multi.surbl.org', filter: undefined, hit: 4, miss: 0, label: 'SURBL' },
    ],
    modern: [
      { host: 'dbl.spamhaus.org', filter: answers(1, [2, 99]), hit: 10, miss: 0, label: 'DBL_SPAMHAUS' },
      // Phishing, malware, abuse; not sites that were broken into (128), click trackers (32) and disposable addresses (4) alone: others' work.
      {
        host: 'multi.surbl.org',
        filter: answers(0, [8, 31], [40, 127], [136, 159], [168, 255]),
        hit: 8,
        miss: 0,
        label: 'SURBL',
      },
    ],
    doc: "The lists the sender's domain is looked up in, written like @dnsbl_score. The score for a domain that is not listed is not used.",
  },
  {
    name: 'RHSBL_CHECK_HELO',
    verdict: true,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: "1: @rhsbl_score is asked for the organisational domains of the HELO name and of the client's confirmed name as well, once each; not for those of large providers. They are all that a mail without an envelope sender can be known by.",
  },
  {
    name: 'dnswl_score',
    verdict: true,
    kind: 'lists',
    default: [],
    modern: [
      { host: 'list.dnswl.org', filter: trust(3), hit: -4, miss: 0, label: 'DNSWL_HIGH' },
      { host: 'list.dnswl.org', filter: trust(2), hit: -3, miss: 0, label: 'DNSWL_MEDIUM' },
      { host: 'list.dnswl.org', filter: trust(1), hit: -2, miss: 0, label: 'DNSWL_LOW' },
      { host: 'list.dnswl.org', filter: trust(0), hit: -1, miss: 0, label: 'DNSWL_NONE' },
    ],
    since: '0.3.0',
    doc: 'Allow lists of clients, written like @dnsbl_score. A hit is added to the rate and to nothing else: it is no listing, and where a strong list names the client or the sender it does not count. A list without an answer scores nothing.',
  },
  {
    name: 'strong_lists',
    verdict: true,
    kind: 'labels',
    default: [],
    since: '0.3.0',
    doc: "Labels of entries of @dnsbl_score and @rhsbl_score whose listings are about this very client or domain, beside those that are known for it: Spamhaus' SBL, CSS, XBL and DROP, and its DBL. No allow list outweighs such a listing, one witness is enough, and a refusal is remembered for all mail of the client.",
  },
  {
    name: 'COUNT_LISTS_ONCE',
    verdict: true,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '0: rules about names add the sum of listings once more, as with the reference, some of them squared. 1: a listing is worth its score, once.',
  },
  {
    name: 'TWO_WITNESSES',
    verdict: true,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '1: a client that is tied to the sender, by an exchange or address of its domain, by SPF or by its confirmed name, is deferred instead of rejected where the lists of one operator make the difference and none of them is strong.',
  },
  {
    name: 'LOG_BAD_RBL_ONLY',
    verdict: true,
    kind: 'switch',
    default: true,
    doc: '1: a list that does not name the client is mentioned only if that changes the score. 0: it is mentioned always.',
  },
  {
    name: 'dnsbl_checks_only',
    verdict: true,
    kind: 'switch',
    default: false,
    doc: '1: nothing but @dnsbl_score is evaluated, and only $MAXDNSBLHITS and $MAXDNSBLSCORE can reject.',
  },
  {
    name: 'dnsbl_checks_only_regexps',
    verdict: true,
    kind: 'patterns',
    default: [],
    doc: 'Regular expressions; for a client whose name one of them matches, nothing but @dnsbl_score is evaluated. Client names are lower case. One with look-around or back references matches nobody for whose name it takes too long.',
  },
  {
    name: 'BL_ERROR_SKIP',
    verdict: true,
    kind: 'count',
    default: 2,
    unit: 'errors',
    doc: 'A list that gave more errors in a row than this is skipped for a while.',
  },
  {
    name: 'BL_SKIP_RELEASE',
    verdict: true,
    kind: 'count',
    default: 10,
    unit: 'requests',
    doc: 'So many times a list is skipped before it is asked again.',
  },
  {
    name: 'BL_PROBE_INTERVAL',
    verdict: true,
    kind: 'duration',
    default: 0,
    modern: 600,
    since: '0.3.0',
    doc: 'How often each list is asked for what it must not list: a random address of 127/8 or name under .invalid, and one of @never_listed. A list that lists it is left alone until six such probes in a row were clean. Before a mail is refused on the word of a list, the list is probed as well; if it does not answer, the mail is deferred. 0: no list is probed.',
  },
  {
    name: 'never_listed',
    verdict: false,
    kind: 'names',
    default: ['142.250.102.27', '52.101.68.12'],
    since: '0.3.0',
    doc: 'Addresses that no list of clients may list, and domains that no list of domains may; with $BL_PROBE_INTERVAL. By default exchanges of Google and Microsoft; a site may name its own.',
  },
  {
    name: 'zone_codes',
    verdict: true,
    kind: 'zones',
    default: [],
    since: '0.3.0',
    doc: "What is known of lists beyond the built-in table, two values each: a zone, which stands for all names under it as well, and words, separated by blanks. ipv4, ipv6, domain: what it lists; it is not blamed for answers about anything else. refused=127.0.0.1: an answer that means that the list refuses us, in the notation of a filter. misasked=127.0.1.255: an answer that means that it was asked the wrong thing. strong=127.0.0.[2..9]: a listing that is about this very client or domain (@strong_lists). secret: the first label of a name under the zone is a subscriber's key, which is shown nowhere. test=127.0.0.2: it has this entry for tests. untested: it has no entries for doctor to try. A row takes the place of the built-in one. Example: ('bl.example.org', 'ipv4 refused=127.0.0.1 refused=127.0.0.[250..255]').",
  },
] as const satisfies readonly Parameter[]

/** The filter 127.0.[0..255].LEVEL. */
function trust(level: number): AnswerFilter {
  const octets = [
    [127, 127],
    [0, 0],
    [0, 255],
    [level, level],
  ] as const
  return { kind: 'filter', octets: octets.map(([first, last]) => [{ first, last }]) }
}

/** The filter 127.0.THIRD.[FIRST..LAST;…]. */
function answers(third: number, ...last: readonly (readonly [first: number, last: number])[]): AnswerFilter {
  const only = (octet: number): OctetRange[] => [{ first: octet, last: octet }]
  return { kind: 'filter', octets: [only(127), only(0), only(third), last.map(([first, last]) => ({ first, last }))] }
}
