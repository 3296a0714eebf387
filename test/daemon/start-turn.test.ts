import { closeSync, constants, openSync } from 'node:fs'
import t from 'tap'
import { takeStartTurn } from '../../src/daemon/start-turn.ts'
import { testNative } from '../../testkit/native.ts'

const native = testNative()

t.test('a turn is one at a time, and given back', t => {
  const directory = t.testdir()
  const other = openSync(directory, constants.O_RDONLY)
  const end = takeStartTurn(directory, native)
  t.notOk(native.lock(other, 0), 'nobody else has it')
  end()
  t.ok(native.lock(other, 0))
  closeSync(other)
  end()
  t.end()
})

t.test('a start goes on without', t => {
  const directory = t.testdir()
  const cases = [
    { label: 'no directory', directory: `${directory}/none`, native },
    { label: 'no native part', directory, native: { kind: 'unavailable', why: 'none' } as const },
  ]
  for (const { label, directory, native } of cases) t.doesNotThrow(() => takeStartTurn(directory, native)(), label)
  const other = openSync(directory, constants.O_RDONLY)
  native.lock(other, 0)
  t.doesNotThrow(() => takeStartTurn(directory, native)(), 'somebody keeps it locked')
  closeSync(other)
  t.end()
})
