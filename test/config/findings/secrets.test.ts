import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../src/config/load.ts'
import { readConfiguration } from '../../../src/config/read.ts'
import { namedSecretZones, SecretText, withoutKeys } from '../../../src/config/findings/secrets.ts'

const KEY = 'q7x2kd9w4mzv8h3tj6rp1bn5cy'

t.test('a text without keys', t => {
  const cases: [label: string, text: string, want: string][] = [
    ['a host', `${KEY}.zen.dq.spamhaus.net=127.0.0.2`, 'zen.dq.spamhaus.net=127.0.0.2'],
    ['in any case', `${KEY.toUpperCase()}.ZEN.DQ.Spamhaus.NET`, 'ZEN.DQ.Spamhaus.NET'],
    [
      'two of them',
      `'${KEY}.dbl.dq.spamhaus.net', '${KEY}.black.mail.abusix.zone'`,
      "'dbl.dq.spamhaus.net', 'black.mail.abusix.zone'",
    ],
    ['another host in front', `'a.example', '${KEY}.zen.dq.spamhaus.net'`, "'a.example', 'zen.dq.spamhaus.net'"],
    ['a key in the wrong place', `zen.${KEY}.dq.spamhaus.net`, 'dq.spamhaus.net'],
    ['put together', `'${KEY}' . '.zen.dq.spamhaus.net'`, "'' . '.zen.dq.spamhaus.net'"],
    ['put together with the dot behind', `"${KEY}." . "zen.dq.spamhaus.net"`, '"" . "zen.dq.spamhaus.net"'],
    ['the value of a variable', `$K = '${KEY}';\n"$K.zen.dq.spamhaus.net"`, '$K =;\n"$K.zen.dq.spamhaus.net"'],
    ['of one in braces', `$K = ${KEY};\n"\${K}.zen.dq.spamhaus.net"`, `$K =;\n"\${K}.zen.dq.spamhaus.net"`],
    ['of one that is put in front', `$K = "${KEY}";\n$K . ".dq.spamhaus.net"`, '$K =;\n$K . ".dq.spamhaus.net"'],
    ['nothing secret', "'zen.spamhaus.org', 1, 0, 'X'", "'zen.spamhaus.org', 1, 0, 'X'"],
    ['a key alone', KEY, KEY],
  ]
  for (const [label, text, want] of cases) t.equal(withoutKeys(text), want, label)
  t.equal(withoutKeys(`${KEY}.dq.example.net`, ['dq.example.net']), 'dq.example.net')
  t.end()
})

t.test('cut anywhere, no piece of a key is quoted', t => {
  const text = `x = ${KEY}.zen.dq.spamhaus.net;`
  const secret = new SecretText(text)
  for (let at = 0; at < text.length; at++)
    for (let end = at + 1; end <= text.length; end++) {
      const shown = secret.slice(at, end)
      if (/[0-9]|q7|kd/.test(shown)) t.fail(`${at} to ${end}: ${shown}`)
      if (shown === '') t.fail(`${at} to ${end}: nothing`)
    }
  t.equal(secret.slice(4, 9), '...')
  t.end()
})

t.test('zones that a text itself calls secret, faulty or not', t => {
  t.strictSame(namedSecretZones("@zone_codes = ('dq.Example.net', 'domain secret', 'b.example', 'ipv4');"), [
    'dq.example.net',
  ])
  t.strictSame(namedSecretZones('@zone_codes = ("a.example" => "secret foo"'), ['a.example'])
  t.strictSame(namedSecretZones("@zone_codes = ('a.example', 'secretly');"), [])
  t.end()
})

