import t from 'tap'
import { deferralOddity, messageFault, messageOddity } from '../../../src/config/values/answer-value.ts'

t.test('messages Postfix would take for "accept" are faults', t => {
  const cases: [label: string, message: string, wantFault: boolean][] = [
    ['a code and a text', '550 Rejected', false],
    ['an action without a text', 'REJECT', false],
    ['a restriction class', 'rc: greylist, see docs', false],
    ['a restriction class in capitals, behind a blank', ' RC:greylist', false],
    ['a word nobody knows', 'Go away', false],
    ['nothing', '', true],
    ['blanks', '  \t', true],
    ['digits alone', '550', true],
    ['digits and blanks', ' 550 ', true],
    ['digits that are no code', '0', true],
    ['a restriction class without a name', 'rc:', true],
    ['a restriction class whose name is cut away', 'rc: , greylist', true],
    ['a restriction class of digits', 'rc:550', true],
  ]
  for (const [label, message, wantFault] of cases) t.equal(messageFault(message) !== undefined, wantFault, label)
  t.end()
})

t.test('messages that Postfix may not understand are odd', t => {
  const cases: [label: string, message: string, wantOdd: boolean][] = [
    ['a code', '450 4.7.1 Later', false],
    ['an action in any case', 'defer_if_permit Later', false],
    ['a restriction class', 'rc:greylist', false],
    ['a code of success', '250 Fine', true],
    ['a code that is glued to its text', '550-Rejected', true],
    ['a word nobody knows', 'Go away', true],
    ['8-bit characters', '550 Zur\u00fcckgewiesen', true],
    ['a line break', '550 Rejected\nnot again', true],
    ['a tab, which is answered as a blank', '550\tRejected', false],
    ['another control character', '550 Rejected\x07', true],
  ]
  for (const [label, message, wantOdd] of cases) t.equal(messageOddity(message) !== undefined, wantOdd, label)
  t.end()
})

t.test('words that put mail off', t => {
  const cases: [word: string, wantOdd: boolean][] = [
    ['450', false],
    ['451 4.7.1', false],
    ['DEFER_IF_PERMIT', false],
    ['defer_if_reject', false],
    ['DEFER', false],
    ['550', true],
    ['DUNNO', true],
    ['450 Later, please', true],
  ]
  for (const [word, wantOdd] of cases) t.equal(deferralOddity(word) !== undefined, wantOdd, word)
  t.end()
})
