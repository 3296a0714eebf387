/**
 * The rules, a row each: what a mail has, and the rules that are applied to it, with their scores.
 *
 * A new rule is a new row. The mail is that of requestOf; lists that the table does not name do not list, names have no
 * records.
 */
import t from 'tap'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type AnswerTable, requestOf, scoreWith } from '../support/scoring.ts'

interface Row {
  readonly rule: string
  readonly attributes?: Record<string, string>
  readonly answers?: AnswerTable
  readonly config?: Partial<Config>
  /** All rules that are applied, in their order: `NOT_IN_ONE -1`. */
  readonly want: readonly string[]
}

const ONE: AnswerTable = { 'A 10.2.0.192.one.example': ['127.0.0.2'] }
/** The HELO name leads to the client, the sender domain elsewhere. */
const HELO_OK: AnswerTable = { 'MX mail.example.org': 'nodata', 'A mail.example.org': ['192.0.2.10'] }
const MX_OK: AnswerTable = { 'MX example.org': ['mx.example.org'], 'A mx.example.org': ['192.0.2.10'] }
const ELSEWHERE: AnswerTable = { 'MX example.org': ['mx.example.org'], 'A mx.example.org': ['203.0.113.5'] }

const ROWS: readonly Row[] = [
  { rule: 'IN_LABEL', answers: { ...MX_OK, ...ONE }, want: ['IN_ONE 3', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1'] },
  {
    rule: 'ONE=ERR',
    answers: { ...MX_OK, 'A 10.2.0.192.one.example': 'servfail' },
    want: ['ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1'],
  },
  { rule: 'CL_IP_EQ_FROM_MX', answers: MX_OK, want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1'] },
  {
    rule: 'CL_IP_EQ_FROM_IP',
    answers: { 'A example.org': ['192.0.2.10'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'CL_IP_EQ_HELO_MX',
    attributes: { helo_name: 'mail.example.net' },
    answers: { ...ELSEWHERE, 'MX mail.example.net': ['mx.example.net'], 'A mx.example.net': ['192.0.2.10'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_HELO_MX -3.1', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'CL_IP_EQ_HELO_IP',
    answers: { ...ELSEWHERE, ...HELO_OK },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'BAD_MX, of a client that is listed',
    answers: { ...HELO_OK, ...ONE },
    want: [
      'IN_ONE 3',
      'NOT_IN_TWO 0',
      'BAD_MX 6.300000000000001',
      'BOGUS_MX 5.1',
      'CL_IP_EQ_HELO_IP -2',
      'FROM/MX_MATCHES_HELO(DOMAIN) -2',
    ],
  },
  {
    rule: 'BOGUS_MX',
    answers: HELO_OK,
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'BOGUS_MX 2.1', 'CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'BOGUS_MX, for a private address',
    answers: { ...HELO_OK, 'MX example.org': ['mx.example.org'], 'A mx.example.org': ['10.1.2.3'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'BOGUS_MX 2.1', 'CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'HELO_IP_IN_CL_SUBNET',
    answers: { ...ELSEWHERE, 'A mail.example.org': ['192.0.2.99'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'HELO_IP_IN_CL_SUBNET -1.2', 'FROM/MX_MATCHES_HELO(DOMAIN) -2'],
  },
  {
    rule: 'HELO_IP_IN_CL16_SUBNET',
    attributes: { client_name: 'unknown' },
    answers: { ...ELSEWHERE, 'A mail.example.org': ['192.0.99.1'] },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'HELO_IP_IN_CL16_SUBNET -0.41',
      'FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN) -1.5',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
    ],
  },
  {
    rule: 'CL_IP_NE_HELO',
    attributes: { client_name: 'a.example.net' },
    answers: ELSEWHERE,
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_NE_HELO 1.5', 'CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    rule: 'NO_MX_A_RECS_FOUND',
    attributes: { client_name: 'unknown' },
    answers: { 'MX example.org': 'servfail', 'MX mail.example.org': 'servfail' },
    config: { MAXDNSERR: 9 },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'NO_MX_A_RECS_FOUND 1.4',
      'MAIL_SEEMS_FORGED 2.5',
      'NO_DNS_RECORDS 0.5',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
    ],
  },
  {
    rule: 'HELO_NUMERIC',
    attributes: { helo_name: '192.0.2.10' },
    answers: { ...ELSEWHERE, 'A 192.0.2.10': 'nxdomain' },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'HELO_IP_IN_CL_SUBNET -1.2',
      'HELO_NUMERIC 2.5',
      'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 3.5',
    ],
  },
  {
    rule: 'HELO_NUMERIC, of a client that is listed',
    attributes: { helo_name: '192.0.2.10' },
    answers: { ...ELSEWHERE, ...ONE },
    want: [
      'IN_ONE 3',
      'NOT_IN_TWO 0',
      'HELO_IP_IN_CL_SUBNET -1.2',
      'HELO_NUMERIC 10',
      'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 11.75',
      'CLIENT_NOT_MX/A_FROM_DOMAIN 4.5',
      'CLIENT/24_NOT_MX/A_FROM_DOMAIN 4.5',
    ],
  },
  {
    rule: 'FROM/MX_MATCHES_NOT_HELO(DOMAIN)',
    attributes: { helo_name: 'mail.other.net' },
    answers: { ...ELSEWHERE, 'A mail.other.net': ['192.0.2.10'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_HELO_IP -2', 'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1'],
  },
  {
    rule: 'CL_HOSTNAME_MATCHES_FROM(DOMAIN)',
    attributes: { helo_name: 'x.other.net', client_name: 'smtp.example.org' },
    answers: ELSEWHERE,
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_NE_HELO 1.5', 'CL_HOSTNAME_MATCHES_FROM(DOMAIN) -1.2'],
  },
  {
    rule: 'FROM/MX_MATCHES_NOT_UNVR_HELO(DOMAIN)_NOR_CL_NAME(DOMAIN)',
    attributes: { helo_name: 'mail.other.net', client_name: 'a.third.net' },
    answers: { ...ELSEWHERE, 'A mail.other.net': ['192.0.99.1'] },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'HELO_IP_IN_CL16_SUBNET -0.41',
      'FROM/MX_MATCHES_NOT_UNVR_HELO(DOMAIN)_NOR_CL_NAME(DOMAIN) 1.6',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
    ],
  },
  {
    rule: 'FROM_NOT_FAILED_HELO(DOMAIN)',
    attributes: { helo_name: 'mail.other.net', client_name: 'a.third.net' },
    answers: ELSEWHERE,
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'CL_IP_NE_HELO 1.5',
      'FROM_NOT_FAILED_HELO(DOMAIN) 3',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
    ],
  },
  {
    rule: 'CL_SEEMS_DIALUP',
    attributes: { client_name: 'dsl-7.third.net' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['dsl-7.third.net'] },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'CL_IP_NE_HELO 1.5',
      'MAIL_SEEMS_FORGED 2.5',
      'CL_SEEMS_DIALUP 3.75',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
    ],
  },
  {
    rule: 'REV_IP_EQ_HELO',
    attributes: { client_name: 'a.third.net' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['mail.example.org'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_NE_HELO 1.5', 'MAIL_SEEMS_FORGED 2.5', 'REV_IP_EQ_HELO -1.25'],
  },
  {
    rule: 'REV_IP_EQ_HELO_DOMAIN',
    attributes: { client_name: 'a.third.net' },
    answers: { ...ELSEWHERE, 'PTR 10.2.0.192.in-addr.arpa': ['smtp.example.org'] },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'CL_IP_NE_HELO 1.5',
      'MAIL_SEEMS_FORGED 2.5',
      'REV_IP_EQ_HELO_DOMAIN -1.25',
    ],
  },
  {
    rule: 'HELO_SEEMS_DIALUP',
    attributes: { helo_name: 'dsl-7.example.org' },
    answers: { ...ELSEWHERE, 'A dsl-7.example.org': ['192.0.2.10'] },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'CL_IP_EQ_HELO_IP -2',
      'FROM/MX_MATCHES_HELO(DOMAIN) -2',
      'HELO_SEEMS_DIALUP 4.5',
    ],
  },
  {
    rule: 'NOK_HELO_SEEMS_DIALUP',
    attributes: { helo_name: 'dsl-7.other.net', client_name: 'a.third.net' },
    answers: ELSEWHERE,
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'CL_IP_NE_HELO 1.5',
      'FROM_NOT_FAILED_HELO(DOMAIN) 3',
      'RESOLVED_IP_IS_NOT_HELO 1.5',
      'NOK_HELO_SEEMS_DIALUP 5',
    ],
  },
  {
    rule: 'FROM_NBDY_ANON',
    attributes: { sender: 'nobody@example.org' },
    answers: MX_OK,
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1', 'FROM_NBDY_ANON 1.17'],
  },
  {
    rule: 'CLIENT_NOT_MX/A_FROM_DOMAIN, and CLIENT/24',
    attributes: { helo_name: 'mail.other.net' },
    answers: { ...ELSEWHERE, ...ONE, 'A mail.other.net': ['192.0.2.10'] },
    want: [
      'IN_ONE 3',
      'NOT_IN_TWO 0',
      'CL_IP_EQ_HELO_IP -2',
      'FROM/MX_MATCHES_NOT_HELO(DOMAIN) 1.75',
      'CLIENT_NOT_MX/A_FROM_DOMAIN 4.5',
      'CLIENT/24_NOT_MX/A_FROM_DOMAIN 4.5',
    ],
  },
  {
    rule: 'FROM_MULTIPARTED',
    attributes: { sender: 'a@b.example.org', client_name: 'a.third.net' },
    answers: {
      ...ELSEWHERE,
      'A mail.example.org': ['192.0.99.1'],
      'PTR 10.2.0.192.in-addr.arpa': ['mail.example.org'],
    },
    config: { REJECTLEVEL: 9 },
    want: [
      'NOT_IN_ONE -1',
      'NOT_IN_TWO 0',
      'BOGUS_MX 2.1',
      'HELO_IP_IN_CL16_SUBNET -0.41',
      'FROM/MX_MATCHES_UNVR_HELO(DOMAIN)_OR_CL_NAME(DOMAIN) -1.5',
      'REV_IP_EQ_HELO -1.25',
      'FROM_MULTIPARTED 1.09',
    ],
  },
  {
    rule: 'RANDOM_SENDER',
    attributes: { sender: 'xvkrtz@example.org' },
    answers: MX_OK,
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1', 'RANDOM_SENDER 0.25'],
  },
  {
    rule: 'IN_LABEL, of a sender domain',
    answers: { ...MX_OK, 'A example.org.sender.example': ['127.0.1.2'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1', 'IN_SENDER 4'],
  },
  {
    rule: 'IN_LABEL, of a sender domain that looks random',
    attributes: { sender: 'xvkrtz@example.org' },
    answers: { ...MX_OK, 'A example.org.sender.example': ['127.0.1.2'] },
    want: ['NOT_IN_ONE -1', 'NOT_IN_TWO 0', 'CL_IP_EQ_FROM_MX -3.1', 'RANDOM_SENDER 0.25', 'IN_SENDER 4.775'],
  },
]

for (const { rule, attributes, answers, config, want } of ROWS)
  t.test(rule, t => {
    const scored = scoreWith(answers ?? {}, requestOf(attributes), config, { rest: 'nxdomain' })
    if (scored.kind === 'needs') throw new Error('all is answered')
    t.ok(
      want.some(each => each.includes(rule.split(/[,=]/)[0]?.replace('LABEL', '') ?? rule)),
      'the rule is among them',
    )
    t.strictSame(
      scored.judgement.steps.map(({ rule, score }) => `${rule} ${score}`),
      want,
    )
    t.end()
  })
