import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { nameToAsk } from '../../src/dns/names.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'
import { score } from '../../src/score/score.ts'
import { LISTS, requestOf } from '../support/scoring.ts'

/**
 * A domain that two lists have, written so that its name cannot be asked for, or only in part. Each was accepted once:
 * no list was asked.
 */
const HOSTS = ['sender.example', 'dbl.spamhaus.org']
const CONFIG = builtinConfig({
  ...LISTS,
  // Of a mail that is rejected already no list is asked.
  REJECTLEVEL: 100,
  rhsbl_score: HOSTS.map(host => ({ host, filter: undefined, hit: 4, miss: 0, label: host })),
})

/** Lists that have the domain and all names under it, as real ones do, and nothing else in the DNS. */
function answer({ name }: Question): Outcome {
  const isListed = HOSTS.some(host => `.${name}`.endsWith(`.listed.example.${host}`)) && nameToAsk(name) === name
  return isListed ? { kind: 'found', values: ['127.0.1.2'] } : { kind: 'nxdomain' }
}

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const label = (length: number): string => 'w'.repeat(length)

t.test('a listed sender domain is found on its lists, however it is written', t => {
  const cases: [label: string, domain: string][] = [
    ['as it is', 'listed.example'],
    ['a trailing dot', 'listed.example.'],
    ['238 characters', `${[label(60), label(60), label(60), label(36)].join('.')}.listed.example`],
    ['253 characters', `${[label(60), label(60), label(60), label(55)].join('.')}.listed.example`],
    ['254 characters', `${[label(60), label(60), label(60), label(56)].join('.')}.listed.example`],
    ['8,000 characters', `${'a.'.repeat(4000)}listed.example`],
    ['a label of 64 characters', `${label(64)}.listed.example`],
    ['an empty label', 'a..listed.example'],
    ['a leading dot', '.listed.example'],
    ['U+3002 for its dot', bytes('listed。example')],
    ['U+FF0E for its dot', bytes('listed．example')],
    ['U+FF61 for its dot', bytes('listed｡example')],
    ['U+3002 in front of it', bytes('b。c.listed.example')],
    ['U+3002 behind it', bytes('listed.example。')],
    ['bytes that are no UTF-8', '\xff\xfe.listed.example'],
    ['half a character in front of its dot', '\xe3\x80.listed.example'],
    ['a zero width joiner', bytes('a\u200d.listed.example')],
    ['wide letters', bytes('ｌｉｓｔｅｄ.example')],
    ['an internationalized label that is too long', `${bytes('é'.repeat(80))}.listed.example`],
    ['a control character', 'a\x01.listed.example'],
  ]
  for (const [label, domain] of cases) {
    const scored = score(requestOf({ sender: `x@${domain}` }), { get: answer }, CONFIG)
    if (scored.kind !== 'verdict') throw new Error('no verdict')
    const reasons = scored.judgement.weighted?.reasons ?? ''
    t.ok(
      HOSTS.every(host => reasons.includes(` IN_${host}=`)),
      label,
      { reasons },
    )
  }
  t.end()
})
