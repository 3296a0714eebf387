/**
 * The rules that are switched on by a parameter, a row each: what a mail has, what the parameter makes of it, and that without
 * it nothing of the kind is applied.
 *
 * The mail is that of requestOf, under the configuration of scoreWith; what the table does not name has no records.
 */
import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import { checkSpf } from '../../src/spf/check-spf.ts'
import { type AnswerTable, LISTS, requestOf, scoreWith } from '../support/scoring.ts'

interface Row {
  readonly title: string
  readonly on: Partial<Config>
  readonly attributes?: Record<string, string>
  readonly answers?: AnswerTable
  readonly config?: Partial<Config>
  /** Words that are there, and words that are not, with the parameter and without. */
  readonly with: readonly string[]
  readonly without: readonly string[]
}

const ONE: AnswerTable = { 'A 10.2.0.192.one.example': ['127.0.0.2'] }
const ELSEWHERE: AnswerTable = { 'MX example.org': ['mx.example.org'], 'A mx.example.org': ['203.0.113.5'] }
const HELO_OK: AnswerTable = { 'A mail.example.org': ['192.0.2.10'] }
const POOL = { client_name: 'mail-7.pool.example.co.uk', helo_name: 'obe-3.out.example.co.uk' }
const PASS: AnswerTable = { 'TXT example.org': ['v=spf1 ip4:192.0.2.0/24 -all'] }
const NOTHING: AnswerTable = Object.fromEntries(
  ['TXT', 'MX', 'A', 'AAAA'].map(type => [`${type} crm.example.org`, 'nodata' as const]),
)
const ALLOWED = { host: 'allow.example', filter: undefined, hit: -2, miss: 0, label: 'ALLOWED' }

