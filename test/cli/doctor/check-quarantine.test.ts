import t from 'tap'
import { checkQuarantine } from '../../../src/cli/doctor/check-quarantine.ts'

t.test('a list in quarantine is a warning, with the reason and what ends it', t => {
  const list = { list: 'bl.example.org', sinceSeconds: 1_700_000_000, why: '127.83.12.9 is listed' }
  t.match(checkQuarantine([list], '/b.conf'), [
    {
      level: 'warning',
      code: 'list-quarantined',
      about: 'bl.example.org',
      text: /^is in quarantine since 2023-11-14T22:13:20\.000Z \(127\.83\.12\.9 is listed\)/,
      remedy: ['policyd-weight -f /b.conf lists --release bl.example.org'],
    },
  ])
  t.strictSame(checkQuarantine([], undefined), [])
  t.strictSame(checkQuarantine(undefined, undefined), [], 'where the cache may not be read')
  t.end()
})
