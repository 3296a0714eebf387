import t from 'tap'
import { withoutTrailingDots } from '../../src/dns/names.ts'
import { namesToWalk } from '../../src/score/name-walk.ts'
import { subnetPrefixes } from '../../src/score/networks.ts'
import { type AnswerTable, requestOf, scoreWith } from '../support/scoring.ts'

t.test('names from the full one up to two labels', t => {
  const cases: { name: string; want: string[] }[] = [
    { name: 'a.b.example.org', want: ['a.b.example.org', 'b.example.org', 'example.org'] },
    { name: 'example.org', want: ['example.org'] },
    { name: 'mail.example.org.', want: ['mail.example.org.', 'example.org.'] },
    { name: 'single', want: [] },
    { name: 'single.', want: [] },
    { name: '', want: [] },
    { name: '.', want: [] },
    { name: '[192.0.2.1]', want: [] },
    { name: 'a\xe3\x80\x82b.example', want: ['a.b.example', 'b.example'] },
    { name: 'listed\xef\xbc\x8eexample\xef\xbd\xa1', want: ['listed.example.'] },
    { name: '192.0.2.1', want: ['192.0.2.1', '0.2.1', '2.1'] },
  ]
  for (const { name, want } of cases) t.strictSame(namesToWalk(name), want, JSON.stringify(name))
  t.end()
})

t.test('of a name with very many labels: itself and the fifteen nearest the root', t => {
  const name = `${'a.'.repeat(100)}example.org`
  const names = namesToWalk(name)
  t.equal(names.length, 16)
  t.equal(names[0], name)
  t.equal(names[1], `${'a.'.repeat(14)}example.org`)
  t.equal(names[15], 'example.org')
  t.end()
})

t.test('names of dots take no time', t => {
  t.strictSame(namesToWalk('.'.repeat(8000)), [])
  t.equal(namesToWalk(`${'.'.repeat(8000)}a`).length, 16)
  t.equal(withoutTrailingDots('a..'), 'a')
  t.equal(withoutTrailingDots('...'), '')
  t.end()
})

t.test('networks of a client as text', t => {
  t.strictSame(subnetPrefixes('192.0.2.10'), { subnet: '192.0.2.', widerSubnet: '192.0.' })
  t.strictSame(subnetPrefixes('2001:0db8:0000:0001:0000:0000:0000:0025'), {
    subnet: '2001:0db8:0000:0001:',
    widerSubnet: '2001:0db8:0000:',
  })
  t.end()
})

t.test('sixteen exchanges of an answer are followed, and the cut is noted', t => {
  const exchanges = Array.from({ length: 40 }, (_, i) => `mx${i}.example.org`)
  const table: AnswerTable = { 'MX example.org': exchanges }
  const scored = scoreWith(table, requestOf())
  if (scored.kind !== 'needs') throw new Error('a verdict without answers')
  const asked = scored.questions.filter(question => question.name.startsWith('mx'))
  t.equal(asked.length, 32)
  const done = scoreWith(table, requestOf(), {}, { rest: 'nxdomain' })
  t.match(done, { judgement: { notes: ['followed 16 of the 40 exchanges of example.org'] } })
  t.end()
})
