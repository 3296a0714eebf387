import t from 'tap'
import { matches, parseWanted, parseWords } from '../../../src/cli/why/wanted.ts'
import { listOf } from '../../../src/cli/why/wanted-list.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { localTime, parseSince } from '../../../src/cli/why/since.ts'

const DECISION = {
  id: '7QK2M01N4B',
  request: {
    client_address: '2001:DB8::9',
    client_name: 'Mail.Example.org',
    helo_name: '[192.0.2.1]',
    sender: 'Alice+tag@news.example.com',
    recipient: 'info@example.net',
  },
}

t.test('what a word fits', t => {
  const cases: [label: string, word: string, want: boolean][] = [
    ['its reference', '7QK2M01N4B', true],
    ['as it was heard on the telephone', '7qk2m-o1n4b', true],
    ['I, L and O', '7QK2MOIN4B', true],
    ['another reference', '7QK2M01N4C', false],
    ['the client, written otherwise', '2001:0db8:0:0:0:0:0:9', true],
    ['another client', '192.0.2.9', false],
    ['its network', '2001:db8::/32', true],
    ['another network', '2001:db9::/32', false],
    ['a network of the other version', '192.0.2.0/24', false],
    ['an address in HELO', '192.0.2.1', true],
    ['the sender', 'alice+tag@news.example.com', true],
    ['in brackets, in any case', '<ALICE+tag@news.example.com>', true],
    ['the recipient', 'info@example.net', true],
    ['whatever domain', 'info@', true],
    ['whoever in a domain', '@example.net', true],
    ['another domain', '@example.com', false],
    ['no sender', '<>', false],
    ['the name of the client', 'mail.example.org', true],
    ['with a dot behind', 'mail.example.org.', true],
    ['a domain above', 'example.org', true],
    ['the same, with a dot in front', '.example.com', true],
    ['a name that merely ends alike', 'ample.org', false],
    ['nothing', 'zzz', false],
    ['a name of every object', 'constructor', false],
  ]
  for (const [label, word, want] of cases) t.equal(matches(DECISION, [parseWanted(word)]), want, label)
  t.ok(matches(DECISION, ['2001:db8::9', 'info@'].map(parseWanted)), 'both')
  t.notOk(matches(DECISION, ['2001:db8::9', 'sales@'].map(parseWanted)), 'not both')
  const bounce = { id: '', request: { ...DECISION.request, sender: '' } }
  t.ok(matches(bounce, [parseWanted('<>')]), 'a bounce')
  const mailserver = { id: '', request: { helo_name: 'mailserver' } }
  t.ok(matches(mailserver, [parseWanted('mailserver')]), 'ten letters that could be a reference')
  t.ok(matches({ id: '', request: { sender: '~5f0c@x' } }, [{ word: 'a@x', mailbox: 'a@x', hidden: '~5f0c@x' }]))
  t.end()
})

t.test('the reference of a repeated refusal, whose decision is older than is asked, or was never written down', t => {
  const repeated = { ...DECISION, id: 'ZZZZZZZZZZ', repeats: '7QK2M01N4B' }
  t.ok(matches(repeated, [parseWanted('7QK2M01N4B')]))
  t.ok(matches(repeated, [parseWanted('ZZZZZZZZZZ')]))
  t.notOk(matches(repeated, [parseWanted('7QK2M01N4C')]))
  t.end()
})

