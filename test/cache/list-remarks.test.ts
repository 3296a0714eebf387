import t from 'tap'
import { describeListChange } from '../../src/cache/list-remarks.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import type { ListTrouble } from '../../src/lists/classify.ts'

const KEY = 'abcdefghijklmnopqrstuvwxyz'
const blocked = (code: string): ListTrouble => ({ kind: 'blocked', code })

t.test('the log says why a list is left alone, and what helps', t => {
  const cases: [label: string, host: string, trouble: ListTrouble | undefined, errors: number, want: string][] = [
    [
      'a public resolver',
      'zen.spamhaus.org',
      blocked('127.255.255.254'),
      3,
      'list zen.spamhaus.org refused 3 times in a row (127.255.255.254: public or cloud resolver; use a resolver of your own or a free DQS key) and is skipped 10 times',
    ],
    [
      'too many queries',
      'list.dnswl.org',
      blocked('127.0.0.255'),
      3,
      'list list.dnswl.org refused 3 times in a row (127.0.0.255: too many queries; ask less, or subscribe at dnswl.org) and is skipped 10 times',
    ],
    [
      'a code of a range',
      'list.dnswl.org',
      blocked('127.0.10.3'),
      3,
      'list list.dnswl.org refused 3 times in a row (127.0.10.3: far too many queries: everybody is trusted; ask less, or subscribe at dnswl.org) and is skipped 10 times',
    ],
    [
      'a key that is disabled, and is not told',
      `${KEY}.zen.dq.spamhaus.net`,
      blocked('127.255.255.250'),
      3,
      'list zen.dq.spamhaus.net refused 3 times in a row (127.255.255.250: the key is disabled; look at the account it belongs to) and is skipped 10 times',
    ],
    [
      'a failure that has a meaning',
      'b.barracudacentral.org',
      { kind: 'broken', why: 'servfail' },
      1,
      'list b.barracudacentral.org failed 1 time in a row (SERVFAIL: the resolver is not registered; register its address at Barracuda Central) and is skipped 10 times',
    ],
    [
      'a code that nobody explains',
      'bl.example.org',
      blocked('127.255.255.1'),
      3,
      "list bl.example.org refused 3 times in a row (127.255.255.1: the list refuses this resolver; use a resolver of your own, or ask the list's operator) and is skipped 10 times",
    ],
    [
      'silence',
      'bl.example.org',
      { kind: 'timeout' },
      3,
      'list bl.example.org failed 3 times in a row (no answer) and is skipped 10 times',
    ],
    [
      'a parked domain',
      'bl.example.org',
      { kind: 'broken', why: 'outside-127' },
      3,
      'list bl.example.org failed 3 times in a row (an address outside of 127/8: its domain may have expired; look whether the list still exists) and is skipped 10 times',
    ],
    ['well again, with a key', `${KEY}.dbl.dq.spamhaus.net`, undefined, 0, 'list dbl.dq.spamhaus.net answers again'],
  ]
  for (const [label, host, trouble, errorsInRow, want] of cases)
    t.equal(describeListChange({ host, trouble, errorsInRow }, builtinConfig()), want, label)
  t.end()
})

t.test('a configured zone: its own codes, its own secret', t => {
  const config = builtinConfig({ zone_codes: [{ zone: 'dq.example.net', words: 'secret refused=127.0.0.250' }] })
  const change = { host: `${KEY}.dq.example.net`, trouble: blocked('127.0.0.250'), errorsInRow: 3 }
  t.match(describeListChange(change, config), /^list dq\.example\.net refused 3 times in a row \(127\.0\.0\.250: /)
  t.end()
})
