import t from 'tap'
import { readConfiguration } from '../../src/config/read.ts'
import { findMatch } from '../../src/patterns/match.ts'

t.test('which pattern matches a client, counted from 1', t => {
  const cases: [label: string, source: string, name: string, want: number | undefined][] = [
    ['none', '()', 'mail.example.org', undefined],
    ['the first', '(qr/mail/)', 'mail.example.org', 1],
    ['the second', '(qr/^x/, qr/mail/)', 'mail.example.org', 2],
    ['the first of two', '(qr/^m/, qr/mail/)', 'mail.example.org', 1],
    ['an empty entry matches nobody', "('')", 'mail.example.org', undefined],
    ['and counts', "('', qr/mail/)", 'mail.example.org', 2],
    ['undef is one', '(undef, qr/mail/)', 'mail.example.org', 2],
    ['an empty qr// is none: it matches everybody with a name', '(qr//)', 'mail.example.org', 1],
    ['a client without a name is matched by nothing', "(qr//, '.*', qr/^$/)", '', undefined],
    ['one whose name is a 0 has one', '(qr/0/)', '0', 1],
  ]
  for (const [label, source, name, want] of cases) {
    const { config } = readConfiguration(`@dnsbl_checks_only_regexps = ${source};`, 'x.conf')
    t.same(findMatch(config.dnsbl_checks_only_regexps, name), { which: want, notes: [] }, label)
  }
  t.end()
})
