import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findExceeded, LIMITS } from '../../scripts/budgets/limits.ts'
import { countCalls } from '../../scripts/budgets/trace.ts'

t.test('limits', t => {
  const limits = [
    { name: 'a', title: 'a', most: 3, today: 2, why: '' },
    { name: 'b', title: 'b', most: -1, today: -2, why: '' },
  ]
  const cases: readonly [label: string, figures: Record<string, number>, want: readonly string[]][] = [
    ['at the limits', { a: 3, b: -1 }, []],
    ['beyond one', { a: 3.01, b: -5 }, ['a']],
    ['beyond both', { a: 4, b: 0 }, ['a', 'b']],
    ['not measured', { b: -1 }, ['a']],
    ['no number', { a: Number.NaN, b: -1 }, ['a']],
  ]
  for (const [label, figures, want] of cases)
    t.same(
      findExceeded(limits, figures).map(({ name }) => name),
      want,
      label,
    )
  t.equal(new Set(LIMITS.map(({ name }) => name)).size, LIMITS.length, 'each has a name of its own')
  for (const { name, most, today } of LIMITS) t.ok(today <= most, `${name}: what was measured is within the limit`)
  t.end()
})

t.test('traces', t => {
  const cases: readonly [label: string, trace: string, want: ReturnType<typeof countCalls>][] = [
    ['nothing', '', { all: 0, own: 0, opens: 0 }],
    ['without process ids', 'read(3, "x", 1) = 1\n', { all: 1, own: 1, opens: 0 }],
    [
      'a call that is interrupted counts once',
      '7 openat(AT_FDCWD, "/x", O_RDONLY <unfinished ...>\n8 futex(0x1, FUTEX_WAKE) = 0\n7 <... openat resumed>) = 3\n',
      { all: 2, own: 1, opens: 1 },
    ],
    [
      'signals and ends are no calls',
      '7 --- SIGCHLD {si_signo=SIGCHLD} ---\n7 +++ exited with 0 +++\n',
      { all: 0, own: 0, opens: 0 },
    ],
    ['a failed attempt counts', '12  open("/x", 0) = -1 ENOENT (No such file)\n', { all: 1, own: 1, opens: 1 }],
  ]
  for (const [label, trace, want] of cases) t.same(countCalls(trace), want, label)
  t.end()
})

t.test('what a start loads and compiles is noted', t => {
  const folder = t.testdir({
    'main.cjs': `
      const { Script } = require('node:vm')
      new Script('1 + 1', { filename: 'program' }).runInThisContext()
      require('node:dgram')
    `,
  })
  const note = join(folder, 'note.json')
  const hook = 'scripts/budgets/watch-start.cjs'
  const { status, stderr } = spawnSync(
    '/usr/bin/env',
    ['-i', `STARTED_JSON=${note}`, process.execPath, '--require', `./${hook}`, join(folder, 'main.cjs')],
    { encoding: 'utf8' },
  )
  t.equal(status, 0, stderr)
  const { modules, programs } = JSON.parse(readFileSync(note, 'utf8'))
  t.ok(modules.includes('NativeModule dgram'))
  t.notOk(modules.includes('NativeModule net'))
  t.same(programs, [{ name: 'program', bytes: 5, isCached: false }])
  execFileSync('/usr/bin/env', ['-i', `STARTED_JSON=${note}`, process.execPath, '--require', `./${hook}`, '-e', '0'])
  t.notOk(JSON.parse(readFileSync(note, 'utf8')).modules.includes('NativeModule dgram'), 'nothing else is')
  t.end()
})
