import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeDirectoryFor, requireNoPollingRing, resolveIdentity, throwIfRefused } from '../../src/daemon/privileges.ts'

const USERS: Readonly<Record<string, number>> = { polw: 110, root: 0, toor: 0 }
const GROUPS: Readonly<Record<string, number>> = { polw: 115, mail: 8 }

t.test('who to be', async t => {
  const resolve = (user: string, group: string): object =>
    resolveIdentity(
      { user, group },
      name => USERS[name],
      name => GROUPS[name],
    )
  t.same(resolve('polw', 'mail'), { uid: 110, gid: 8 })
  const wrong: readonly [user: string, group: string, wantMessage: RegExp][] = [
    ['nobody-here', 'polw', /no user "nobody-here" .*adduser/],
    ['polw', 'none', /no group "none"/],
    ['root', 'polw', /never runs as root/],
    ['toor', 'polw', /never runs as root/],
  ]
  for (const [user, group, message] of wrong)
    t.throws(() => resolve(user, group), { name: 'DaemonError', status: 78, message }, `${user}:${group}`)
})

t.test('a directory is made by root only, and an old one is left as it is', async t => {
  const path = join(t.testdir(), 'cache')
  const isRoot = process.geteuid?.() === 0
  makeDirectoryFor(path, { uid: 65_534, gid: 65_534 })
  t.equal(existsSync(path), isRoot)
  makeDirectoryFor(path, { uid: 65_534, gid: 65_534 })
  makeDirectoryFor(join(path, 'missing', 'parent'), { uid: 65_534, gid: 65_534 })
  t.notOk(existsSync(join(path, 'missing')))
})

t.test('a Node that lets nobody change the user', async t => {
  const refused = Object.assign(new Error('setuid() disabled'), { code: 'ERR_INVALID_STATE' })
  t.throws(() => throwIfRefused(refused, 'polw'), { name: 'DaemonError', status: 70, message: /setpriv --reuid=polw / })
  const unknown = Object.assign(new Error('unknown user'), { code: 'ERR_UNKNOWN_CREDENTIAL' })
  t.doesNotThrow(() => throwIfRefused(unknown, 'polw'))
})

t.test('a ring of io_uring whose kernel thread is still root', async t => {
  const cases: [label: string, rings: string[], wantRefused: boolean][] = [
    ['none', [], false],
    ['one that works when it is asked', ['SqMask:\t0x3\nSqThread:\t-1\nSqThreadCpu:\t-1\n'], false],
    ['one with a thread', ['SqThread:\t-1\n', 'SqMask:\t0x3\nSqThread:\t4711\nSqThreadCpu:\t0\n'], true],
    ['one of which nothing is known', ['pos:\t0\n'], true],
  ]
  for (const [label, rings, wantRefused] of cases)
    if (wantRefused) t.throws(() => requireNoPollingRing(rings), { name: 'DaemonError', status: 70 }, label)
    else t.doesNotThrow(() => requireNoPollingRing(rings), label)
})
