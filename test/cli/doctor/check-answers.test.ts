import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { isOurs } from '../../../src/cli/doctor/ask-endpoints.ts'
import { checkAnswer, checkSocket } from '../../../src/cli/doctor/check-answers.ts'
import { askService, describeTrial, type Trial } from '../../../src/daemon/who-answers.ts'
import { VERSION } from '../../../src/policy/version.ts'

t.test('what an answer means', t => {
  const cases: [label: string, trial: Trial, isSpawned: boolean, level: string, code: string | undefined][] = [
    ['as it should be', { kind: 'answered', action: `DUNNO policyd-weight ${VERSION}` }, true, 'ok', undefined],
    ['0.2.0', { kind: 'answered', action: 'DUNNO NULL (<>) Sender' }, false, 'warning', 'service-other-version'],
    ['another one', { kind: 'answered', action: 'DUNNO policyd-weight 9' }, false, 'warning', 'service-other-version'],
    ['says no action', { kind: 'answered', action: 'DUNNO' }, true, 'error', 'service-answers-otherwise'],
    ['another service', { kind: 'answered', action: 'PREPEND X-Grey: 1' }, false, 'error', 'service-answers-otherwise'],
    ['ended', { kind: 'closed' }, true, 'error', 'service-silent'],
    ['silent', { kind: 'silent', waitedSeconds: 10 }, false, 'error', 'service-silent'],
    ['Postfix is down', { kind: 'failed', why: 'ECONNREFUSED' }, true, 'warning', 'service-down'],
    ['the daemon is down', { kind: 'failed', why: 'ECONNREFUSED' }, false, 'error', 'service-down'],
    ['not for us', { kind: 'failed', why: 'EACCES' }, true, 'note', 'not-looked-at'],
  ]
  for (const [label, trial, isSpawned, level, code] of cases)
    t.match(checkAnswer('unix:private/policy', trial, { isSpawned, command: what => what }), { level, code }, label)
  const occupant = { pid: 812, title: 'policyd-weight (master)', program: '/usr/bin/perl' }
  const old = checkAnswer(
    'inet:127.0.0.1:12525',
    { kind: 'answered', action: 'DUNNO NULL (<>) Sender' },
    { isSpawned: false, occupant, command: what => `systemctl ${what} policyd-weight` },
  )
  t.match(old.text, /the Perl original \(process 812 \(policyd-weight \(master\), \/usr\/bin\/perl\)\)/)
  t.same(old.remedy, ['kill 812', 'systemctl start policyd-weight'])
  const said: [Trial, string][] = [
    [{ kind: 'answered', action: 'DUNNO policyd-weight 0.3.0' }, 'policyd-weight 0.3.0 answers'],
    [
      { kind: 'answered', action: 'DUNNO NULL (<>) Sender' },
      'an older policyd-weight answers (0.2.0, or the Perl original)',
    ],
    [{ kind: 'answered', action: 'OK' }, 'something else answers: "OK"'],
    [{ kind: 'failed', why: 'ECONNREFUSED' }, 'no answer: ECONNREFUSED'],
  ]
  for (const [trial, want] of said) t.equal(describeTrial(trial), want)
  t.end()
})

t.test('what puts a service right that Postfix starts', t => {
  const spawned = { isSpawned: true, command: (what: string) => what }
  const down: Trial = { kind: 'failed', why: 'ENOENT' }
  const restart = 'systemctl restart postfix.service'
  const cases: [label: string, trial: Trial, asked: object, text: RegExp, remedy: RegExp][] = [
    ['Postfix may be down', down, {}, /does not run, or does not know/, /^postfix start \|\| postfix reload$/],
    ['it runs', down, { isPostfixUp: true }, /Postfix does not know the service yet$/, /^postfix reload$/],
    ['it runs confined', down, { isPostfixUp: true, restart }, /does not know/, /^systemctl restart postfix\.service$/],
    ['its processes are killed', { kind: 'closed' }, { restart }, /ends the connection/, /^systemctl restart/],
    ['they are held back', { kind: 'silent', waitedSeconds: 1 }, { restart }, /no answer within/, /^systemctl restart/],
    ['another reason', { kind: 'closed' }, {}, /ends the connection/, /mail log/],
  ]
  for (const [label, trial, asked, text, remedy] of cases)
    t.match(checkAnswer('unix:private/policy', trial, { ...spawned, ...asked }), { text, remedy: [remedy] }, label)
  const other = checkAnswer('inet:polw:1 (192.0.2.1)', down, { ...spawned, isSpawned: false, hasOther: true })
  t.match(other, { level: 'warning', code: 'service-down', text: /takes another address/ })
  t.end()
})

t.test('a socket that Postfix may not use, and whose daemon it is', t => {
  t.strictSame(checkSocket('unix:x', 'postfix', undefined, undefined, 'fix'), [])
  t.match(checkSocket('unix:x', 'postfix', 'it may not write to that file', undefined, 'fix'), [
    { level: 'error', code: 'socket-closed', text: /^user postfix cannot .*; all mail is deferred$/, remedy: ['fix'] },
  ])
  t.match(checkSocket('unix:x', 'postfix', 'closed', 'DUNNO', 'fix'), [{ level: 'warning', text: /takes "DUNNO"/ }])
  for (const [host, want] of [
    ['127.0.0.9', true],
    ['::1', true],
    ['localhost', true],
    ['192.0.2.25', false],
    ['polw.example.net', false],
  ] as const)
    t.equal(isOurs(host), want, host)
  t.end()
})

t.test('asked for real', async t => {
  const cases: [label: string, behave: (socket: Socket, request: string) => void, want: Trial][] = [
    ['answers', socket => socket.end('action=DUNNO x\n\n'), { kind: 'answered', action: 'DUNNO x' }],
    [
      'answers in pieces',
      socket => {
        socket.write('action=DU')
        setImmediate(() => socket.write('NNO\n\n'))
      },
      { kind: 'answered', action: 'DUNNO' },
    ],
    ['ends', socket => socket.end(), { kind: 'closed' }],
    ['breaks off', socket => socket.resetAndDestroy(), { kind: 'closed' }],
    ['says something else', socket => socket.end('220 hello\r\n'), { kind: 'answered', action: '220 hello\r\n' }],
    ['says no end of it', socket => socket.write('x'.repeat(20_000)), { kind: 'answered', action: 'x'.repeat(80) }],
  ]
  for (const [label, behave, want] of cases) {
    let request = ''
    const server = createServer(socket => {
      socket.on('error', () => {})
      socket.setEncoding('latin1').on('data', (text: string) => {
        request += text
        if (request.endsWith('\n\n')) behave(socket, request)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    t.strictSame(await askService({ host: '127.0.0.1', port }, 30), want, label)
    t.match(request, /^request=smtpd_access_policy\n.*\nsender=\n.*\n\n$/s, `${label}: the request`)
    server.close()
  }
  const silent = createServer(socket => socket.on('error', () => {}).resume())
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  t.strictSame(await askService({ host: '127.0.0.1', port }, 0.05), { kind: 'silent', waitedSeconds: 0.05 })
  silent.close()
  await once(silent, 'close')
  t.strictSame(await askService({ host: '127.0.0.1', port }, 30), { kind: 'failed', why: 'ECONNREFUSED' })
  t.strictSame(await askService({ path: '/none/none' }, 30), { kind: 'failed', why: 'ENOENT' })
})
