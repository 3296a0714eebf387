import t from 'tap'
import { nearestName } from '../../../src/config/language/nearest-name.ts'

t.test('the nearest name', t => {
  const names = ['REJECTLEVEL', 'REJECTMSG', 'dnsbl_score', 'NS']
  const cases: [label: string, name: string, want: string | undefined][] = [
    ['a letter is missing', 'REJECTLEVL', 'REJECTLEVEL'],
    ['a letter too many', 'REJECTTMSG', 'REJECTMSG'],
    ['another letter', 'dnsbl_scare', 'dnsbl_score'],
    ['another case', 'rejectmsg', 'REJECTMSG'],
    ['itself', 'NS', 'NS'],
    ['too far', 'whatever', undefined],
    ['a short name far from a shorter one', 'X', undefined],
    ['too long to be compared', 'REJECTLEVEL'.repeat(10), undefined],
    ['empty', '', undefined],
  ]
  for (const [label, name, want] of cases) t.equal(nearestName(name, names), want, label)
  t.end()
})
