import { readFileSync } from 'node:fs'
import t from 'tap'
import { findServiceUser, findSpawnedUser, findUserOf } from '../../../src/cli/rights/service-user.ts'

t.test('users as the system knows them', t => {
  const cases = [
    { label: 'root', name: 'root', wantUid: 0 },
    { label: 'nobody there', name: 'no-such-user-here', wantUid: undefined },
    { label: 'no name', name: '', wantUid: undefined },
    { label: 'an option is no name', name: '--help', wantUid: undefined },
    { label: 'nor is a number', name: '0', wantUid: undefined },
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

t.test('the user of a process', t => {
  const { uid, groups } = findUserOf(process.pid)
  t.equal(uid, process.geteuid?.())
  t.strictSame(new Set(groups), new Set([process.getegid?.(), ...(process.getgroups?.() ?? [])]))
  t.strictSame(findUserOf(4_194_305), { name: '', group: '', uid: undefined, groups: [] }, 'one that is not there')
  t.end()
})

t.test('a daemon has all groups of its user, what spawn(8) starts has one', t => {
  const groups = readFileSync('/etc/group', 'latin1').split('\n')
  const gidOf = (name: string): number => Number(groups.find(line => line.startsWith(`${name}:`))?.split(':')[2])
  const mail = gidOf('mail')
  t.equal(findServiceUser('root', 'mail').groups[0], mail, 'that of the configuration first')
  t.ok(findServiceUser('root', 'mail').groups.includes(0))
  t.strictSame(findSpawnedUser('root', undefined), { name: 'root', group: 'root', uid: 0, groups: [0] })
  t.strictSame(findSpawnedUser('root', 'mail'), { name: 'root', group: 'mail', uid: 0, groups: [mail] })
  t.strictSame(findSpawnedUser('root', 'no-such-group-here').groups, [])
  t.end()
})
