import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

/** A device that is always full. */
const FULL = '/dev/full'
const REQUEST = requestBytes(attributesOf({ sender: '' })).toString('latin1')

t.test('output that cannot be written', { skip: existsSync(FULL) ? false : `there is no ${FULL}` }, async t => {
  const folder = t.testdir()
  const file = join(folder, 'conf')
  writeFileSync(file, `$LOGFILE = '${folder}/log'; $LOCKPATH = '${folder}/cache/';`)
  const run = (command: string) => {
    const { status, stderr } = spawnSync('sh', ['-c', command, process.execPath, EXECUTABLE, file], {
      input: REQUEST,
      encoding: 'latin1',
      env: { PATH: '/usr/bin:/bin' },
    })
    return { status, stderr }
  }
  const told = 'policyd-weight: standard output cannot be written (ENOSPC)\n'
  const cases: [command: string, status: number, stderr: string | RegExp][] = [
    ['defaults', 73, told],
    ['unit', 73, told],
    ['check', 73, told],
    ['check --json', 73, told],
    ['completion bash', 73, told],
    // The request was not answered. (What may be told is that there is no user of the service.)
    ['-d', 75, /^(?:policyd-weight: there is no user .*\n.*\n)?$/],
  ]
  for (const [command, status, stderr] of cases) {
    t.match(run(`exec "$0" "$1" -f "$2" ${command} >${FULL}`), { status, stderr }, command)
    // Nobody reads, from the start.
    if (status === 73)
      t.match(run(`{ "$0" "$1" -f "$2" ${command} 3>&-; echo $? >&3; } 3>&2 | true`).stderr, /^(?:0|78)\n$/)
  }
})
