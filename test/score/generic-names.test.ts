import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { holdsAddress, isNameOfAddress } from '../../src/score/generic-names.ts'
import { domainsToAsk } from '../../src/score/listed-domains.ts'
import { isOfSender } from '../../src/score/one-witness.ts'
import { organisationOf, shareOrganisation } from '../../src/text/organisation.ts'
import { requestOf } from '../support/scoring.ts'

const V6 = '2001:0db8:0000:0000:0000:0000:0000:0001'

t.test('names that hold the address, in the ways providers write it', t => {
  const cases: [name: string, client: string, holds: boolean][] = [
    ['pool-192-0-2-10.example.net', '192.0.2.10', true],
    ['192.0.2.10.example.net', '192.0.2.10', true],
    ['10.2.0.192.example.net', '192.0.2.10', true],
    ['10-2-0-192.static.example.net', '192.0.2.10', true],
    ['host192_0_2_10.example.net', '192.0.2.10', true],
    ['ip-192-000-002-010.example.net', '192.0.2.10', true],
    ['192000002010.example.net', '192.0.2.10', true],
    ['c000020a.example.net', '192.0.2.10', true],
    ['p50961e2d.dip0.example.net', '80.150.30.45', true],
    ['200100db800000000.example.net', V6, false],
    ['20010db8000000000000000000000001.example.net', V6, true],
    ['2001-0db8-0000-0000-0000-0000-0000-0001.example.net', V6, true],
    ['mta-2-10.example.net', '192.0.2.10', false],
    ['host-192-0-2-100.example.net', '192.0.2.10', false],
    ['1192-0-2-10.example.net', '192.0.2.10', false],
    ['192-0-x2-10.example.net', '192.0.2.10', false],
    ['192--0-2-10.example.net', '192.0.2.10', false],
    ['', '192.0.2.10', false],
  ]
  for (const [name, client, holds] of cases) t.equal(holdsAddress(name, client), holds, `${name} ${client}`)
  t.notOk(isNameOfAddress('mail-192-0-2-10.example.net', '192.0.2.10'), 'it says that it sends mail')
  t.notOk(isNameOfAddress('static-192-0-2-10.example.net', '192.0.2.10'))
  t.ok(isNameOfAddress('vps-192-0-2-10.example.net', '192.0.2.10'))
  t.end()
})

t.test('a name that a client chose costs no more than its length', t => {
  const long = '192-0-2-'.repeat(20_000)
  t.notOk(holdsAddress(long, '192.0.2.10'))
  t.end()
})

t.test('organisational domains', t => {
  const cases: [name: string, organisation: string][] = [
    ['mail.example.org', 'example.org'],
    ['example.org', 'example.org'],
    ['a.b.example.co.uk', 'example.co.uk'],
    ['example.com.br.', 'example.com.br'],
    ['co.uk', ''],
    ['www.example.de', 'example.de'],
    ['x.in.example', 'in.example'],
    ['localhost', ''],
    ['', ''],
    ['.', ''],
    ['..', ''],
    ['192.0.2.10', ''],
    ['[192.0.2.10]', ''],
    ['[ipv6:2001:db8::1]', ''],
    ['a..org', ''],
    ['mail.example.xn--p1ai', 'example.xn--p1ai'],
  ]
  for (const [name, want] of cases) t.equal(organisationOf(name), want, name)
  t.ok(shareOrganisation('a.example.org', 'b.c.example.org'))
  t.notOk(shareOrganisation('localhost', 'localhost'), 'names without one share none')
  t.end()
})

t.test('a sender domain in UTF-8 is that of its hosts', t => {
  const request = requestOf({
    sender: 'a@m\xc3\xbcller.example',
    helo_name: 'mx.xn--mller-kva.example',
    client_name: 'mail.xn--mller-kva.example',
  })
  t.ok(isOfSender(request))
  const { domain } = request
  t.strictSame(domainsToAsk(request, builtinConfig({ RHSBL_CHECK_HELO: true })), [{ domain, prefix: '' }])
  t.end()
})
