/** `lists --release`: which list is meant, however it is written. */
import t from 'tap'
import { releaseQuarantine } from '../../../src/cli/lists/release-list.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { testNative } from '../../../testkit/native.ts'

const KEY = 'abcdefghij0123456789'
const entry = (host: string, label: string) => ({ host, filter: undefined, hit: 1, miss: 0, label })
const CONFIG = builtinConfig({
  dnsbl_score: [entry('zen.spamhaus.org', 'ZEN'), entry(`${KEY}.zen.dq.spamhaus.net`, 'DQS')],
  rhsbl_score: [entry('dbl.dq.spamhaus.net..no-key', 'DBL')],
})

t.test('which list is meant', async t => {
  const place = { directory: t.testdir({}), fileName: 'policyd-weight.cache' }
  const KNOWN = /^no list is in quarantine: /
  const release = (host: string): RegExp =>
    new RegExp(
      ` is no list of this configuration; if ${host} is meant: policyd-weight -f /b lists --release ${host}\n$`,
    )
  const cases: [label: string, wanted: string, status: number, want: RegExp][] = [
    ['its host', 'zen.spamhaus.org', 69, KNOWN],
    ['in capitals', 'ZEN.Spamhaus.org', 69, KNOWN],
    ['with a final dot', 'zen.spamhaus.org.', 69, KNOWN],
    ['without its key, as it is shown', 'zen.dq.spamhaus.net', 69, KNOWN],
    ['with its key', `${KEY}.zen.dq.spamhaus.net.`, 69, KNOWN],
    ['without a key that is not there', 'dbl.dq.spamhaus.net', 69, KNOWN],
    ['with a filter', 'zen.spamhaus.org=127.0.0.[2..11]', 64, release('zen.spamhaus.org')],
    ['with a dot and a filter', 'zen.spamhaus.org.=127.0.0.4', 64, release('zen.spamhaus.org')],
    ['mistyped', 'zen.spamhouse.org', 64, release('zen.spamhaus.org')],
    ['its label', 'DQS', 64, release('zen.dq.spamhaus.net')],
    [
      'another one',
      'x.example',
      64,
      /^x\.example is no list of this configuration; which there are: policyd-weight -f \/b lists\n$/,
    ],
    ['nothing', '', 64, /^ is no list/],
  ]
  for (const [label, wanted, status, want] of cases)
    t.match(releaseQuarantine(wanted, CONFIG, place, testNative(), '/b'), { status, text: want }, label)
})
