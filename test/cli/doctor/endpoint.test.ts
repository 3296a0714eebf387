import t from 'tap'
import { endpointOf, isDaemon, leadsTo, parseEndpoint } from '../../../src/cli/doctor/endpoint.ts'
import { parseServices } from '../../../src/cli/doctor/postfix.ts'
import { builtinConfig } from '../../../src/config/parameters.ts'

t.test('whom a text means', t => {
  const cases: [text: string, want: object][] = [
    ['unix:private/policy', { kind: 'unix', path: 'private/policy' }],
    ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['inet:127.0.0.1:12525', { kind: 'inet', host: '127.0.0.1', port: '12525' }],
    ['inet:[::1]:12525', { kind: 'inet', host: '::1', port: '12525' }],
    ['inet:policy.example.org:polw', { kind: 'inet', host: 'policy.example.org', port: 'polw' }],
    ['inet:12525', { kind: 'inet', host: '127.0.0.1', port: '12525' }],
    ['private/policy', { kind: 'unreadable' }],
    ['127.0.0.1:12525', { kind: 'unreadable' }],
    ['', { kind: 'unreadable' }],
  ]
  for (const [text, want] of cases) t.strictSame(parseEndpoint(text), want, text)
  t.end()
})

t.test('how main.cf names a service, and which service it means', t => {
  const cases: [label: string, entry: string, want: string, alsoMeant: string, notMeant: string][] = [
    ['private', 'policy unix - n n - 0 spawn', 'unix:private/policy', 'unix:private/policy', 'unix:public/policy'],
    ['public', 'policy unix n n n - 0 spawn', 'unix:public/policy', 'unix:public/policy', 'unix:private/policy'],
    ['a port', '9998 inet n n n - 0 spawn', 'inet:127.0.0.1:9998', 'inet:localhost:9998', 'inet:192.0.2.1:9998'],
    [
      'an address',
      '192.0.2.1:9998 inet n n n - 0 spawn',
      'inet:192.0.2.1:9998',
      'inet:192.0.2.1:9998',
      'inet:127.0.0.1:9998',
    ],
  ]
  for (const [label, entry, want, alsoMeant, notMeant] of cases) {
    const [service] = parseServices(entry)
    if (!service) throw new Error(entry)
    t.equal(endpointOf(service), want, label)
    t.equal(leadsTo(parseEndpoint(alsoMeant), service), true, `${label}: ${alsoMeant}`)
    t.equal(leadsTo(parseEndpoint(notMeant), service), false, `${label}: ${notMeant}`)
  }
  t.end()
})

t.test('the daemon', t => {
  const config = builtinConfig({ TCP_PORT: 999 })
  t.equal(isDaemon(parseEndpoint('inet:127.0.0.1:12525'), config), true, 'the usual port')
  t.equal(isDaemon(parseEndpoint('inet:192.0.2.1:999'), config), true, 'the configured one, on another host')
  t.equal(isDaemon(parseEndpoint('inet:127.0.0.1:10023'), config), false)
  t.equal(isDaemon(parseEndpoint('unix:private/policy'), config), false)
  t.end()
})
