import t from 'tap'
import { readConfiguration } from '../../../src/config/read.ts'

t.test('@zone_codes is read two by two', t => {
  const text = `@zone_codes = (
    'Bl.Example.org.', 'ipv4  refused=127.0.0.1
       refused=127.0.0.[250..255]',
    'dq.example.net' => 'secret domain misasked=127.0.1.255 untested',
    'multi.surbl.org', 'domain strong=127.0.0.[64..128]',
  );`
  const { config, findings, origins } = readConfiguration(text, 'x')
  t.strictSame(findings, [])
  t.strictSame(config.zone_codes, [
    { zone: 'bl.example.org', words: 'ipv4 refused=127.0.0.1 refused=127.0.0.[250..255]' },
    { zone: 'dq.example.net', words: 'secret domain misasked=127.0.1.255 untested' },
    { zone: 'multi.surbl.org', words: 'domain strong=127.0.0.[64..128]' },
  ])
  t.strictSame(origins.get('zone_codes'), [
    { line: 2, column: 5 },
    { line: 4, column: 5 },
    { line: 5, column: 5 },
  ])
  t.strictSame(readConfiguration('@zone_codes = ();', 'x').config.zone_codes, [])
  t.end()
})

t.test('a fault is named at its place', t => {
  const cases: [label: string, values: string, code: string, where: string, message: RegExp][] = [
    ['a word nobody knows', "'bl.example', 'ipv4 ipv5'", 'bad-value', '1:36', /found "ipv5", expected ipv4, ipv6/],
    ['a code without word', "'bl.example', '127.0.0.1'", 'bad-value', '1:31', /found "127\.0\.0\.1", expected ipv4/],
    [
      'a code cut short',
      "'bl.example', 'refused=127.0.0'",
      'bad-filter',
      '1:46',
      /found .*, expected "\." in the code of refused=/,
    ],
    [
      'an octet too large',
      "'bl.example', 'misasked=127.0.0.256'",
      'bad-filter',
      '1:48',
      /0 to 255 in the code of misasked=/,
    ],
    ['a code outside of 127/8', "'bl.example', 'refused=10.0.0.1'", 'bad-filter', '1:39', /begins with 127\./],
    ['a zone without words', "'bl.example'", 'list-length', '1:16', /words behind this zone/],
    ['a number for a zone', "1, 'ipv4'", 'bad-list-entry', '1:16', /a zone, such as bl\.example\.org/],
    ['a zone with a filter', "'bl.example=127.0.0.2', 'ipv4'", 'bad-list-entry', '1:16', /a zone, such as/],
    ['no host name', "'bl example', 'ipv4'", 'bad-list-entry', '1:16', /a zone, such as/],
    ['a number for words', "'bl.example', 1", 'bad-value', '1:30', /words on the zone/],
    ['a zone twice', "'bl.example', 'ipv4', 'BL.example', 'ipv6'", 'bad-value', '1:38', /does not stand above already/],
  ]
  for (const [label, values, code, where, message] of cases) {
    const { config, findings } = readConfiguration(`@zone_codes = (${values});`, 'x')
    t.strictSame(config.zone_codes, [], label)
    t.match(findings, [{ code, message }], label)
    t.match(findings[0]?.text, `x:${where}: `, `${label}: its place`)
    t.match(findings[0]?.message, /^@zone_codes: /, label)
  }
  t.match(readConfiguration("$zone_codes = 'bl.example';", 'x').findings, [{ code: 'wrong-sigil' }])
  t.end()
})
