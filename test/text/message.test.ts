import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { acceptWord, deferMessage, extendMessage, isTemporary } from '../../src/text/message.ts'

t.test('messages with a text behind them', t => {
  const cases = [
    { message: '550 Spam', text: '; in list.example', want: '550 Spam; in list.example' },
    { message: 'rc: strict, see docs', text: '; x', want: 'strict' },
    { message: ' rc:Greylist; x', text: '; x', want: 'Greylist' },
    { message: 'RC: foo, bar', text: '; x', want: 'RC: foo, bar; x' },
    { message: 'rc:one.two', text: '', want: 'one' },
    { message: '550 rc:no', text: ' rc:ok', want: '550 rc:no rc:ok' },
    { message: '550\tSpam', text: '; helo: a\tb', want: '550 Spam; helo: a\tb' },
  ]
  for (const { message, text, want } of cases) t.equal(extendMessage(message, text), want, message)
  t.end()
})

t.test('rejections that are not for good', t => {
  const cases = [
    { message: '450 later', want: true },
    { message: 'DEFER_IF_PERMIT x', want: true },
    { message: 'defer_if_reject', want: true },
    { message: 'rc:x', want: true },
    { message: ' 450 later', want: true },
    { message: '\t 450 later', want: true },
    { message: '  defer later', want: true },
    { message: '\n rc:x', want: true },
    { message: ' 550 4', want: false },
    { message: '550 4', want: false },
    { message: 'REJECT', want: false },
  ]
  for (const { message, want } of cases) t.equal(isTemporary(message), want, message)
  t.end()
})

t.test('the deferred form replaces what stands up to the first blank', t => {
  t.equal(deferMessage('550 5.7.1 Spam', '450'), '450 5.7.1 Spam')
  t.equal(deferMessage(' 550 Spam', '450'), '450 550 Spam', 'white space in front is what stands before it')
  t.equal(deferMessage('REJECT', 'DEFER_IF_PERMIT'), 'REJECT', 'a message without a blank stays as it is')
  t.equal(deferMessage('rc:greylist', '450'), 'rc:greylist')
  t.equal(deferMessage('REJECT\tSpam', '450'), 'REJECT\tSpam', 'a tab is none')
  t.end()
})

t.test('what an accepted mail is answered with', t => {
  t.equal(acceptWord(builtinConfig()), 'PREPEND X-policyd-weight:')
  t.equal(acceptWord(builtinConfig({ ADD_X_HEADER: false })), 'DUNNO ')
  t.equal(
    acceptWord(builtinConfig({ faulty: true })),
    'PREPEND X-policyd-weight: using builtin defaults due to config-error',
  )
  const configError = 'default for $NTTL due to config-error'
  t.equal(acceptWord(builtinConfig({ configError })), `PREPEND X-policyd-weight: ${configError}`)
  t.equal(acceptWord(builtinConfig({ configError, ADD_X_HEADER: false })), `DUNNO  ${configError}`)
  t.end()
})
