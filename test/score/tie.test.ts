/**
 * Whether DNS ties the client to the sender: asked for where an exception of the sender depends on it, and not otherwise.
 */
import t from 'tap'
import { checkSpf } from '../../src/spf/check-spf.ts'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { type AnswerTable, GOOD_MAIL_ANSWERS, LISTS, requestOf, scoreWith } from '../support/scoring.ts'

const LISTED: AnswerTable = {
  ...GOOD_MAIL_ANSWERS,
  'A 10.2.0.192.one.example': ['127.0.0.2'],
  'A 10.2.0.192.two.example': ['127.0.0.2'],
}
const FOREIGN: AnswerTable = {
  ...LISTED,
  'A mail.example.org': ['203.0.113.1'],
  'A example.org': 'nodata',
  'AAAA example.org': 'nodata',
}
const config: Partial<Config> = { ...LISTS, MAXDNSBLHITS: 1 }

t.test('the lists settle it: what ties them is looked at all the same, and changes nothing else', async t => {
  const request = requestOf()
  const plain = scoreWith(LISTED, request, config)
  const asked = scoreWith(LISTED, request, config, { known: { wantsTie: true } })
  if (plain.kind !== 'verdict' || asked.kind !== 'verdict') throw new Error('more is needed')
  t.equal(plain.judgement.why, 'listings')
  t.equal(plain.judgement.isTied, false)
  t.equal(asked.judgement.isTied, true)
  const { isTied: _tied, ...same } = asked.judgement
  const { isTied: _untied, ...before } = plain.judgement
  t.same(same, before)
})

t.test('a client that nothing ties', async t => {
  const scored = scoreWith(FOREIGN, requestOf({ helo_name: 'x.invalid' }), config, {
    known: { wantsTie: true },
    rest: 'nxdomain',
  })
  t.match(scored, { kind: 'verdict', judgement: { why: 'listings', isTied: false } })
})

t.test('what is not there yet is asked for', async t => {
  const lists: AnswerTable = Object.fromEntries(
    Object.entries(LISTED).filter(([question]) => question.includes('10.2.0.192')),
  )
  t.equal(scoreWith(lists, requestOf(), config).kind, 'verdict')
  t.match(scoreWith(lists, requestOf(), config, { known: { wantsTie: true } }), { kind: 'needs' })
})

t.test('a policy that makes no difference otherwise is waited for', async t => {
  const spf: Partial<Config> = { ...LISTS, MAXDNSBLHITS: 9, MAXDNSBLSCORE: 99, CHECK_SPF: true }
  const request = requestOf({ helo_name: 'x.invalid', client_name: 'unknown' })
  const open: AnswerTable = {
    ...FOREIGN,
    'MX example.org': 'nodata',
    'PTR 10.2.0.192.in-addr.arpa': 'nxdomain',
    'MX x.invalid': 'nxdomain',
    'A x.invalid': 'nxdomain',
    'AAAA x.invalid': 'nxdomain',
    'TXT example.org': ['v=spf1 include:a.example -all'],
  }
  const passes: AnswerTable = { ...open, 'TXT a.example': ['v=spf1 ip4:192.0.2.10 -all'] }
  const fails: AnswerTable = { ...open, 'TXT a.example': ['v=spf1 ip4:192.0.2.11 -all'] }
  const known = (wantsTie?: true) => ({ known: { checkSpf, ...(wantsTie && { wantsTie }) } })
  t.equal(scoreWith(open, request, spf, known()).kind, 'verdict', 'it is refused whatever the policy says')
  t.match(scoreWith(open, request, spf, known(true)), { kind: 'needs', ofSpf: [{ type: 'TXT', name: 'a.example' }] })
  t.match(scoreWith(passes, request, spf, known(true)), { kind: 'verdict', judgement: { isTied: true } })
  t.match(scoreWith(fails, request, spf, known(true)), { kind: 'verdict', judgement: { isTied: false } })
})
