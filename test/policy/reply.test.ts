import t from 'tap'
import { finishAction, maskText, renderReply } from '../../src/policy/reply.ts'

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

t.test('an answer ends in one empty line', t => {
  t.equal(renderReply('DUNNO'), 'action=DUNNO\n\n')
  t.end()
})
