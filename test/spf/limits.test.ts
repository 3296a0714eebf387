/**
 * Records that are made to be expensive, and what is still possible while answers are missing.
 */
import t from 'tap'
import { questionKey } from '../../src/dns/outcome.ts'
import { randomFrom } from '../support/random.ts'
import { checkAgainst, type SpfZone } from './zone-answers.ts'

const TERMS = [
  'a:a.x.example',
  'mx:m.x.example',
  'ptr',
  'exists:%{i}.x.example',
  'include:i1.x.example',
  '-include:i2.x.example',
  '?include:i3.x.example',
  '?a:b.x.example',
  'ip4:192.0.2.1',
  'exists:%{p}.x.example',
  '-mx:n.x.example',
  '~all',
  'redirect=i4.x.example',
]

function randomZone(random: (below: number) => number): SpfZone {
  const record = () => [`v=spf1 ${Array.from({ length: random(12) }, () => TERMS[random(TERMS.length)]).join(' ')}`]
  const address = () => (random(3) ? ['192.0.2.9'] : ['192.0.2.1'])
  const hosts = (count: number, letter: string): string[] =>
    Array.from({ length: count }, (_, at) => `${letter}${at}.x.example`)
  const names = ['d.example', 'i1.x.example', 'i2.x.example', 'i3.x.example', 'i4.x.example']
  return {
    ...Object.fromEntries(
      [...hosts(12, 'h'), ...hosts(12, 'g'), 'a.x.example', 'b.x.example', '192.0.2.1.x.example'].map(name => [
        name,
        random(4) ? { A: address() } : { drop: random(2) === 0 },
      ]),
    ),
    ...Object.fromEntries(names.map(name => [name, { TXT: [record()] }])),
    'm.x.example': { MX: hosts(random(12), 'h').map(host => [0, host] as const) },
    'n.x.example': { MX: hosts(random(11), 'g').map(host => [0, host] as const) },
    '1.2.0.192.in-addr.arpa': { PTR: hosts(random(11), 'h') },
  }
}

t.test('however answers come: the same result, among the possible ones, within 30 queries', t => {
  const random = randomFrom(7208)
  const results = new Map<string, number>()
  let most = 0
  for (let turn = 0; turn < 1500; turn++) {
    const zone = randomZone(random)
    const request = { client: '192.0.2.1', sender: 'a@d.example', helo: 'h0.x.example' }
    const want = checkAgainst(zone, request).finding.decided
    const possible: (readonly string[])[] = []
    const { finding, waves } = checkAgainst(
      zone,
      request,
      questions => [questions[random(questions.length)] ?? questions[0]].flatMap(q => q ?? []),
      found => {
        if (found.kind === 'needs') possible.push(found.possible)
      },
    )
    const asked = new Set(waves.flat().map(questionKey)).size
    most = Math.max(most, asked)
    results.set(want.result, (results.get(want.result) ?? 0) + 1)
    if (finding.decided.result !== want.result)
      t.fail(`${finding.decided.result}, not ${want.result}: ${JSON.stringify(zone)}`)
    if (asked > 30) t.fail(`${asked} queries: ${JSON.stringify(zone)}`)
    if (!possible.every(each => each.includes(want.result)))
      t.fail(`${want.result} was not possible: ${JSON.stringify(zone)}`)
  }
  t.ok(most > 22, `${most} queries at most`)
  t.ok(results.size >= 6, JSON.stringify([...results]))
  t.end()
})

t.test('a record that needs more than it may is none', t => {
  const hosts = (letter: string) => Array.from({ length: 10 }, (_, at) => `${letter}${at}.example`)
  const mx = (letter: string) => ({ MX: hosts(letter).map(host => [0, host] as const) })
  const zone: SpfZone = {
    'd.example': { TXT: [['v=spf1 mx:a.example mx:b.example mx:c.example -all']] },
    'a.example': mx('a'),
    'b.example': mx('b'),
    'c.example': mx('c'),
    ...Object.fromEntries(['a', 'b', 'c'].flatMap(hosts).map(host => [host, { A: ['192.0.2.9'] }])),
  }
  const { finding, waves } = checkAgainst(zone, { client: '192.0.2.1', sender: 'a@d.example', helo: 'h.example' })
  t.match(finding.decided, { result: 'none', term: 'too many queries' })
  t.ok(new Set(waves.flat().map(questionKey)).size <= 30)
  t.end()
})

t.test('each %{p} counts as a term, and the eleventh ends the check', t => {
  const cases: [what: string, terms: string, want: string][] = [
    ['ten', `${'?a '.repeat(8)}exists:%{p}.x.example -all`, 'fail'],
    ['eleven', `${'?a '.repeat(9)}exists:%{p}.x.example -all`, 'permerror'],
    ['eleven, two in a name', `${'?a '.repeat(8)}exists:%{p}.%{p}.example -all`, 'permerror'],
    ['eleven, in a redirection', `${'?a '.repeat(9)}redirect=%{p}.x.example`, 'permerror'],
    ['eleven, in an inclusion', `${'?a '.repeat(9)}include:%{p}.x.example -all`, 'permerror'],
  ]
  for (const [what, terms, want] of cases) {
    const zone: SpfZone = { 'd.example': { TXT: [[`v=spf1 ${terms}`]], A: ['192.0.2.9'] } }
    const { finding } = checkAgainst(zone, { client: '192.0.2.1', sender: 'a@d.example', helo: 'h.example' })
    t.equal(finding.decided.result, want, what)
  }
  t.end()
})

t.test('of a long term no more than its beginning is kept', t => {
  const long = `x.example/${'\x1b'.repeat(8000)}`
  const cases: [what: string, term: string, want: string][] = [
    ['a term that is wrong', `a:${long}`, 'permerror'],
    ['a term that matches', `-a:${'%{d2}.'.repeat(2000)}d.example`, 'fail'],
  ]
  for (const [what, term, want] of cases) {
    const name = Array.from({ length: 25 }, () => 'd.example').join('.')
    const zone: SpfZone = { 'd.example': { TXT: [[`v=spf1 ${term} ?all`]] }, [name]: { A: ['192.0.2.1'] } }
    const { finding } = checkAgainst(zone, { client: '192.0.2.1', sender: 'a@d.example', helo: 'h.example' })
    t.same(finding.decided, { result: want, domain: 'd.example', term: term.slice(0, 100) }, what)
  }
  t.end()
})
