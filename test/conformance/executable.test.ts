import t from 'tap'
import { type CaseResult, MAX_QUERIES, runCases } from './executable.ts'
import { readRecordedCases } from './recorded-case.ts'

// Cases with silent name servers wait for them: minutes of waiting, not of work.
t.test('the executable answers and logs every recorded case, byte for byte', async t => {
  const cases = readRecordedCases()
  const results: CaseResult[] = []
  await runCases(cases, { node: process.execPath, executable: 'dist/policyd-weight' }, result => {
    results.push(result)
    t.same(result.faults, [], `${result.id} (${result.class})`)
  })
  t.equal(results.length, cases.length, 'every case was run')
  const worst = Math.max(...results.map(result => result.queries))
  t.ok(worst <= MAX_QUERIES, `DNS queries of the worst case: ${worst}, at most ${MAX_QUERIES}`)
})
