import t from 'tap'
import { endpointOf, isDaemon, leadsTo, parseEndpoint } from '../../../src/cli/doctor/endpoint.ts'
import { parseServices } from '../../../src/cli/doctor/postfix.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'

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
  const onPort = builtinConfig({ TCP_PORT: 999 })
  const onSocket = builtinConfig({ SOCKET: '/var/spool/postfix/private/polw' })
  const cases: [label: string, text: string, config: Config, want: boolean][] = [
    ['the usual port', 'inet:127.0.0.1:12525', onPort, true],
    ['the configured one, on another host', 'inet:192.0.2.1:999', onPort, true],
    ['another port', 'inet:127.0.0.1:10023', onPort, false],
    ['a socket, and none is configured', 'unix:private/policy', onPort, false],
    ['its socket', 'unix:/var/spool/postfix/private/polw', onSocket, true],
    ['its socket, seen from the queue directory', 'unix:private/polw', onSocket, true],
    ['another socket', 'unix:private/policy', onSocket, false],
    ['no endpoint', 'private/polw', onSocket, false],
  ]
  for (const [label, text, config, want] of cases)
    t.equal(isDaemon(parseEndpoint(text), config, '/var/spool/postfix'), want, label)
  t.end()
})