t.test('no message about a faulty file has the key in it', async t => {
  const host = `${KEY}.zen.dq.spamhaus.net`
  const faulty: [label: string, text: string][] = [
    ['a name of a list of values', `@${host} = 1;`],
    ['a filter cut short', `@dnsbl_score = ('${host}=127.0.0', 1, 0, 'X');`],
    ['a filter that is none', `@dnsbl_score = ('${host}=127.0.0.[2..1]', 1, 0, 'X');`],
    ['no quotes', `@dnsbl_score = (${host}, 1, 0, 'X');`],
    ['no quotes, and a filter', `@dnsbl_score = (${host}=127.0.0.2, 1, 0, 'X');`],
    ['quotes that do not end', `@dnsbl_score = ('${host}, 1, 0, 'X');`],
    ['a blank in it', `@dnsbl_score = (' ${host}', 1, 0, 'X');`],
    ['a blank in the middle of it', `@dnsbl_score = ('${KEY}. zen.dq.spamhaus.net', 1, 0, 'X');`],
    ['no score', `@dnsbl_score = ('${host}');`],
    ['a word for a score', `@dnsbl_score = ('${host}', 'x', 0, 'X');`],
    ['the host in the place of a score', `@dnsbl_score = ('a.example', '${host}', 0, 'X');`],
    ['the host in the place of a label', `@dnsbl_score = ('a.example', 1, 0, '${host} x');`],
    ['the wrong sigil', `$dnsbl_score = '${host}';`],
    ['a number', `$REJECTLEVEL = '${host}';`],
    ['an address of a name server', `$NS = '${host}';`],
    ['a message', `$REJECTMSG = '${host}';`],
    ['a pattern', `@dnsbl_checks_only_regexps = ('${host}(');`],
    ['a zone with a filter', `@zone_codes = ('${host}=127.0.0.2', 'ipv4');`],
    ['a variable nobody knows', `$Q = '${KEY}' x 2;\n@dnsbl_score = ("$Q.zen.dq.spamhaus.net", 1, 0, 'X');`],
    ['a variable without quotes', `$Q = ${KEY};\n@dnsbl_score = ("$Q.zen.dq.spamhaus.net", 1, 0, 'X');`],
    ['a fault behind a variable', `$Q = '${KEY}';\n@dnsbl_score = ("$Q.zen.dq.spamhaus.net=1", 1, 0, 'X');`],
    ['put together', `@dnsbl_score = ('${KEY}' . '.zen.dq.spamhaus.net=1', 1, 0, 'X');`],
    ['words', `@dnsbl_score = qw(${host}=1 1 0 X);`],
    ['a list in a text', `$LOCKPATH = "a@${host}";$X = ;`],
    ['Abusix', `@dnsbl_score = ('${KEY}.combined.mail.abusix.zone=1', 1, 0, 'X');`],
    [
      'a configured zone',
      `@zone_codes = ('dq.example.net', 'secret');\n@rhsbl_score = ('${KEY}.dq.example.net=1', 1, 0, 'X');`,
    ],
    [
      'a faulty row for it',
      `@rhsbl_score = ('${KEY}.dq.example.net=1', 1, 0, 'X');\n@zone_codes = ('dq.example.net', 'secret foo');`,
    ],
  ]
  const folder = t.testdir(Object.fromEntries(faulty.map(([label, text]) => [label, text])))
  for (const [label] of faulty) {
    const { findings } = await loadConfig({
      file: join(folder, label),
      withOrigins: true,
    })
    t.ok(findings.length > 0, `${label}: something is said`)
    const said = findings
      .map(({ text, message }) => `${text} ${message}`)
      .join('\n')
      .toLowerCase()
    const piece = [...KEY].findIndex((_, at) => at + 5 <= KEY.length && said.includes(KEY.slice(at, at + 5)))
    t.equal(piece, -1, `${label}: ${said}`)
  }
})

t.test('a faulty file keeps what it says of secrets', async t => {
  const text = "@zone_codes = ('dq.example.net', 'domain secret');\n$REJECTLEVEL = foo;"
  const file = join(t.testdir({ conf: text }), 'conf')
  const { config } = await loadConfig({ file })
  t.match(config, { faulty: false, zone_codes: [{ zone: 'dq.example.net', words: 'domain secret' }] })
  const unusable = readConfiguration("@zone_codes = ('dq.example.net', 'domain secret', 'b.example', 'x');", 'x').config
  t.strictSame(unusable.zone_codes, [{ zone: 'dq.example.net', words: 'secret' }])
  t.strictSame(readConfiguration('@zone_codes = foo();', 'x').config.zone_codes, [])
})

t.test('a hostile text costs no more than its length', t => {
  const pieces = [
    'dq.spamhaus.net',
    '.dq.spamhaus.net',
    `'a.b','secret`,
    '$a.dq.spamhaus.net ',
    "'",
    ' . ',
    '$x=1;"$x.dq.spamhaus.net";',
  ]
  for (const piece of pieces) {
    const text = piece.repeat((1 << 20) / piece.length)
    t.doesNotThrow(() => withoutKeys(text, namedSecretZones(text)).length, piece)
  }
  t.end()
})
