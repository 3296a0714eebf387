import t from 'tap'
import type { CaseResult } from './executable.ts'
import { readFieldCases, runFieldCases } from './field.ts'

t.test('what went wrong in the field comes out right', async t => {
  const cases = readFieldCases()
  const results: CaseResult[] = []
  await runFieldCases(cases, { node: process.execPath, executable: 'dist/policyd-weight' }, result => {
    results.push(result)
    t.same(result.faults, [], `${result.id}: ${result.class}`)
  })
  t.ok(results.length > 0)
  t.equal(results.length, cases.length, 'every case was run')
})
