import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeDirectoryFor, resolveIdentity, throwIfRefused } from '../../src/daemon/privileges.ts'

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
