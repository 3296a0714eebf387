import t from 'tap'
import { parseFilter } from '../../src/lists/filter.ts'
import { REFUSAL_TEXTS } from '../../src/lists/refusal-texts.ts'
import { rulesOf } from '../../src/lists/rules.ts'
import { SECRET_ZONES } from '../../src/lists/secret-zones.ts'
import { codesOf, mayList } from '../../src/lists/words.ts'
import { findZone, ZONES } from '../../src/lists/zones.ts'

t.test('a host finds its row', t => {
  const cases: [label: string, host: string, wantZone: string | undefined][] = [
    ['itself', 'zen.spamhaus.org', 'zen.spamhaus.org'],
    ['in any case', 'ZEN.Spamhaus.ORG', 'zen.spamhaus.org'],
    ['a zone of an operator that is gone', 'rhsbl.ahbl.org', 'ahbl.org'],
    ['a zone below it', 'dynablock.njabl.org', 'njabl.org'],
    ['the operator itself', 'ahbl.org', 'ahbl.org'],
    ['a name that merely ends alike', 'notahbl.org', undefined],
    ['a host with a key', 'key.zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    ['a list of the same service that has no row', 'key.hbl.dq.spamhaus.net', 'dq.spamhaus.net'],
    ['a sister zone', 'black.uribl.com', 'uribl.com'],
    ['a name under a single list', 'a.list.dnswl.org', 'list.dnswl.org'],
    ['an unknown list', 'list.example', undefined],
    ['nothing', '', undefined],
  ]
  for (const [label, host, wantZone] of cases) t.equal(findZone(host)?.zone, wantZone, label)
  t.end()
})

t.test('a configured row takes the place of a built-in one; of several the longest zone counts', t => {
  const configured = [
    { zone: 'zen.spamhaus.org', words: 'ipv4 untested' },
    { zone: 'spamhaus.org', words: 'refused=127.0.0.1' },
  ]
  t.match(findZone('zen.spamhaus.org', configured), { lists: ['ipv4'], refusals: [], tests: 'none' })
  t.match(findZone('sbl.spamhaus.org', configured), { zone: 'sbl.spamhaus.org', operator: 'Spamhaus' })
  t.match(findZone('new.spamhaus.org', configured), { zone: 'spamhaus.org', refusals: [{ code: '127.0.0.1' }] })
  t.equal(rulesOf('zen.spamhaus.org', configured), 'ipv4 untested')
  t.equal(rulesOf('sbl.spamhaus.org', configured), 'ipv4 ipv6 strong=127.0.0.[2..9]')
  t.equal(rulesOf('new.spamhaus.org', configured), 'refused=127.0.0.1')
  t.end()
})

t.test('the state of the lists', t => {
  for (const host of ['zen.spamhaus.org', 'bl.spamcop.net', 'bl.mailspike.net', 'dbl.spamhaus.org', 'multi.surbl.org'])
    t.equal(findZone(host)?.state, 'alive', `default list ${host}`)
  for (const host of ['ix.dnsbl.manitu.net', 'spam.dnsbl.sorbs.net', 'cbl.abuseat.org'])
    t.equal(findZone(host)?.state, 'dead', host)
  for (const host of ['list.dsbl.org', 'bl.spamcannibal.org', 'dnsbl.ahbl.org'])
    t.equal(findZone(host)?.state, 'lists-everybody', host)
  t.end()
})

t.test('a limit that is a number is that of the text', t => {
  let seen = 0
  for (const { zone, limits, queriesPerDay } of ZONES) {
    const said = /([\d,]+) queries a day/.exec(limits ?? '')?.[1]?.replaceAll(',', '')
    t.equal(queriesPerDay, said === undefined ? undefined : Number(said), zone)
    if (said !== undefined) seen++
  }
  t.ok(seen > 5)
  t.end()
})

t.test('every row is well-formed', t => {
  const seen = new Set<string>()
  const isCode = (code: string): boolean => parseFilter(code).kind === 'filter' && code.startsWith('127.')
  for (const { zone, codes = [], refusals = [], misasked = [], verified, source, since, state, operator } of ZONES) {
    t.match(zone, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
    t.notOk(seen.has(zone), `${zone} has one row`)
    seen.add(zone)
    t.match(verified, /^20\d\d(?:\/20\d\d|(?:-\d\d){0,2})$/, `${zone} verified`)
    t.ok(source.length > 5 && operator !== '', `${zone} says who runs it and where that is said`)
    if (since !== undefined) t.match(since, /^20\d\d(-\d\d){0,2}$/, `${zone} dead since`)
    t.ok(since === undefined || state !== 'alive', `${zone} is dead if it has a date of death`)
    for (const [code] of codes) t.ok(/^&(1|2|4|8|16|32|64|128)$/.test(code) || isCode(code), `${zone} code ${code}`)
    for (const { code, meaning, remedy } of refusals) {
      t.ok(/^(?:SERVFAIL|REFUSED)$/.test(code) || isCode(code), `${zone} refusal ${code}`)
      t.ok(meaning !== '' && remedy !== '', `${zone} refusal ${code} is explained`)
    }
    for (const code of misasked) t.ok(isCode(code), `${zone} complaint ${code}`)
  }
  t.end()
})

t.test('what serves mail is worked out of the facts', t => {
  for (const { zone, lists, refusals = [], misasked = [], secret = false, state } of ZONES) {
    const [texts, ...others] = REFUSAL_TEXTS.filter(({ zones }) => zones.includes(zone))
    t.strictSame([texts?.refusals ?? [], others], [refusals, []], `${zone} texts`)
    const rules = rulesOf(`x.${zone}`, [])
    if (state !== 'alive') {
      t.equal(rules, '', `${zone} is dead`)
      continue
    }
    for (const what of ['ipv4', 'ipv6', 'domain'] as const)
      t.equal(mayList(rules, what), lists?.includes(what) ?? true, `${zone} ${what}`)
    const own = refusals.map(({ code }) => code).filter(code => /^127\.0\./.test(code))
    t.strictSame(codesOf(rules, 'refused'), own, `${zone} refusals`)
    t.strictSame(codesOf(rules, 'misasked'), misasked, `${zone} complaints`)
    t.equal(SECRET_ZONES.includes(zone), secret, `${zone} secret`)
  }
  t.end()
})
