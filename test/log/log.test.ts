import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { notice, warning } from '../../src/log/event.ts'
import { lineOf } from '../../src/log/line.ts'
import { Log } from '../../src/log/log.ts'
import { writeWithLogger } from '../../src/log/logger.ts'
import type { Native } from '../../src/system/native/native.ts'

/** A log file needs no native part. */
const noNative = (): never => {
  throw new Error('asked for the native part')
}

t.test('$LOGFILE: whole lines with time and process id, appended', async t => {
  const file = join(t.testdir({ log: 'before\n' }), 'log')
  const log = new Log(builtinConfig({ LOGFILE: file }), noNative)
  log.add(warning('one'))
  log.add(undefined)
  log.add(warning('two'))
  t.equal(readFileSync(file, 'utf8'), 'before\n', 'nothing is written before the flush')
  await log.flush()
  await log.flush()
  const stamp = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[${process.pid}\]: `
  t.match(readFileSync(file, 'utf8'), new RegExp(`^before\n${stamp}warning: one\n${stamp}warning: two\n$`))
})

t.test('a log that cannot be written stops nothing', async t => {
  const folder = t.testdir({})
  spawnSync('mkfifo', [join(folder, 'fifo')])
  for (const file of [join(folder, 'no', 'such', 'folder'), folder, join(folder, 'fifo')]) {
    const log = new Log(builtinConfig({ LOGFILE: file }), noNative)
    log.add(warning('lost'))
    await t.resolves(async () => log.flush(), file)
  }
})

t.test('the queue is bounded', async t => {
  const file = join(t.testdir({}), 'log')
  const log = new Log(builtinConfig({ LOGFILE: file }), noNative)
  for (let i = 0; i < 5000; i++) log.add(warning('x'))
  await log.flush()
  t.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 1000)
})

/** Puts a logger(1) in the way of the system's; what it prints is in the file that is returned. */
function withLogger(t: Test, script: string): string {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'bin'))
  const record = join(folder, 'record')
  writeFileSync(join(folder, 'bin', 'logger'), `#!/bin/sh\nexec >> '${record}'\n${script}\n`)
  chmodSync(join(folder, 'bin', 'logger'), 0o755)
  const path = process.env.PATH
  process.env.PATH = `${join(folder, 'bin')}:${path}`
  t.teardown(() => {
    process.env.PATH = path
  })
  return record
}

t.test('syslog: one logger(1) per severity, no text as an argument', t => {
  const record = withLogger(t, `printf '%s\\n' "$*"; cat`)
  const config = builtinConfig({ syslog_facility: 'local3', syslog_priority: 'notice', syslog_ident: 'polw' })
  const info = { severity: 'info', text: '-x $(id)' } as const
  writeWithLogger([info, info, lineOf(warning('w'), false)], config)
  const tag = `polw[${process.pid}]`
  t.equal(
    readFileSync(record, 'utf8'),
    `-p local3.notice -t ${tag}\n-x $(id)\n-x $(id)\n-p local3.warning -t ${tag}\nwarning: w\n`,
  )
  t.end()
})

t.test('a logger(1) that hangs is waited for once, however many it would take', t => {
  const record = withLogger(t, 'echo begun; exec sleep 60')
  const [info, warned] = [lineOf(notice('n'), false), lineOf(warning('w'), false)]
  writeWithLogger([info, warned, info, warned], builtinConfig())
  t.equal(readFileSync(record, 'utf8'), 'begun\n')
  t.end()
})

t.test('a host without logger(1) answers all the same', t => {
  const path = process.env.PATH
  process.env.PATH = t.testdir({})
  t.teardown(() => {
    process.env.PATH = path
  })
  t.doesNotThrow(() => writeWithLogger([lineOf(warning('w'), false)], builtinConfig()))
  t.end()
})

t.test('what $LOGFILE does not take goes to syslog, which is told once until it takes lines again', async t => {
  const texts: string[] = []
  const native = {
    kind: 'native',
    writeLog: (_priority: number, _tag: string, text: string) => texts.push(text) > 0,
  } as unknown as Native
  const folder = t.testdir({})
  const file = join(folder, 'var', 'log')
  const log = new Log(builtinConfig({ LOGFILE: file }), () => native)
  const write = async (text: string): Promise<void> => {
    log.add(notice(text))
    await log.flush()
  }
  await write('one')
  await write('two')
  mkdirSync(join(folder, 'var'))
  await write('three')
  t.match(readFileSync(file, 'utf8'), /^\S+ \[\d+\]: three\n$/)
  rmSync(join(folder, 'var'), { recursive: true })
  await write('four')
  const told = `warning: ${file} cannot be written (ENOENT); lines go to syslog`
  t.strictSame(texts, [told, 'one', 'two', told, 'four'])
})

t.test('syslog(3): each line with its priority; what was not taken is told when something is', async t => {
  const calls: unknown[][] = []
  let takes = true
  const native = {
    kind: 'native',
    map: noNative,
    lock: noNative,
    unlock: noNative,
    writeLog: (...args: unknown[]) => {
      calls.push(args)
      return takes
    },
  } as unknown as Native
  const log = new Log(builtinConfig({ syslog_facility: 'local3', syslog_priority: 'notice' }), () => native)
  log.add(notice('%s %n'))
  await log.flush()
  log.add(warning('w'))
  await log.flush()
  takes = false
  log.add(notice('lost'))
  log.add(notice('lost as well'))
  await log.flush()
  takes = true
  log.add(notice('again'))
  await log.flush()
  const local3 = 19 << 3
  const tag = `postfix/policyd-weight[${process.pid}]`
  t.strictSame(calls, [
    [local3 + 5, tag, '%s %n'],
    [local3 + 4, tag, 'warning: w'],
    [local3 + 5, tag, 'lost'],
    [local3 + 5, tag, 'lost as well'],
    [local3 + 4, tag, 'warning: 2 lines lost: the log daemon hung'],
    [local3 + 5, tag, 'again'],
  ])
})
