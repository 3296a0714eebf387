/**
 * What another user may do: as root by becoming that user, otherwise by owner and mode.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ServiceUser } from '../../../src/cli/rights/service-user.ts'
import {
  mayAccess,
  mayByMode,
  obstacle,
  type Rights,
  type Use,
  whyUntried,
} from '../../../src/cli/rights/try-rights.ts'

const isRoot = process.geteuid?.() === 0
const ROOT_ALONE = isRoot ? false : 'only root can become another user'
const GROUP = 65_532
const NOBODY: ServiceUser = { name: 'nobody', group: 'nogroup', uid: 65_534, groups: [65_534, GROUP] }

/** Not t.testdir: what lies above it may be closed to others. */
function openFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'rights-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  return folder
}

function make(path: string, mode: number, text = 'x'): string {
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

t.test('what owner and mode say', t => {
  const folder = openFolder(t)
  const own = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  const owner: ServiceUser = { ...NOBODY, uid: own, groups: [gid] }
  const member: ServiceUser = { ...NOBODY, groups: [gid] }
  const cases: [label: string, user: ServiceUser, mode: number, rights: Rights, want: boolean | undefined][] = [
    ['its own', owner, 0o400, 'r', true],
    ["the owner's rights come first", owner, 0o077, 'r', false],
    ['of its group', member, 0o040, 'r', true],
    ["a group's rights come before those of all", member, 0o007, 'x', false],
    ['of others', NOBODY, 0o004, 'r', true],
    ['two rights, one of them there', NOBODY, 0o004, 'rx', false],
    ['none', NOBODY, 0o770, 'x', false],
    ['nobody there', { ...NOBODY, uid: undefined }, 0o777, 'r', undefined],
  ]
  for (const [index, [label, user, mode, rights, want]] of cases.entries())
    t.equal(mayByMode(make(join(folder, `${index}`), mode), user, rights), want, label)
  t.equal(mayByMode(join(folder, 'none'), NOBODY, 'r'), undefined, 'nothing there')
  t.end()
})

t.test('whom nothing is in the way of', t => {
  const path = make(join(openFolder(t), 'file'), 0o000)
  t.equal(mayAccess(path, { ...NOBODY, uid: 0 }, 'r'), true, 'root')
  t.equal(mayAccess(path, { ...NOBODY, uid: undefined }, 'r'), undefined, 'a user that is not there')
  t.equal(obstacle(join(path, 'none'), NOBODY, 'read'), undefined, 'what is not there')
  t.equal(whyUntried({ ...NOBODY, uid: undefined }), undefined, 'nothing is judged of whom there is not')
  t.end()
})

t.test('the user who asks tries itself', { skip: isRoot ? 'root may do everything' : false }, t => {
  const user: ServiceUser = { ...NOBODY, uid: process.geteuid?.() ?? 0, groups: [] }
  const folder = openFolder(t)
  t.equal(whyUntried(user), undefined)
  t.equal(mayAccess(make(join(folder, 'a'), 0o600), user, 'r'), true)
  t.equal(mayAccess(make(join(folder, 'b'), 0o000), user, 'r'), false)
  t.match(whyUntried(NOBODY), /by owner and mode alone/, 'as another one nothing can be tried')
  t.equal(mayAccess(make(join(folder, 'c'), 0o004), NOBODY, 'r'), true, 'and the mode is looked at')
  t.end()
})

t.test('what is in the way of a user', { skip: ROOT_ALONE }, t => {
  const folder = openFolder(t)
  for (const name of ['open', 'closed', 'closed/in', 'own']) mkdirSync(join(folder, name))
  chmodSync(join(folder, 'open'), 0o711)
  chmodSync(join(folder, 'closed'), 0o700)
  chownSync(join(folder, 'own'), 65_534, 65_534)
  const file = make(join(folder, 'open/file'), 0o644)
  make(join(folder, 'open/secret'), 0o640)
  chownSync(make(join(folder, 'open/shared'), 0o640), 0, GROUP)
  make(join(folder, 'open/script'), 0o755, '#!/bin/sh\n')
  make(join(folder, 'open/half'), 0o711, '#!/bin/sh\n')
  make(join(folder, 'open/program'), 0o711, '\x7fELF')
  make(join(folder, 'closed/in/file'), 0o644)
  symlinkSync('../closed/in/file', join(folder, 'open/link'))
  const cases: [path: string, use: Use, want: string | undefined][] = [
    ['open/file', 'read', undefined],
    ['open/file', 'write', 'it may not write to that file'],
    ['open/secret', 'read', 'it may not read that file'],
    ['open/shared', 'read', undefined],
    ['open/script', 'execute', undefined],
    ['open/half', 'execute', 'it may not run that file'],
    ['open/program', 'execute', undefined],
    ['closed/in/file', 'read', '/closed is closed to that user'],
    ['open/link', 'read', '/closed is closed to that user'],
    ['own', 'fill', undefined],
    ['open', 'fill', 'it may not make files there'],
  ]
  t.equal(whyUntried(NOBODY), undefined)
  for (const [path, use, want] of cases)
    t.equal(obstacle(join(folder, path), NOBODY, use)?.replace(folder, ''), want, `${use} ${path}`)
  const alone = { ...NOBODY, groups: [65_534] }
  t.match(obstacle(join(folder, 'open/shared'), alone, 'read'), /may not read/, 'without that group')
  t.equal(mayByMode(file, NOBODY, 'r'), true)
  t.end()
})

/** A file system of its own there; undefined: this root may not mount. */
function mounted(t: Test, path: string, options: string): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'rights-test', path], { stdio: 'ignore' }).status !== 0)
    return false
  t.teardown(() => execFileSync('umount', [path]))
  return true
}

