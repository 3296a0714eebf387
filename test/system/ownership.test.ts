import { chmodSync, chownSync, closeSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRootsOwn, openTrusted } from '../../src/system/ownership.ts'
import { socketFolder } from '../../testkit/daemon-process.ts'

const IS_ROOT = process.geteuid?.() === 0
const NOBODY = 65_534

t.test("what is root's own", t => {
  const folder = socketFolder(t)
  const path = (...names: string[]): string => join(folder, ...names)
  for (const name of ['own', 'open', 'others']) mkdirSync(path(name))
  mkdirSync(path('open', 'own'))
  mkdirSync(path('others', 'own'))
  if (IS_ROOT) chownSync(path('others'), NOBODY, NOBODY)
  symlinkSync('own', path('link'))
  symlinkSync(path('own'), path('others', 'link'))
  symlinkSync(path('others', 'link'), path('detour'))
  symlinkSync('circle', path('circle'))
  chmodSync(path('open'), 0o777)
  const cases: [label: string, path: string, want: boolean][] = [
    ['a directory', path('own'), IS_ROOT],
    ['with a slash behind it', `${path('own')}/`, IS_ROOT],
    ["a link of root's", path('link'), IS_ROOT],
    ['one that everybody can write', path('open'), false],
    ['one in that', path('open', 'own'), false],
    ["one of root's in one of others", path('others', 'own'), false],
    ["a link of others to one of root's", path('others', 'link'), false],
    ["a link of root's to that", path('detour'), false],
    ['nothing', path('none'), false],
    ['a link to itself', path('circle'), false],
    ['one that all write, and only the owner removes from', '/tmp', false],
  ]
  for (const [label, directory, want] of cases) t.equal(isRootsOwn(directory), want, label)
  t.end()
})

t.test('which files are believed', t => {
  const folder = t.testdir({ good: '', open: '', others: '', folder: {} })
  for (const name of ['good', 'others']) chmodSync(join(folder, name), 0o644)
  chmodSync(join(folder, 'open'), 0o664)
  symlinkSync('good', join(folder, 'link'))
  writeFileSync(join(folder, 'large'), Buffer.alloc(16 * 1024 * 1024 + 1), { mode: 0o644 })
  if (IS_ROOT) chownSync(join(folder, 'others'), NOBODY, NOBODY)
  const isBelieved = (name: string, mayOwn?: (uid: number) => boolean): boolean => {
    const file = openTrusted(join(folder, name), mayOwn)
    if (file) closeSync(file.descriptor)
    return file !== undefined
  }
  t.equal(isBelieved('good'), true)
  t.equal(
    isBelieved('good', () => false),
    false,
  )
  for (const name of ['open', 'link', 'folder', 'large', 'none']) t.equal(isBelieved(name), false, name)
  t.equal(isBelieved('others'), !IS_ROOT)
  t.equal(
    isBelieved('others', uid => uid === NOBODY || !IS_ROOT),
    true,
  )
  t.end()
})
