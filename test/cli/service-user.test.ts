import t from 'tap'
import { findServiceUser } from '../../src/cli/service-user.ts'

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
