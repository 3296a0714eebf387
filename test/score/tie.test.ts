/**
 * Whether DNS ties the client to the sender: asked for where an exception of the sender depends on it, and not otherwise.
 */
import t from 'tap'
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
