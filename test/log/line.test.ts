import t from 'tap'
import { attributes, configurationErrors, type LogEvent, warning, weightedCheck } from '../../src/log/event.ts'
import { type LogLine, lineOf } from '../../src/log/line.ts'
import type { Judgement } from '../../src/score/verdict.ts'
import type { PolicyRequest } from '../../src/policy/request.ts'
import { requestOf } from '../support/scoring.ts'

const JUDGEMENT: Judgement = {
  action: '550 no',
  why: 'rate',
  isPass: false,
  isTied: false,
  hits: 0,
  dnsbl: 0,
  nameErrors: 0,
  weighted: { reasons: ' IN_X=4.35', rate: '4.35' },
  remember: {},
  listAnswers: new Map(),
  listedBy: new Set(),
  addresses: ['mail.example.org', '192.0.2.1'],
  notes: [],
  steps: [],
}

const check = (request: PolicyRequest, debug: boolean): LogLine =>
  lineOf(weightedCheck(request, JUDGEMENT) as LogEvent, debug)
const decided = (request: PolicyRequest, action: string, delayMs: number, debug: boolean): LogLine =>
  lineOf({ kind: 'decided', request, action, delayMs }, debug)

t.test('the lines of a request, byte for byte', t => {
  const request = requestOf({ sender: 'a+b@example.org', client_address: '::ffff:192.0.2.10', instance: 'i.7' })
  const parties = '<helo=mail.example.org> <from=a@example.org> <to=bob@example.net>'
  const cases = [
    {
      label: 'weighted check',
      line: check(request, false),
      want: `weighted check:  IN_X=4.35; <client=mail.example.org[192.0.2.10]> ${parties}; rate: 4.35`,
    },
    {
      label: 'weighted check with $DEBUG',
      line: check(request, true),
      want:
        'weighted check:  IN_X=4.35 <helo_ips: mail.example.org 192.0.2.1>; ' +
        `<instance=i.7> <client=mail.example.org[192.0.2.10]> ${parties}; rate: 4.35`,
    },
    {
      label: 'decided: the sender unstripped, the client address as received',
      line: decided(request, '550 no', 1999, false),
      want:
        'decided action=550 no; <client=mail.example.org[::ffff:192.0.2.10]> <helo=mail.example.org> ' +
        '<from=a+b@example.org> <to=bob@example.net>; delay: 1s',
    },
    {
      label: 'decided with $DEBUG',
      line: decided(request, 'DUNNO', 0, true),
      want:
        'decided action=DUNNO; <instance=i.7> <client=mail.example.org[::ffff:192.0.2.10]> <helo=mail.example.org> ' +
        '<from=a+b@example.org> <to=bob@example.net>; delay: 0s',
    },
  ]
  for (const { label, line, want } of cases) t.strictSame(line, { severity: 'info', text: want }, label)
  t.end()
})

t.test('a line for each attribute, none for what is none', t => {
  t.strictSame(
    attributes('sender=a\nodd\nsize=\n').map(event => lineOf(event, false).text),
    ['attribute: sender=a', 'attribute: size='],
  )
  t.end()
})

t.test('a clock that was set back makes no delay negative', t => {
  t.match(decided(requestOf(), 'DUNNO', -5000, false).text, /; delay: 0s$/)
  t.end()
})

t.test('without a weighted check there is no line for it', t => {
  t.equal(weightedCheck(requestOf(), { ...JUDGEMENT, weighted: undefined }), undefined)
  t.end()
})

t.test('D6: a line stays one line, whoever wrote into it', t => {
  const hostile = 'a\nweighted check: forged\r\x00\x1b[2J\xff'
  const want = 'a?weighted check: forged???[2J?'
  const lines = [
    check({ ...requestOf(), helo: hostile }, true),
    decided({ ...requestOf(), recipient: hostile }, hostile, 0, false),
    ...[
      ...attributes(`sender=${hostile.replace('\n', '\t')}\n`),
      warning(hostile),
      ...configurationErrors([{ severity: 'error', text: hostile }]),
    ].map(event => lineOf(event, false)),
  ]
  for (const line of lines) {
    t.ok(line.text.includes(want), 'masked')
    t.notOk(/[^\x20-\x7e]/.test(line.text), 'printable ASCII alone')
  }
  t.end()
})
