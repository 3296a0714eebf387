/**
 * Parameters: how the DNS is asked.
 *
 * Part of the table in parameters.ts. Source: docs/behaviour/dns-and-lists.md#how-name-servers-are-asked.
 */
import type { Parameter } from './parameter.ts'

export const LOOKUP_PARAMETERS = [
  {
    name: 'NS',
    verdict: false,
    kind: 'words',
    default: [],
    servers: true,
    doc: 'Name servers to ask instead of those of /etc/resolv.conf, separated by blanks: IP, IP:PORT or [IPv6]:PORT.',
  },
  {
    name: 'DNS_RETRIES',
    verdict: false,
    kind: 'count',
    default: 2,
    unit: 'tries',
    range: [0, 100],
    doc: 'A lookup without an answer is tried so many times again.',
  },
  {
    name: 'DNS_RETRY_IVAL',
    verdict: false,
    kind: 'seconds',
    default: 2,
    range: [0.01, 300],
    doc: 'How long each try waits for its answer.',
  },
  {
    name: 'MAXDNSERR',
    verdict: true,
    kind: 'count',
    default: 3,
    unit: 'lookups',
    doc: 'So many questions to lists without any reply, and the mail is accepted with $MAXDNSERRMSG, unless names that clients chose may be the reason for the silence. So many failed lookups of names the client chose, and a rejection becomes $CLIENTDNSERRMSG; an AAAA that fails where the A is answered is no failure.',
  },
  {
    name: 'DNS_OUTAGE',
    verdict: false,
    kind: 'text',
    default: 'accept',
    oneOf: ['accept', 'defer'],
    since: '0.3.0',
    doc: 'What becomes of mail while no name server answers anything: accept, with $MAXDNSERRMSG, or defer, with a 450 that is not remembered.',
  },
  {
    name: 'EARLY_VERDICT',
    verdict: false,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '0: a verdict waits for each lookup that can change the words of its answer or its log line. 1: only for those that can change whether the mail is accepted, deferred or refused; reasons then end in ..., and nothing is remembered of the client.',
  },
  {
    name: 'SPF_BUDGET',
    verdict: true,
    kind: 'seconds',
    default: 2,
    range: [0.01, 300],
    since: '0.3.0',
    doc: 'For so long a verdict waits for the records that an SPF record includes; what has not come by then counts as a failed lookup, and the record as none.',
  },
  {
    name: 'NAT64',
    verdict: true,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '1: a client in 64:ff9b::/96 is the IPv4 address that the last 32 bits are (RFC 6052).',
  },
  {
    name: 'LEDGER',
    verdict: false,
    kind: 'text',
    default: '/var/lib/policyd-weight/ledger',
    since: '0.3.0',
    doc: 'A file in which all processes together count how often each list is asked a day, and what it answers. Where its directory is missing, or does not belong to $USER, nothing is counted, and no mail says so. Empty: no count.',
  },
  { name: 'PUDP', verdict: false, kind: 'switch', default: false, doc: 'Accepted and not used.' },
  { name: 'USE_NET_DNS', verdict: false, kind: 'switch', default: false, doc: 'Accepted and not used.' },
  { name: 'IPC_TIMEOUT', verdict: false, kind: 'seconds', default: 2, doc: 'Accepted and not used.' },
] as const satisfies readonly Parameter[]
