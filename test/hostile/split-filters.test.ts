import t from 'tap'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { type Parameters, requestBytes } from '../../testkit/policy-process.ts'

const CLIENT = '198.51.100.66'
const REVERSED = '66.100.51.198'
const MAIL = attributesOf({
  client_address: CLIENT,
  client_name: 'unknown',
  helo_name: 'forged.example',
  sender: 'x@forged.example',
})
const SILENT = { drop: true }
const QUICK: Parameters = { CACHESIZE: 0, POSCACHESIZE: 0, DNS_RETRIES: 0, DNS_RETRY_IVAL: 0.5 }

interface Case {
  readonly label: string
  readonly zone: DnsZone
  readonly parameters?: Parameters
  readonly attributes?: Record<string, string>
  readonly want: RegExp
}

const UNSCORED = /^action=PREPEND X-policyd-weight: passed - too many local DNS-errors in /

/** $MAXDNSERR is 3. */
const CASES: Case[] = [
  {
    label: 'the built-in lists: two of three are silent, and one of them is asked for two filters',
    zone: {
      [`${REVERSED}.zen.spamhaus.org`]: SILENT,
      [`${REVERSED}.bl.spamcop.net`]: SILENT,
      [`${REVERSED}.bl.mailspike.net`]: { A: ['127.0.0.10'] },
    },
    want: /^action=550 Mail appeared to be SPAM or forged/,
  },
  {
    label: 'a silent list with three filters is one question',
    zone: { [`${REVERSED}.one.test`]: SILENT, [`${REVERSED}.two.test`]: { A: ['127.0.0.2'] } },
    parameters: {
      dnsbl_score: [
        ...['one.test=127.0.0.2', 1, 0, 'A', 'one.test=127.0.0.3', 1, 0, 'B', 'one.test=127.0.0.4', 1, 0, 'C'],
        ...['two.test', 4, 0, 'TWO'],
      ],
      rhsbl_score: [],
    },
    want: /^action=550 Mail appeared to be SPAM or forged/,
  },
  {
    label: 'three silent lists, and everything else answers: too many local errors, as ever',
    zone: {
      [`${REVERSED}.zen.spamhaus.org`]: SILENT,
      [`${REVERSED}.bl.spamcop.net`]: SILENT,
      [`${REVERSED}.bl.mailspike.net`]: SILENT,
    },
    want: UNSCORED,
  },
  {
    label: 'a silent list of domains is one question, of however many domains it is asked',
    zone: {
      'forged.example.dbl.spamhaus.org': SILENT,
      'helo.example.dbl.spamhaus.org': SILENT,
      'name.example.dbl.spamhaus.org': SILENT,
      'forged.example.multi.surbl.org': { A: ['127.0.0.8'] },
    },
    parameters: {
      RHSBL_CHECK_HELO: 1,
      rhsbl_score: ['dbl.spamhaus.org', 4, 0, 'DBL', 'multi.surbl.org', 50, 0, 'SURBL'],
      REJECTLEVEL: 20,
    },
    attributes: { client_name: 'a.name.example', helo_name: 'mail.helo.example' },
    want: /^action=550 Mail appeared to be SPAM or forged.*; in multi\.surbl\.org/,
  },
]

t.test('silent lists with split filters do not buy the pass', async t => {
  for (const { label, zone, parameters = {}, attributes = {}, want } of CASES) {
    const dns = await startDnsServer(zone)
    const tried = await tryExecutable(t.testdir(), {
      parameters: { ...QUICK, ...parameters, NS: `127.0.0.1:${dns.port}` },
      input: requestBytes({ ...MAIL, ...attributes }),
    })
    await dns.close()
    t.match(tried.stdout, want, label)
  }
})
