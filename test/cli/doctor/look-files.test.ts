import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { codeCacheState, isSocket, lookAtFile, obstacle, programOf } from '../../../src/cli/doctor/look-files.ts'
import type { ServiceUser } from '../../../src/cli/service-user.ts'
import { preparedPath } from '../../../src/prepared.ts'
import { EXECUTABLE } from '../../support/executable.ts'

const STRANGER: ServiceUser = { name: 'polw', group: 'polw', uid: 65_533, groups: [65_533] }

t.test('what lies where argv points', t => {
  const folder = t.testdir({
    perl: '#!/usr/bin/perl -w\n',
    text: 'hello',
    empty: '',
    folder: {},
    link: t.fixture('symlink', EXECUTABLE),
  })
  const cases: [path: string, wantKind: string, wantProgram: string][] = [
    [EXECUTABLE, 'file', 'ours'],
    [join(folder, 'link'), 'file', 'ours'],
    [join(folder, 'perl'), 'file', 'original'],
    [join(folder, 'text'), 'file', 'other'],
    [join(folder, 'empty'), 'file', 'other'],
    [join(folder, 'folder'), 'no-file', 'unknown'],
    ['/dev/null', 'no-file', 'unknown'],
    [join(folder, 'none'), 'missing', 'unknown'],
    [join(folder, 'text', 'none'), 'missing', 'unknown'],
  ]
  for (const [path, wantKind, wantProgram] of cases) {
    const { kind, program } = lookAtFile(path)
    t.strictSame([kind, program], [wantKind, wantProgram], path)
  }
  t.equal(lookAtFile(join(folder, 'link')).realPath, EXECUTABLE)
  symlinkSync('loop', join(folder, 'loop'))
  t.equal(lookAtFile(join(folder, 'loop')).kind, 'hidden')
  t.equal(programOf(Buffer.from('#!/usr/bin/node\n// policyd-weight 1.2.3')), 'ours', 'whatever the path of Node')
  t.equal(programOf(Buffer.from('#!/usr/bin/node\nconst PARTS=()=>{/*')), 'ours', 'version 0.2.0')
  t.end()
})

t.test('what is in the way of a user', t => {
  const folder = t.testdir({ open: { file: 'x', script: '#!/bin/sh\n', program: '\x7fELF' }, closed: { file: 'x' } })
  // Above the folder of a test there may be anything; what is looked for lies inside.
  const inTheWay = (path: string, use: 'read' | 'execute'): string | undefined =>
    obstacle(join(folder, path), STRANGER, use)?.replace(folder, '')
  for (const [path, mode] of [
    ['', 0o755],
    ['open', 0o711],
    ['open/file', 0o644],
    ['open/script', 0o755],
    ['open/program', 0o711],
    ['closed', 0o700],
    ['closed/file', 0o644],
  ] as const)
    chmodSync(join(folder, path), mode)
  const above = obstacle(join(folder, 'open'), STRANGER, 'read')
  if (above === undefined) {
    t.equal(inTheWay('open/file', 'read'), undefined)
    t.equal(inTheWay('open/script', 'execute'), undefined)
    t.equal(inTheWay('open/program', 'execute'), undefined, 'a program need not be readable')
    t.equal(inTheWay('closed/file', 'read'), '/closed is closed to others')
    chmodSync(join(folder, 'open/file'), 0o640)
    t.equal(inTheWay('open/file', 'read'), 'it may not read that file')
    chmodSync(join(folder, 'open/script'), 0o711)
    t.equal(inTheWay('open/script', 'execute'), 'it may not run that file', 'a script has to be read')
  } else t.match(above, /is closed to others|may not/)
  t.equal(obstacle(join(folder, 'none'), { ...STRANGER, uid: 0 }, 'read'), undefined, 'nothing is in the way of root')
  t.equal(
    obstacle(join(folder, 'closed/file'), { ...STRANGER, uid: undefined }, 'read'),
    undefined,
    'a user that is not there',
  )
  t.end()
})

t.test('sockets', async t => {
  const path = join(t.testdir({ file: '' }), 'socket')
  const server = createServer().listen(path)
  await once(server, 'listening')
  t.equal(isSocket(path), true)
  t.equal(isSocket(join(path, '..', 'file')), false)
  t.equal(isSocket(join(path, '..', 'none')), false)
  server.close()
})

t.test('the code cache', t => {
  const folder = t.testdir()
  const program = join(folder, 'policyd-weight')
  writeFileSync(program, '')
  const own = { path: program, buildId: [1, 2] as const }
  const state = (node: string): string => codeCacheState(program, node, own)
  t.equal(state(process.execPath), 'missing')
  t.equal(state('/other/node'), 'missing')
  const cache = preparedPath(program)
  writeFileSync(cache, Buffer.from(Int32Array.from([1, 2, 0]).buffer))
  t.equal(state(process.execPath), 'ready')
  t.equal(state('/other/node'), 'ready', 'of another Node: there is one, more is not known')
  writeFileSync(cache, Buffer.from(Int32Array.from([1, 3, 0]).buffer))
  t.equal(state(process.execPath), 'outdated')
  t.equal(codeCacheState(program, process.execPath, { ...own, path: '/other' }), 'ready', 'of another program, too')
  mkdirSync(join(folder, 'x'))
  t.equal(codeCacheState('/none/x', '/other/node', own), 'unknown')
  t.end()
})
