import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DaemonError } from '../../src/daemon/daemon-error.ts'
import { findDaemon, parsePidFile, removePidFile, replacePidFile, writePidFile } from '../../src/daemon/pid-file.ts'
import { findProcess } from '../../src/daemon/process-table.ts'

const OWN = [process.geteuid?.() ?? 0]

t.test('what a pid file says', async t => {
  const texts: readonly [text: string, want: object | undefined][] = [
    ['4711\nstart=99\n', { pid: 4711, startTicks: 99 }],
    ['4711', { pid: 4711 }],
    [' 4711 \n', { pid: 4711 }],
    ['', undefined],
    ['0\n', undefined],
    ['1\n', undefined],
    ['-1\n', undefined],
    ['4711 4712\n', undefined],
    ['4711\nstart=x\n', undefined],
    ['99999999999\n', undefined],
  ]
  for (const [text, want] of texts) t.same(parsePidFile(text), want, JSON.stringify(text))
})

t.test('only a process of our name that was started then is the daemon', async t => {
  const path = join(t.testdir(), 'pid')
  const title = process.title
  t.teardown(() => {
    process.title = title
  })
  const startTicks = findProcess(process.pid)?.startTicks ?? 0
  const written = `${process.pid}\nstart=${startTicks}\n`

  writeFileSync(path, written)
  t.equal(findDaemon(path, OWN), undefined, 'another name: the number was given to somebody else')
  process.title = 'policyd-weight (x)'
  t.match(findDaemon(path, OWN), { pid: process.pid, startTicks })
  writeFileSync(path, `${process.pid}\n`)
  t.match(findDaemon(path, OWN), { pid: process.pid }, 'a file of the original')
  writeFileSync(path, `${process.pid}\nstart=${startTicks + 1}\n`)
  t.equal(findDaemon(path, OWN), undefined, 'started at another time')
  writeFileSync(path, '4194305\n')
  t.equal(findDaemon(path, OWN), undefined, 'no such process')
  t.equal(findDaemon(join(path, '..', 'none'), OWN), undefined, 'no such file')

  writeFileSync(path, written)
  t.throws(() => writePidFile(path, OWN), { name: 'DaemonError', status: 69 }, 'a daemon that runs is not replaced')
  writeFileSync(path, '4194305\n')
  writePidFile(path, OWN)
  t.equal(readFileSync(path, 'latin1'), written, 'a stale file is')
  removePidFile(path, OWN)
  removePidFile(path, OWN)
  t.notOk(existsSync(path))
})

t.test('another daemon takes the place of the one that the file names', async t => {
  const folder = t.testdir({})
  const path = join(folder, 'pid')
  const title = process.title
  t.teardown(() => {
    process.title = title
  })
  process.title = 'policyd-weight (x)'
  const own = findProcess(process.pid)
  const parent = findProcess(process.ppid)
  if (!own || !parent) throw new Error('no /proc')
  const written = `${own.pid}\nstart=${own.startTicks}\n`
  const want = `${parent.pid}\nstart=${parent.startTicks}\n`
  for (const [label, text] of [
    ['it runs', written],
    ['it has ended by itself', '4194305\n'],
    ['its file is gone', ''],
  ] as const) {
    writeFileSync(path, text)
    replacePidFile(path, OWN, own, parent.pid)
    t.equal(readFileSync(path, 'latin1'), want, label)
  }
  writeFileSync(path, written)
  t.throws(
    () => replacePidFile(path, OWN, parent, parent.pid),
    { name: 'DaemonError', status: 69 },
    'it names a third one',
  )
  t.equal(readFileSync(path, 'latin1'), written)
  t.same(readdirSync(folder), ['pid'])
})

t.test('a file that others may have written, or that is none, is neither believed nor written to', async t => {
  const folder = t.testdir({ victim: 'precious\n', directory: {} })
  const link = join(folder, 'link')
  symlinkSync(join(folder, 'victim'), link)
  const open = join(folder, 'open')
  writeFileSync(open, `${process.pid}\n`)
  chmodSync(open, 0o666)
  for (const path of [link, open, join(folder, 'directory')]) {
    t.throws(() => findDaemon(path, OWN), DaemonError, `not believed: ${path}`)
    t.throws(() => writePidFile(path, OWN), DaemonError, `not written: ${path}`)
  }
  t.equal(readFileSync(join(folder, 'victim'), 'latin1'), 'precious\n')
  t.ok(lstatSync(link).isSymbolicLink())
})

t.test('a file that is none is not removed, whatever $PIDFILE names', t => {
  const folder = t.testdir({ victim: 'precious\n', pid: '4194305\nstart=1\n', empty: '' })
  const path = (name: string): string => join(folder, name)
  symlinkSync(path('pid'), path('link'))
  for (const name of ['victim', 'link']) {
    t.throws(() => removePidFile(path(name), OWN), DaemonError, name)
    t.throws(() => writePidFile(path(name), OWN), DaemonError, name)
    t.ok(lstatSync(path(name)), `${name} is there`)
    t.equal(adviceOn(() => removePidFile(path(name), OWN)).includes(`rm ${path(name)}`), name === 'link', name)
  }
  for (const name of ['pid', 'empty', 'none']) {
    removePidFile(path(name), OWN)
    t.notOk(existsSync(path(name)), `${name} is gone`)
  }
  t.end()
})

/** The message of the error that comes. */
function adviceOn(work: () => void): string {
  try {
    work()
    return ''
  } catch (error) {
    return error instanceof DaemonError ? error.message : ''
  }
}

t.test('nothing is to be removed that may be anything', t => {
  const folder = t.testdir({ directory: {}, open: 'precious\n', pid: '4711\n' })
  for (const name of ['open', 'pid']) chmodSync(join(folder, name), 0o666)
  for (const [name, isRemoved] of [
    ['directory', false],
    ['open', false],
    ['pid', true],
  ] as const) {
    const path = join(folder, name)
    const advice = adviceOn(() => findDaemon(path, OWN))
    t.match(advice, `the pid file ${path} `, name)
    t.equal(advice.endsWith(`name another one ($PIDFILE) or remove it: rm ${path}`), isRemoved, name)
  }
  t.end()
})

t.test('where it cannot be written, the error says so', async t => {
  t.throws(() => writePidFile(join(t.testdir(), 'none', 'pid'), OWN), { name: 'DaemonError', status: 73 })
})
