import t from 'tap'
import { parseFilter } from '../../src/lists/filter.ts'
import { findZone, ZONES } from '../../src/lists/zones.ts'

t.test('a host finds its row', t => {
  const cases: [label: string, host: string, wantZone: string | undefined][] = [
    ['itself', 'zen.spamhaus.org', 'zen.spamhaus.org'],
    ['in any case', 'ZEN.Spamhaus.ORG', 'zen.spamhaus.org'],
    ['a zone of an operator that is gone', 'rhsbl.ahbl.org', 'ahbl.org'],
    ['a zone below it', 'dynablock.njabl.org', 'njabl.org'],
    ['the operator itself', 'ahbl.org', 'ahbl.org'],
    ['a name that merely ends alike', 'notahbl.org', undefined],
    ['a host below a single list', 'key.zen.spamhaus.org', undefined],
    ['an unknown list', 'list.example', undefined],
    ['nothing', '', undefined],
  ]
  for (const [label, host, wantZone] of cases) t.equal(findZone(host)?.zone, wantZone, label)
  t.end()
})

t.test('the state of the lists', t => {
  for (const host of ['zen.spamhaus.org', 'bl.spamcop.net', 'bl.mailspike.net', 'dbl.spamhaus.org', 'multi.surbl.org'])
    t.equal(findZone(host)?.status, 'alive', `default list ${host}`)
  for (const host of ['ix.dnsbl.manitu.net', 'spam.dnsbl.sorbs.net', 'cbl.abuseat.org'])
    t.equal(findZone(host)?.status, 'dead', host)
  for (const host of ['list.dsbl.org', 'bl.spamcannibal.org', 'dnsbl.ahbl.org'])
    t.equal(findZone(host)?.status, 'lists-everybody', host)
  t.end()
})

t.test('every row is well-formed', t => {
  const seen = new Set<string>()
  for (const { zone, codes = [], errorCodes = [], verified, deadSince, status } of ZONES) {
    t.match(zone, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
    t.notOk(seen.has(zone), `${zone} has one row`)
    seen.add(zone)
    t.match(verified, /^20\d\d(-\d\d){0,2}$/, `${zone} verified`)
    if (deadSince !== undefined) t.match(deadSince, /^20\d\d(-\d\d){0,2}$/, `${zone} dead since`)
    t.ok(deadSince === undefined || status !== 'alive', `${zone} is dead if it has a date of death`)
    for (const [code] of codes)
      t.ok(/^&(1|2|4|8|16|32|64|128)$/.test(code) || parseFilter(code).kind === 'filter', `${zone} code ${code}`)
    for (const code of errorCodes) t.match(code, /^127\.\d+\.\d+\.(\d+)?$/, `${zone} error code ${code}`)
  }
  t.end()
})