const ROWS: readonly Row[] = [
  {
    title: 'COUNT_LISTS_ONCE: the sum of listings is in no other rule',
    on: { COUNT_LISTS_ONCE: true },
    attributes: { client_name: 'x.example.com', helo_name: '192.0.2.10' },
    answers: { ...ELSEWHERE, ...ONE, 'A 192.0.2.10': 'nxdomain' },
    with: ['IN_ONE 3', 'HELO_NUMERIC 2.5', 'CLIENT_NOT_MX/A_FROM_DOMAIN 1.5'],
    without: ['IN_ONE 3', 'HELO_NUMERIC 10', 'CLIENT_NOT_MX/A_FROM_DOMAIN 4.5'],
  },
  {
    title: 'HELO_BY_CLIENT_NAME: names of one organisation',
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: POOL,
    answers: ELSEWHERE,
    with: ['HELO_OF_CLIENT_NAME -1.25', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['CL_IP_NE_HELO 1.5', 'CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    title: 'HELO_BY_CLIENT_NAME: names of one large provider',
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: { client_name: 'pv-snip4.eps.apple.com', helo_name: 'outbound.pv.icloud.com' },
    answers: ELSEWHERE,
    with: ['HELO_OF_CLIENT_NAME -1.25', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: 'HELO_BY_CLIENT_NAME: not of two large providers',
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: { client_name: 'a4.eps.apple.com', helo_name: 'outbound.google.com' },
    answers: ELSEWHERE,
    with: ['CL_IP_NE_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: 'HELO_BY_CLIENT_NAME: not of a name that holds the address',
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: { client_name: 'c000020a.example.net', helo_name: 'pc.example.net' },
    answers: ELSEWHERE,
    with: ['CL_IP_NE_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: 'HELO_BY_CLIENT_NAME: nor of a client without a name',
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: { client_name: 'unknown', helo_name: 'pc.example.net' },
    answers: ELSEWHERE,
    with: ['CL_IP_NE_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: "HELO_BY_CLIENT_NAME: the client's own address in brackets",
    on: { HELO_BY_CLIENT_NAME: true },
    attributes: { client_name: 'kasse.example.net', helo_name: '[192.0.2.10]' },
    answers: ELSEWHERE,
    with: ['FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['HELO_NUMERIC 2.5', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 3.5'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: an ending that many have makes no PTR name one of the HELO',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { client_name: 'unknown', helo_name: 'mail.firm.com.ar' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['srv7.provider.com.br'] },
    with: ['RESOLVED_IP_IS_NOT_HELO 1.5'],
    without: ['REV_IP_EQ_HELO_DOMAIN -1.25'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: what a provider calls a line is no relation of the sender domain',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@business.org', client_name: 'h7.business.isp.example', helo_name: 'x.example.net' },
    answers: { 'MX business.org': ['mx.example.org'], 'A mx.example.org': ['203.0.113.5'] },
    with: ['FROM_NOT_FAILED_HELO(DOMAIN) 3'],
    without: ['CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: who has registered it is',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { client_name: 'h7.out.example.com', helo_name: 'x.example.net' },
    answers: ELSEWHERE,
    with: ['CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
    without: ['CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: a label that somebody has registered does',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { client_name: 'unknown', helo_name: 'srv.firm.local' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['mail.firm.com.br'] },
    with: ['REV_IP_EQ_HELO_DOMAIN -1.25'],
    without: ['REV_IP_EQ_HELO_DOMAIN -1.25'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: a sender domain in UTF-8 is that of its hosts',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@m\xc3\xbcller.test', helo_name: 'mail.xn--mller-kva.test' },
    answers: {
      'MX m\xc3\xbcller.test': ['mx.example.org'],
      'A mx.example.org': ['203.0.113.5'],
      'A mail.xn--mller-kva.test': ['192.0.2.10'],
    },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
  },
  {
    title: 'HELO_HOLDS_ADDRESS: hexadecimal, at the beginning',
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: 'c000020a.pool.example.net' },
    answers: { ...ELSEWHERE, 'A c000020a.pool.example.net': ['192.0.2.10'] },
    with: ['HELO_SEEMS_DIALUP 4.5'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'HELO_HOLDS_ADDRESS: not where it says that it sends mail',
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: 'out-c000020a.example.net' },
    answers: { ...ELSEWHERE, 'A out-c000020a.example.net': ['192.0.2.10'] },
    with: ['CL_IP_EQ_HELO_IP -2'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: "HELO_HOLDS_ADDRESS: a word in an organisational domain is a firm's",
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: 'web3.dynamichosting.co.uk', client_name: 'web3.dynamichosting.co.uk' },
    answers: {
      ...ELSEWHERE,
      'A web3.dynamichosting.co.uk': ['192.0.2.10'],
      'PTR 10.2.0.192.in-addr.arpa': ['web3.dynamichosting.co.uk'],
    },
    with: ['CL_IP_EQ_HELO_IP -2'],
    without: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
  },
  ...['post.dipmat.example.it', 'post.medialab.example.it'].map(name => ({
    title: `HELO_HOLDS_ADDRESS: ${name} is no line`,
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: name, client_name: name },
    answers: { ...ELSEWHERE, [`A ${name}`]: ['192.0.2.10'], 'PTR 10.2.0.192.in-addr.arpa': [name] },
    with: ['CL_IP_EQ_HELO_IP -2'],
    without: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
  })),
  ...['p5.dip0.example.it', 'p5.dip.example.it', 'a7.dialup.example.it'].map(name => ({
    title: `HELO_HOLDS_ADDRESS: ${name} is one`,
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: name, client_name: name },
    answers: { ...ELSEWHERE, [`A ${name}`]: ['192.0.2.10'], 'PTR 10.2.0.192.in-addr.arpa': [name] },
    with: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
    without: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
  })),
  {
    title: 'HELO_HOLDS_ADDRESS: in front of it, it is a line',
    on: { HELO_HOLDS_ADDRESS: true },
    attributes: { helo_name: 'c7.dsl.hosting.co.uk', client_name: 'c7.dsl.hosting.co.uk' },
    answers: {
      ...ELSEWHERE,
      'A c7.dsl.hosting.co.uk': ['192.0.2.10'],
      'PTR 10.2.0.192.in-addr.arpa': ['c7.dsl.hosting.co.uk'],
    },
    with: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
    without: ['CL_SEEMS_DIALUP 3.75', 'HELO_SEEMS_DIALUP 4.5'],
  },
  {
    title: "RELATE_BY_ORGANISATION: the client's address as a sender domain confirms no HELO",
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@192.0.2.10', client_name: 'unknown', helo_name: 'pc.example.net' },
    with: ['CL_IP_NE_HELO 1.5', 'FROM_NOT_FAILED_HELO(DOMAIN) 3'],
    without: ['FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: nor does it speak against one that leads to the client',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@192.0.2.10', helo_name: 'mail.example.org' },
    answers: HELO_OK,
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: what hosts are called makes a HELO no relation of a sender domain',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@mail.com', helo_name: 'mail.example.org' },
    answers: { ...HELO_OK, 'A mail.com': ['203.0.113.5'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: unless it is the domain of the HELO',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@mail.com', helo_name: 'out7.mail.com' },
    answers: { 'A mail.com': ['203.0.113.5'], 'A out7.mail.com': ['192.0.2.10'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: a label that a spammer puts in front of his domain does not',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@bank-x.com', helo_name: 'bank-x.spam.test' },
    answers: { 'A bank-x.com': ['203.0.113.5'], 'A bank-x.spam.test': ['192.0.2.10'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: nor one that is called as the ending of the sender domain',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@firm-x.online', helo_name: 'online.us.test' },
    answers: { 'A firm-x.online': ['203.0.113.5'], 'A online.us.test': ['192.0.2.10'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: nor a word in the name of an exchange',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@firm-x.test', helo_name: 'a.mail.test' },
    answers: {
      'MX firm-x.test': ['mail.firm-y.test'],
      'A mail.firm-y.test': ['203.0.113.5'],
      'A a.mail.test': ['192.0.2.10'],
    },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: the organisation of an exchange does',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@firm-x.test', helo_name: 'out7.firm-y.test' },
    answers: {
      'MX firm-x.test': ['mail.firm-y.test'],
      'A mail.firm-y.test': ['203.0.113.5'],
      'A out7.firm-y.test': ['192.0.2.10'],
    },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: the same name under a long ending is one',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@firm-x.berlin', client_name: 'mail.firm-x.berlin', helo_name: 'srv1.ads.local' },
    answers: { 'A firm-x.berlin': ['203.0.113.5'] },
    with: ['CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
    without: ['FROM_NOT_FAILED_HELO(DOMAIN) 3'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: a public ending of a country is nobody',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { sender: 'a@com.de', client_name: 'h7.isp.com.br', helo_name: 'pc7.local' },
    answers: { 'A com.de': ['203.0.113.5'] },
    with: ['FROM_NOT_FAILED_HELO(DOMAIN) 3'],
    without: ['CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    title: 'RELATE_BY_ORGANISATION: a HELO that is called as the provider confirms no PTR name',
    on: { RELATE_BY_ORGANISATION: true },
    attributes: { client_name: 'unknown', helo_name: 'isp.firm.test' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['h7.pool.isp.test'] },
    with: ['RESOLVED_IP_IS_NOT_HELO 1.5'],
    without: ['REV_IP_EQ_HELO_DOMAIN -1.25'],
  },
  {
    title: 'helo_of_others_score: the HELO is the name of another host',
    on: { helo_of_others_score: { bad: 1.5, good: 0 } },
    attributes: { client_name: 'a.example.com', helo_name: 'www.example.net' },
    answers: { ...ELSEWHERE, 'A www.example.net': ['203.0.113.80'] },
    with: ['CL_IP_NE_HELO 1.5', 'HELO_OF_OTHERS 1.5'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: 'helo_of_others_score: not of one that has no address',
    on: { helo_of_others_score: { bad: 1.5, good: 0 } },
    attributes: { client_name: 'a.example.com', helo_name: 'exch01.example.local' },
    answers: ELSEWHERE,
    with: ['CL_IP_NE_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5'],
  },
  {
    title: 'client_no_name_score: it has no name',
    on: { client_no_name_score: { bad: 1.5, good: 0 } },
    attributes: { client_name: 'unknown' },
    answers: { ...ELSEWHERE, ...HELO_OK },
    with: ['CL_IP_EQ_HELO_IP -2', 'CLIENT_HAS_NO_PTR 1.5'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'client_no_name_score: none that Postfix found to lead back',
    on: { client_no_name_score: { bad: 1.5, good: 0 } },
    attributes: { client_name: 'unknown' },
    answers: { ...ELSEWHERE, ...HELO_OK, 'PTR 10.2.0.192.in-addr.arpa': ['h.example.net'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'CLIENT_HAS_NO_NAME 1.5'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'client_no_name_score: not where the lookup of the name fails',
    on: { client_no_name_score: { bad: 1.5, good: 0 } },
    attributes: { client_name: 'unknown' },
    answers: { ...ELSEWHERE, ...HELO_OK, 'PTR 10.2.0.192.in-addr.arpa': 'servfail' },
    with: ['CL_IP_EQ_HELO_IP -2'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'CHECK_SPF: a pass ties sender and client',
    on: { CHECK_SPF: true },
    attributes: { client_name: 'a.other.test', helo_name: 'exch.internal.local' },
    answers: { ...ELSEWHERE, ...PASS },
    with: ['SPF_PASS 0', 'RESOLVED_IP_IS_NOT_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5', 'FROM_NOT_FAILED_HELO(DOMAIN) 3'],
  },
  {
    title: 'CHECK_SPF: a pass that everybody has does not',
    on: { CHECK_SPF: true },
    attributes: { client_name: 'a.other.test', helo_name: 'exch.internal.local' },
    answers: { ...ELSEWHERE, 'TXT example.org': ['v=spf1 +all'] },
    with: ['CL_IP_NE_HELO 1.5', 'FROM_NOT_FAILED_HELO(DOMAIN) 3'],
    without: ['CL_IP_NE_HELO 1.5', 'FROM_NOT_FAILED_HELO(DOMAIN) 3'],
  },
  {
    title: "CHECK_SPF: what it ties is no dial-up line, whatever the line's name",
    on: { CHECK_SPF: true },
    attributes: { client_name: 'a.other.test', helo_name: 'exch.internal.local' },
    answers: { ...ELSEWHERE, ...PASS, 'PTR 10.2.0.192.in-addr.arpa': ['p1.dip0.example.net'] },
    with: ['SPF_PASS 0', 'RESOLVED_IP_IS_NOT_HELO 1.5'],
    without: ['CL_IP_NE_HELO 1.5', 'CL_SEEMS_DIALUP 3.75'],
  },
  {
    title: "CHECK_SPF: a HELO of the sender's exchange is as good as near",
    on: { CHECK_SPF: true },
    attributes: { client_name: 'a.other.test', helo_name: 'out.pool.net' },
    answers: { ...PASS, 'MX example.org': ['mx.pool.net'], 'A mx.pool.net': ['203.0.113.5'] },
    with: ['SPF_PASS 0', 'FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN) -1.5'],
    without: ['CL_IP_NE_HELO 1.5', 'FROM_NOT_FAILED_HELO(DOMAIN) 3'],
  },
  {
    title: 'CHECK_SPF: nor is a domain bogus that nobody answers at',
    on: { CHECK_SPF: true },
    answers: { ...HELO_OK, ...PASS, 'MX example.org': [''] },
    with: ['SPF_PASS 0', 'CL_IP_EQ_HELO_IP -2'],
    without: ['BOGUS_MX 2.1'],
  },
  {
    title: 'CHECK_SPF: an organisational domain passes for one that does not exist',
    on: { CHECK_SPF: true },
    attributes: { sender: 'a@crm.example.org' },
    answers: { ...HELO_OK, ...PASS, 'TXT crm.example.org': 'nxdomain' },
    with: ['SPF_PASS 0'],
    without: ['BOGUS_MX 2.1'],
  },
  {
    title: 'CHECK_SPF: and for one of which name servers say no more than that it has no records',
    on: { CHECK_SPF: true },
    attributes: { sender: 'a@crm.example.org' },
    answers: { ...HELO_OK, ...PASS, ...NOTHING },
    with: ['SPF_PASS 0'],
    without: ['BOGUS_MX 2.1'],
  },
  {
    title: 'CHECK_SPF: not for one that has an address',
    on: { CHECK_SPF: true },
    attributes: { sender: 'a@crm.example.org' },
    answers: { ...HELO_OK, ...PASS, ...NOTHING, 'AAAA crm.example.org': ['2001:0db8:0000:0000:0000:0000:0000:0001'] },
    with: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
    without: ['CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    title: 'CHECK_SPF: nor for one whose records are not asked for',
    on: { CHECK_SPF: true },
    attributes: { sender: 'a@x[.example.org' },
    answers: { ...HELO_OK, ...PASS, ...ELSEWHERE, 'TXT x[.example.org': 'nodata' },
    with: ['CL_IP_EQ_HELO_IP -2'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'CHECK_SPF: and says nothing else for it',
    on: { CHECK_SPF: true, spf_fail_score: { bad: 3, good: 0 } },
    attributes: { sender: 'a@crm.example.org' },
    answers: { ...HELO_OK, 'TXT example.org': ['v=spf1 -all'], 'TXT crm.example.org': 'nxdomain' },
    with: ['BOGUS_MX 2.1'],
    without: ['BOGUS_MX 2.1'],
  },
  {
    title: 'CHECK_SPF: fail',
    on: { CHECK_SPF: true, spf_fail_score: { bad: 3, good: 0 } },
    answers: { ...ELSEWHERE, ...HELO_OK, 'TXT example.org': ['v=spf1 mx -all'] },
    with: ['SPF_FAIL 3', 'CL_IP_EQ_HELO_IP -2'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'CHECK_SPF: softfail',
    on: { CHECK_SPF: true, spf_softfail_score: { bad: 1, good: 0 } },
    answers: { ...ELSEWHERE, ...HELO_OK, 'TXT example.org': ['v=spf1 mx ~all'] },
    with: ['SPF_SOFTFAIL 1'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'dnswl_score: added to the rate, and no hit',
    on: { dnswl_score: [ALLOWED] },
    answers: { ...ELSEWHERE, ...HELO_OK, 'A 10.2.0.192.allow.example': ['127.0.5.1'] },
    with: ['IN_ALLOWED -2', 'NOT_IN_ONE -1'],
    without: ['NOT_IN_ONE -1'],
  },
  {
    title: 'dnswl_score: not against a strong listing of the client',
    on: { dnswl_score: [ALLOWED] },
    config: { strong_lists: ['ONE'] },
    answers: { ...ELSEWHERE, ...HELO_OK, ...ONE, 'A 10.2.0.192.allow.example': ['127.0.5.1'] },
    with: ['IN_ONE 3', 'CL_IP_EQ_HELO_IP -2'],
    without: ['IN_ONE 3', 'CL_IP_EQ_HELO_IP -2'],
  },
  {
    title: 'dnswl_score: taken back where a strong list names the sender domain',
    on: { dnswl_score: [ALLOWED] },
    config: { strong_lists: ['SENDER'] },
    answers: {
      ...ELSEWHERE,
      ...HELO_OK,
      'A 10.2.0.192.allow.example': ['127.0.5.1'],
      'A example.org.sender.example': ['127.0.1.2'],
    },
    with: ['IN_ALLOWED -2', 'IN_SENDER 4', 'STRONGER_THAN_ALLOW_LISTS 2'],
    without: ['IN_SENDER 4'],
  },
  {
    title: "RHSBL_CHECK_HELO: the domains of HELO and client, once each, and not a large provider's",
    on: { RHSBL_CHECK_HELO: true },
    attributes: { helo_name: 'mx.spam.example', client_name: 'a.b.google.com' },
    answers: {
      ...ELSEWHERE,
      'A mx.spam.example': ['192.0.2.10'],
      'A spam.example.sender.example': ['127.0.1.2'],
      'A google.com.sender.example': ['127.0.1.2'],
    },
    with: ['HELO_IN_SENDER 4'],
    without: ['CL_IP_EQ_HELO_IP -2'],
  },
]

function judge({ attributes, answers = {} }: Row, config: Partial<Config>): Judgement {
  const scored = scoreWith(answers, requestOf(attributes), config, { rest: 'nxdomain', known: { checkSpf } })
  if (scored.kind === 'needs') throw new Error('all is answered')
  return scored.judgement
}

for (const row of ROWS)
  t.test(row.title, t => {
    const words = (config: Partial<Config>): string[] =>
      judge(row, { ...row.config, ...config }).steps.map(({ rule, score }) => `${rule} ${score}`)
    const [on, off] = [words(row.on), words({})]
    for (const word of row.with) t.ok(on.includes(word), `with: ${word}`, { on })
    for (const word of row.without) t.ok(off.includes(word), `without: ${word}`, { off })
    if (row.with.join() !== row.without.join()) t.notSame(on, off)
    else t.same(on, off, 'it makes no difference here')
    t.end()
  })

t.test('TWO_WITNESSES: who is tied to the sender is deferred for one operator, and rejected for two', t => {
  const config = { dnsbl_score: LISTS.dnsbl_score.map(list => ({ ...list, hit: 6 })), REJECTLEVEL: 2 }
  const STRONG_ONE = [{ zone: 'one.example', words: 'ipv4 strong=127.0.0.[2..3]' }]
  const TWO: AnswerTable = { 'A 10.2.0.192.two.example': ['127.0.0.2'] }
  const tied: AnswerTable = { 'MX example.org': ['mx.example.org'], 'A mx.example.org': ['192.0.2.10'] }
  const cases: [string, AnswerTable, Partial<Config>, RegExp, boolean][] = [
    ['one', { ...tied, ...ONE }, { TWO_WITNESSES: true }, /^450 /, true],
    ['one, as with the reference', { ...tied, ...ONE }, {}, /^550 /, false],
    ['one, and strong', { ...tied, ...ONE }, { TWO_WITNESSES: true, strong_lists: ['ONE'] }, /^550 /, false],
    [
      'one, and strong by its zone',
      { ...tied, ...ONE },
      { TWO_WITNESSES: true, zone_codes: STRONG_ONE },
      /^550 /,
      false,
    ],
    ['two operators', { ...tied, ...ONE, ...TWO }, { TWO_WITNESSES: true }, /^550 /, false],
    ['not tied', { ...ELSEWHERE, ...ONE }, { TWO_WITNESSES: true }, /^550 /, false],
  ]
  for (const [title, answers, on, wantAction, wantWord] of cases) {
    const attributes = { client_name: 'a.example.com', helo_name: 'b.example.com' }
    const { action, weighted, remember } = judge(
      { title, on, answers, attributes, with: [], without: [] },
      { ...config, ...on },
    )
    t.match(action, wantAction, title)
    t.equal(/ ONE_WITNESS$/.test(weighted?.reasons ?? ''), wantWord, `${title}: the reasons say so, or not`)
    t.equal(remember.spam === undefined, wantWord, `${title}: of a deferral nothing is remembered`)
  }
  t.end()
})

t.test('CACHE_PER_DOMAIN: a rejection is for the domain, unless a strong list names the client', t => {
  const rejected = { ...ELSEWHERE, ...ONE }
  const key = (config: Partial<Config>, answers: AnswerTable = rejected): string | undefined =>
    judge({ title: '', on: {}, answers, attributes: { client_name: 'x' }, with: [], without: [] }, config).remember.spam
      ?.key
  t.equal(key({}), 'client')
  t.equal(key({ CACHE_PER_DOMAIN: true }), 'client-domain')
  t.equal(key({ CACHE_PER_DOMAIN: true, strong_lists: ['ONE'] }), 'client')
  const listedDomain: AnswerTable = { ...rejected, 'A example.org.sender.example': ['127.0.1.2'] }
  t.equal(key({ CACHE_PER_DOMAIN: true, strong_lists: ['SENDER'], REJECTLEVEL: 8 }, listedDomain), 'client-domain')
  t.end()
})

t.test('SPF: a verdict waits for what a record includes only if that can change it', t => {
  const table: AnswerTable = {
    ...ELSEWHERE,
    ...HELO_OK,
    'TXT example.org': ['v=spf1 include:spf.example.net -all'],
  }
  const rest = [
    'A 10.2.0.192.one.example',
    'A 10.2.0.192.two.example',
    'A example.org.sender.example',
    'PTR 10.2.0.192.in-addr.arpa',
    'MX mail.example.org',
    'AAAA mail.example.org',
    'AAAA mx.example.org',
    'A example.org',
    'AAAA example.org',
  ]
  const answers = { ...table, ...Object.fromEntries(rest.map(name => [name, 'nxdomain' as const])) }
  const score = (config: Partial<Config>) =>
    scoreWith(answers, requestOf(), { CHECK_SPF: true, ...config }, { known: { checkSpf } })
  const cheap = score({ spf_fail_score: { bad: 1, good: 0 } })
  t.equal(cheap.kind, 'verdict', 'accepted, whatever it is')
  const dear = score({ spf_fail_score: { bad: 9, good: 0 } })
  t.match(dear, { kind: 'needs', questions: [], ofSpf: [{ type: 'TXT', name: 'spf.example.net' }] })
  t.throws(() => scoreWith(answers, requestOf(), { CHECK_SPF: true }), /nothing is there that checks/)
  t.ok(builtinConfig().CHECK_SPF === false)
  t.end()
})
