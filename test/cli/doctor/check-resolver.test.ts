import t from 'tap'
import { checkList, listTrials } from '../../../src/cli/doctor/check-lists.ts'
import { absentName, checkResolver, standingOf } from '../../../src/cli/doctor/check-resolver.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import type { Outcome } from '../../../src/dns/outcome.ts'
import type { NameServer } from '../../../src/dns/resolv-conf.ts'

const found = (...values: string[]): Outcome => ({ kind: 'found', values })
const at = (address: string): NameServer => ({ address, port: 53, family: address.includes(':') ? 6 : 4 })

t.test('a resolver of everybody, and one that makes names up', t => {
  t.strictSame(checkResolver([at('127.0.0.1'), at('192.0.2.1')], { kind: 'nxdomain' }), [])
  t.strictSame(checkResolver([at('127.0.0.1')], undefined), [])
  t.strictSame(checkResolver([at('127.0.0.1')], { kind: 'failed', reason: 'timeout' }), [], 'that is said elsewhere')
  t.match(checkResolver([at('8.8.8.8'), at('2620:fe::fe')], { kind: 'nxdomain' }), [
    {
      level: 'warning',
      code: 'public-resolver',
      about: 'name server 8.8.8.8',
      text: /\(Google\)/,
      remedy: [/unbound/],
    },
    { about: 'name server 2620:fe::fe', text: /\(Quad9\)/ },
  ])
  t.match(checkResolver([at('127.0.0.1')], found('198.51.100.9')), [
    { level: 'warning', code: 'nxdomain-rewritten', text: /\(198\.51\.100\.9\): every list seems to list everybody/ },
  ])
  t.strictSame(absentName('x1'), { type: 'A', name: 'x1.root-servers.net' })
  t.end()
})

t.test('where this machine stands decides what helps', t => {
  t.equal(standingOf([at('127.0.0.1')], ''), 'own')
  t.equal(standingOf([at('1.1.1.1')], 'Dell Inc. PowerEdge'), 'public-resolver')
  for (const maker of [
    'Amazon EC2 t3.small',
    'Google Google Compute Engine',
    'Hetzner vServer',
    'DigitalOcean Droplet',
  ])
    t.equal(standingOf([at('1.1.1.1')], maker), 'cloud', maker)
  const config = builtinConfig()
  const [trial] = listTrials(config)
  if (!trial) throw new Error('no list')
  const refused = { trial, listed: found('127.255.255.254'), unlisted: found('127.255.255.254') }
  const remedyAt = (standing: 'cloud' | 'public-resolver' | 'own'): string =>
    checkList(refused, config, standing).remedy[0] ?? ''
  t.match(remedyAt('cloud'), /^on a cloud no resolver helps: use a key .*\$DQS_KEY_FILE/)
  t.match(remedyAt('public-resolver'), /^use a resolver of your own: apt-get install unbound.* or use a key/)
  t.match(remedyAt('own'), /^use a resolver of your own that asks by itself and forwards nothing, or use a key/)
  const tooMany = { ...refused, listed: found('127.255.255.255') }
  t.match(checkList(tooMany, config, 'cloud').remedy, [/^use a DQS key/], 'another refusal has its own')
  t.end()
})

t.test('allow lists are tried as well', t => {
  const [list] = [{ host: 'list.dnswl.org', filter: undefined, hit: -1, miss: 0, label: 'D' }]
  t.match(listTrials(builtinConfig({ dnsbl_score: [], rhsbl_score: [], dnswl_score: [list] })), [
    { host: 'list.dnswl.org', parameter: 'dnswl_score', listed: { name: /list\.dnswl\.org$/ } },
  ])
  t.end()
})
