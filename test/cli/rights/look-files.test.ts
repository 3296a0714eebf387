import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { codeCacheState, isSocket, lookAtFile, programOf } from '../../../src/cli/rights/look-files.ts'
import { preparedPath } from '../../../src/boot/prepared.ts'
import { EXECUTABLE } from '../../../testkit/executable.ts'

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
