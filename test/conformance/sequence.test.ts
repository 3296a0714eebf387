import t from 'tap'
import type { CaseResult } from './executable.ts'
import { readRecordedSequences, runSequences } from './sequence.ts'

t.test('the executable answers every recorded sequence of requests, byte for byte', async t => {
  const sequences = readRecordedSequences()
  t.equal(sequences.length, 118)
  const results: CaseResult[] = []
  await runSequences(sequences, { node: process.execPath, executable: 'dist/policyd-weight' }, result => {
    results.push(result)
    t.same(result.faults, [], `${result.id} (${result.class})`)
  })
  t.equal(results.length, sequences.length, 'every sequence was run')
})
