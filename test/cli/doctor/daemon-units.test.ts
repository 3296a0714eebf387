import t from 'tap'
import { checkAnswer } from '../../../src/cli/doctor/check-answers.ts'
import { daemonCommand, parseDaemonUnits, socketRemedy } from '../../../src/cli/doctor/daemon-units.ts'
import { isDaemon, parseEndpoint } from '../../../src/cli/doctor/endpoint.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'

const unit = (id: string, active: string, file: string, listen = ''): string =>
  `Id=policyd-weight.${id}\nLoadState=loaded\nActiveState=${active}\nUnitFileState=${file}\n${listen}`
const LISTEN = 'Listen=127.0.0.1:2525 (Stream)\nListen=/var/spool/postfix/private/polw (Stream)\n'

t.test('set-ups of the daemon', async t => {
  const cases: [label: string, shown: string, wantStart: string, wantSocketIsOurs: boolean, wantPortIsOurs: boolean][] =
    [
      ['no systemd', '', 'policyd-weight start', false, false],
      [
        'units that are not used',
        `${unit('service', 'inactive', 'disabled')}\n${unit('socket', 'inactive', 'disabled', LISTEN)}`,
        'policyd-weight start',
        false,
        false,
      ],
      ['a service that was stopped', unit('service', 'inactive', 'enabled'), START('service'), false, false],
      ['a service that has failed', unit('service', 'failed', 'disabled'), START('service'), false, false],
      [
        'a socket unit',
        `${unit('service', 'active', 'disabled')}\n${unit('socket', 'active', 'enabled', LISTEN)}`,
        START('socket'),
        true,
        true,
      ],
    ]
  for (const [label, shown, wantStart, wantSocketIsOurs, wantPortIsOurs] of cases) {
    const units = parseDaemonUnits(shown)
    t.equal(daemonCommand(units, 'start'), wantStart, label)
    const isOurs = (text: string): boolean =>
      isDaemon(parseEndpoint(text), builtinConfig(), '/var/spool/postfix', units)
    t.equal(isOurs('unix:private/polw'), wantSocketIsOurs, `${label}: the socket`)
    t.equal(isOurs('inet:127.0.0.1:2525'), wantPortIsOurs, `${label}: its port`)
    t.equal(isOurs('inet:127.0.0.1:12525'), true, `${label}: the usual port`)
    t.equal(isOurs('unix:private/other'), false, `${label}: another socket`)
  }
})

t.test('what lets Postfix use a socket', t => {
  const units = parseDaemonUnits(
    'Id=policyd-weight.socket\nLoadState=loaded\nActiveState=active\nListen=/run/x.sock (Stream)\n',
  )
  t.match(
    socketRemedy(units, '/run/x.sock', 'postfix'),
    /^systemctl edit policyd-weight\.socket: .*SocketUser=postfix$/,
  )
  t.match(socketRemedy(units, '/run/y.sock', 'postfix'), /\$SOCKET_MODE = '0666'/)
  t.end()
})

function START(id: string): string {
  return `systemctl start policyd-weight.${id}`
}

t.test('a daemon that is down, where Postfix need not defer', async t => {
  const asked = { isSpawned: false, command: (what: string) => what }
  const down = { kind: 'failed', why: 'ECONNREFUSED' } as const
  t.match(checkAnswer('inet:127.0.0.1:12525', down, asked), { level: 'error', text: /all mail is deferred/ })
  t.match(checkAnswer('inet:127.0.0.1:12525', down, { ...asked, instead: 'DUNNO' }), {
    level: 'warning',
    code: 'service-down',
    text: /Postfix takes "DUNNO" for all mail/,
  })
})