t.test('what no mode bit tells', { skip: ROOT_ALONE }, async t => {
  await t.test('noexec, and a mount that is read-only', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'rights-mount-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    chmodSync(folder, 0o755)
    const places = ['noexec', 'ro'].map(name => join(folder, name))
    for (const place of places) mkdirSync(place)
    const [noexec, readOnly] = places as [string, string]
    if (!mounted(t, noexec, 'noexec,mode=0777')) {
      t.pass('mounts', { skip: 'this root may not mount' })
      return
    }
    const program = make(join(noexec, 'program'), 0o755, '#!/bin/sh\n')
    t.equal(obstacle(program, NOBODY, 'read'), undefined)
    t.match(obstacle(program, NOBODY, 'execute'), /^it may not run that file, although .* noexec$/)
    t.ok(mounted(t, readOnly, 'ro,mode=0777'))
    t.match(obstacle(readOnly, NOBODY, 'fill'), /^it may not make files there, although .* read-only$/)
  })

  await t.test('an access list', async t => {
    const path = make(join(openFolder(t), 'file'), 0o644)
    // getfattr(1) and setfacl(1) need not be there; the list itself is an attribute: version 2, then tag, rights, whom.
    const entries = [
      [0x01, 6, 0xffffffff],
      [0x02, 0, 65_534],
      [0x04, 4, 0xffffffff],
      [0x10, 4, 0xffffffff],
      [0x20, 4, 0xffffffff],
    ] as const
    const list = Buffer.alloc(4 + 8 * entries.length)
    list.writeUInt32LE(2, 0)
    entries.forEach(([tag, rights, whom], index) => {
      list.writeUInt16LE(tag, 4 + 8 * index)
      list.writeUInt16LE(rights, 6 + 8 * index)
      list.writeUInt32LE(whom, 8 + 8 * index)
    })
    const program = `import os; os.setxattr(${JSON.stringify(path)}, 'system.posix_acl_access', bytes.fromhex('${list.toString('hex')}'))`
    if (spawnSync('python3', ['-c', program], { stdio: 'ignore' }).status !== 0) {
      t.pass('access lists', { skip: 'no Python, or a file system without them' })
      return
    }
    t.equal(mayByMode(path, NOBODY, 'r'), true)
    t.match(obstacle(path, NOBODY, 'read'), /^it may not read that file, although its mode allows it: .* access list/)
  })
})

t.test('without setpriv(1) the mode is looked at', { skip: ROOT_ALONE }, t => {
  const path = make(join(openFolder(t), 'file'), 0o644)
  // Nobody of this number can be tried: groups are needed, and it has none.
  const user: ServiceUser = { ...NOBODY, uid: 65_531, groups: [] }
  t.match(whyUntried(user), /by owner and mode alone/)
  t.equal(mayAccess(path, user, 'r'), true)
  t.equal(mayAccess(path, user, 'w'), false)
  t.end()
})
