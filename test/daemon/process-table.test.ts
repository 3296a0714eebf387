import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ageSeconds, childrenOf, findProcess } from '../../src/daemon/process-table.ts'
import { waitFor } from '../../testkit/wait-for.ts'

t.test('a process is known by its id, what it calls itself, and when it was started', async t => {
  // The kernel shows the name of the file in parentheses, in the middle of a line of fields, whatever is in it.
  const program = join(t.testdir(), 'a) Z (b')
  symlinkSync('/bin/sleep', program)
  const child = spawn(program, ['1000'], { stdio: 'ignore' })
  const { pid = 0 } = child
  await waitFor('the program', () => findProcess(pid)?.title === program)
  t.equal(findProcess(pid)?.startTicks, findProcess(pid)?.startTicks, 'which does not change')
  t.ok(childrenOf(process.pid).includes(pid))
  const found = findProcess(pid)
  t.ok(found && ageSeconds(found) >= 0 && ageSeconds(found) < 3600, 'it is not old')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  t.equal(findProcess(pid), undefined)
  t.same(childrenOf(pid), [])
  const self = findProcess(process.pid)
  t.ok(self && found && self.startTicks <= found.startTicks, 'we were started first')
})

t.test('what is not there is undefined', async t => {
  for (const pid of [4_194_305, -1, Number.NaN]) t.equal(findProcess(pid), undefined, String(pid))
})
