import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { askService } from '../../../src/cli/doctor/ask-service.ts'
import { checkAnswer, type Trial } from '../../../src/cli/doctor/check-answers.ts'

t.test('what an answer means', t => {
  const cases: [label: string, trial: Trial, isSpawned: boolean, level: string, code: string | undefined][] = [
    ['as it should be', { kind: 'answered', action: 'DUNNO NULL (<>) Sender' }, true, 'ok', undefined],
    ['another service', { kind: 'answered', action: 'PREPEND X-Grey: 1' }, false, 'error', 'service-answers-otherwise'],
    ['ended', { kind: 'closed' }, true, 'error', 'service-silent'],
    ['silent', { kind: 'silent', waitedSeconds: 10 }, false, 'error', 'service-silent'],
    ['Postfix is down', { kind: 'failed', why: 'ECONNREFUSED' }, true, 'warning', 'service-down'],
    ['the daemon is down', { kind: 'failed', why: 'ECONNREFUSED' }, false, 'error', 'service-down'],
    ['not for us', { kind: 'failed', why: 'EACCES' }, true, 'note', 'not-looked-at'],
  ]
  for (const [label, trial, isSpawned, level, code] of cases)
    t.match(checkAnswer('unix:private/policy', trial, isSpawned), { level, code }, label)
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
