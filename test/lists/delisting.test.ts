import t from 'tap'
import { delistingPage } from '../../src/lists/delisting.ts'
import { ZONES } from '../../src/lists/zones.ts'

t.test('a list has the page of its operator', t => {
  const cases: [label: string, host: string, want: string | undefined][] = [
    ['a list', 'zen.spamhaus.org', 'https://check.spamhaus.org/'],
    ['with a key, in any case', 'KEY.DBL.dq.Spamhaus.NET', 'https://check.spamhaus.org/'],
    ['a zone itself', 'psbl.surriel.com', 'https://psbl.org/'],
    ['a name that merely ends alike', 'notspamcop.net', undefined],
    ['a list of whose operator nothing is known', 'list.example', undefined],
    ['nothing', '', undefined],
  ]
  for (const [label, host, want] of cases) t.equal(delistingPage(host), want, label)
  t.end()
})

t.test('the pages', t => {
  const pages = ZONES.map(({ zone }) => delistingPage(zone)).filter(page => page !== undefined)
  for (const page of new Set(pages)) {
    t.match(page, /^https:\/\/[a-z0-9./_-]+$/, 'in the clear, whatever it is put into')
    t.ok(page.length < 60, `${page} leaves room for the rest of an answer`)
  }
  const without = ZONES.filter(({ zone, state }) => state === 'alive' && delistingPage(zone) === undefined)
  t.same(
    without.map(({ zone }) => zone),
    ['bip.virusfree.cz'],
    'operators without one that is known for sure',
  )
  t.end()
})
