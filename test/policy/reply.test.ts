import t from 'tap'
import { finishAction, renderReply } from '../../src/policy/reply.ts'
import { maskText, withBlanks } from '../../src/text/mask.ts'

const FALLBACK = 'DUNNO default'

t.test('actions that may leave', t => {
  const cases = [
    { label: 'a plain action', action: '550 no', want: '550 no' },
    { label: 'D6: control and 8-bit characters', action: '550 a\r\nb\x00\x7f\xe4', want: '550 a??b???' },
    { label: 'an empty action would accept without a word', action: '', want: FALLBACK },
    { label: 'so would blanks', action: '  ', want: FALLBACK },
    { label: 'and a bare return code', action: '550', want: '550 Rejected by policy' },
    { label: 'a long action is cut', action: `550 ${'x'.repeat(600)}`, want: `550 ${'x'.repeat(496)}` },
    {
      label: 'a long header is cut later',
      action: `PREPEND X: ${'x'.repeat(1000)}`,
      want: `PREPEND X: ${'x'.repeat(889)}`,
    },
    { label: 'the cut leaves no blanks alone', action: `${' '.repeat(600)}550 no`, want: '550 no' },
    { label: 'nor digits alone', action: `550${' '.repeat(600)}no`, want: '550 Rejected by policy' },
    {
      label: 'however many there are',
      action: `${'5'.repeat(600)} no`,
      want: `${'5'.repeat(481)} Rejected by policy`,
    },
    {
      label: 'of a text that fits, blanks in front stay',
      action: '  550 no',
      want: '  550 no',
    },
  ]
  for (const { label, action, want } of cases) t.equal(finishAction(action, FALLBACK), want, label)
  t.end()
})

t.test('every byte is masked or kept', t => {
  for (let code = 0; code < 256; code++) {
    const character = String.fromCharCode(code)
    t.equal(maskText(character), code >= 0x20 && code <= 0x7e ? character : '?', `byte ${code}`)
  }
  t.end()
})

t.test('white space of the configuration is a blank', t => {
  const cases: [label: string, configured: string, want: string][] = [
    ['as it is', '550  no', '550  no'],
    ['a tab', '550\t5.7.1\tno', '550 5.7.1 no'],
    ['line ends', '550 no,\r\n never', '550 no,   never'],
    ['a vertical tab and a form feed', 'a\vb\fc', 'a b c'],
    ['no other control character', '550\x07 no', '550\x07 no'],
  ]
  for (const [label, configured, want] of cases) t.equal(withBlanks(configured), want, label)
  t.equal(finishAction('', 'DUNNO\tdefault'), 'DUNNO default')
  t.equal(finishAction('550 no; helo: a\tb', FALLBACK), '550 no; helo: a?b', "a stranger's is masked")
  t.end()
})

t.test('an answer ends in one empty line', t => {
  t.equal(renderReply('DUNNO'), 'action=DUNNO\n\n')
  t.end()
})