t.test('a list is found by its host and its label, where it counted', t => {
  const entry = { filter: undefined, hit: 3, miss: 0 }
  const config = builtinConfig({
    dnsbl_score: [
      { ...entry, host: 'zen.spamhaus.org', label: 'ZEN' },
      { ...entry, host: 'abcdefghijklmnopqrst.zen.dq.spamhaus.net', label: 'DQS' },
    ],
    dnswl_score: [{ ...entry, host: 'list.dnswl.org', label: 'DNSWL' }],
    rhsbl_score: [
      { ...entry, host: 'dbl.example', label: 'DBL' },
      { ...entry, host: 'other.example', label: 'ZEN' },
    ],
  })
  const found = (list: string) =>
    ({ type: 'A', name: `x.${list}`, list, answer: { kind: 'found', values: [] } }) as const
  const decisions = {
    zen: { rules: [{ rule: 'IN_ZEN' }], lookups: [found('zen.spamhaus.org')] },
    logged: { rules: [{ rule: 'IN_ZEN' }] },
    helo: { rules: [{ rule: 'HELO_IN_DBL' }], lookups: [found('dbl.example')] },
    dqs: { rules: [{ rule: 'IN_DQS' }], lookups: [found('zen.dq.spamhaus.net')] },
    allowed: { rules: [{ rule: 'IN_DNSWL' }], lookups: [found('list.dnswl.org')] },
    clean: { rules: [{ rule: 'NOT_IN_ZEN' }, { rule: 'NOT_IN_DQS' }], lookups: [] },
    trouble: { rules: [{ rule: 'DQS' }], lookups: [found('zen.dq.spamhaus.net')] },
  }
  const cases: readonly (readonly [word: string, want: readonly (keyof typeof decisions)[]])[] = [
    ['zen.spamhaus.org', ['zen', 'logged']],
    ['ZEN.spamhaus.org.', ['zen', 'logged']],
    ['zen.spamhaus.org=127.0.0.4', ['zen', 'logged']],
    ['other.example', ['logged']],
    ['zen', ['zen', 'logged']],
    ['dbl.example', ['helo']],
    ['DBL', ['helo']],
    ['zen.dq.spamhaus.net', ['dqs']],
    ['abcdefghijklmnopqrst.zen.dq.spamhaus.net', ['dqs']],
    ['list.dnswl.org', ['allowed']],
    ['spamhaus.org', []],
    ['constructor', []],
  ]
  for (const [word, want] of cases) {
    const list = listOf(word, config)
    const wanted = { ...parseWanted(word), ...(list && { list }) }
    const got = Object.entries(decisions).filter(([, decision]) =>
      matches({ id: '', request: {}, ...decision }, [wanted]),
    )
    t.same(
      got.map(([name]) => name),
      want,
      word,
    )
  }
  t.end()
})

t.test('a client behind a NAT64 is found by either address', t => {
  const behind = { id: '', request: { client_address: '64:ff9b::c000:201' } }
  for (const word of ['192.0.2.1', '64:ff9b::192.0.2.1', '::ffff:192.0.2.1'])
    t.ok(matches(behind, [parseWanted(word)]), word)
  t.notOk(matches(behind, [parseWanted('192.0.2.2')]))
  t.notOk(matches({ id: '', request: { client_address: 'unknown' } }, [parseWanted('192.0.2.1')]))
  t.end()
})

t.test('words as they are pasted', t => {
  const cases: [label: string, words: string[], want: boolean][] = [
    ['a whole refusal', ['550 5.7.1 Mail appeared to be SPAM or forged; ref 7QK2M01N4B'], true],
    ['the same without quotes', ['550', '5.7.1', 'Mail', 'appeared', 'to', 'be;', 'ref', '7QK2M01N4B'], true],
    ['a bounce that is wrapped', ['said: 550 5.7.1 x; ref\n    7QK2M01N4B (in reply to RCPT TO command)'], true],
    [
      'a line of Postfix, whose client says another reference as its HELO',
      ['reject: 550 5.7.1 x; ref 7QK2M01N4B; from=<a@b> to=<c@d> proto=ESMTP helo=<x.ref:0123456789>'],
      true,
    ],
    ['the reference of another', ['550 5.7.1 x; ref 7QK2M01N4C'], false],
    ['what only ends alike', ['xref 7QK2M01N4B'], false],
    ['blanks around it', [' 2001:db8::9 ', 'info@\n'], true],
  ]
  for (const [label, words, want] of cases) {
    const wanted = parseWords(words)
    t.equal(typeof wanted !== 'string' && matches(DECISION, wanted), want, label)
  }
  t.match(parseWords(['192.0.2.9/24']), /the network is 192\.0\.2\.0\/24/)
  t.same(parseWords(['', ' ']), [], 'nothing')
  t.end()
})

t.test('since when', t => {
  const now = new Date(2026, 0, 31, 12, 0).getTime()
  const cases: [text: string, want: number | undefined][] = [
    ['90m', now - 90 * 60_000],
    ['12h', now - 12 * 3_600_000],
    ['2d', now - 2 * 86_400_000],
    ['1w', now - 7 * 86_400_000],
    ['2026-01-30', new Date(2026, 0, 30).getTime()],
    ['2026-01-30 08:15', new Date(2026, 0, 30, 8, 15).getTime()],
    ['2026-02-30', undefined],
    ['2026-01-30 25:00', undefined],
    ['yesterday', undefined],
    ['2', undefined],
    ['', undefined],
    ['-2d', undefined],
  ]
  for (const [text, want] of cases) t.equal(parseSince(text, now), want, text)
  t.match(localTime('2026-01-31T08:15:02.123Z'), /^2026-0[12]-\d\d \d\d:\d\d:02 [+-]\d{4}$/)
  t.equal(localTime('\x1b['), '\x1b[')
  t.end()
})
