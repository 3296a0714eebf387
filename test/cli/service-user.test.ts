import type { Stats } from 'node:fs'
import t from 'tap'
import { findServiceUser, mayAccess } from '../../src/cli/service-user.ts'

t.test('users as the system knows them', t => {
  const cases = [
    { label: 'root', name: 'root', wantUid: 0 },
    { label: 'nobody there', name: 'no-such-user-here', wantUid: undefined },
    { label: 'no name', name: '', wantUid: undefined },
    { label: 'an option is no name', name: '--help', wantUid: undefined },
    { label: 'nor is a command', name: 'root; echo 1', wantUid: undefined },
  ]
  for (const { label, name, wantUid } of cases) {
    const { uid, groups, group } = findServiceUser(name, 'mail')
    t.equal(uid, wantUid, label)
    t.equal(groups.includes(0), wantUid === 0, `${label}: groups`)
    t.equal(group, 'mail')
  }
  t.end()
})

t.test('what a user may do', t => {
  const user = { name: 'polw', group: 'polw', uid: 110, groups: [115] }
  const stat = (uid: number, gid: number, mode: number): Stats => ({ uid, gid, mode }) as Stats
  const cases: [label: string, stat: Stats, bits: number, want: boolean][] = [
    ['its own', stat(110, 0, 0o100400), 4, true],
    ["the owner's rights come first", stat(110, 115, 0o100077), 4, false],
    ['of its group', stat(0, 115, 0o100040), 4, true],
    ['of others', stat(0, 0, 0o100004), 4, true],
    ['two rights, one of them there', stat(0, 0, 0o100004), 5, false],
    ['none', stat(0, 0, 0o100770), 1, false],
  ]
  for (const [label, each, bits, want] of cases) t.equal(mayAccess(each, user, bits), want, label)
  t.equal(mayAccess(stat(1, 1, 0), { ...user, uid: 0 }, 7), true, 'root')
  t.equal(mayAccess(stat(0, 0, 0o7777), { ...user, uid: undefined }, 4), undefined, 'nobody there')
  t.end()
})
