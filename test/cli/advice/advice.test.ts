import t from 'tap'
import { adviseOn } from '../../../src/cli/advice/advice.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../../src/config/read.ts'

function advise(text: string) {
  const { config, findings, origins } = readConfiguration(text, 'x.conf')
  if (!config) throw new Error(`the test's configuration is faulty: ${findings[0]?.text}`)
  return adviseOn({ config, path: 'x.conf', findings, origins })
}

t.test('advice', t => {
  const cases: [label: string, text: string, want: [code: string, line: number, text: RegExp][]][] = [
    ['the built-in lists are in order', '', []],
    [
      'dead lists, each at its line',
      "@dnsbl_score = (\n'zen.spamhaus.org', 1, 0, 'ZEN',\n'ix.dnsbl.manitu.net', 4, 0, 'IX',\n'dul.dnsbl.sorbs.net', 4, 0, 'SORBS');",
      [
        ['dead-list', 3, /^@dnsbl_score: ix\.dnsbl\.manitu\.net \(IX\) is dead since 2025-01-16 .*take it out/],
        ['dead-list', 4, /sorbs.*is dead since 2024-06-05/],
      ],
    ],
    [
      'a dead list of domains',
      "@rhsbl_score = ('dsn.rfc-ignorant.org', 4, 0, 'RFCI');",
      [['dead-list', 1, /^@rhsbl_score: /]],
    ],
    [
      'a list that lists everybody',
      "@rhsbl_score = ('rhsbl.ahbl.org', 3.5, 0, 'AHBL');",
      [['dead-list', 1, /lists everybody since 2015: each mail gets its score of 3\.5/]],
    ],
    [
      'domains are asked for addresses',
      "@dnsbl_score = ('dbl.spamhaus.org', 3, 0, 'DBL');",
      [['unsuitable-list', 1, /@rhsbl_score/]],
    ],
    [
      'addresses are asked for domains',
      "@rhsbl_score = ('zen.spamhaus.org', 3, 0, 'ZEN');",
      [['unsuitable-list', 1, /@dnsbl_score/]],
    ],
    [
      'an allow list without a filter',
      "@dnswl_score = ('list.dnswl.org', -2, 0, 'WL');",
      [['unsuitable-list', 1, /which ones count/]],
    ],
    [
      'an allow list as a penalty',
      "@dnswl_score = ('list.dnswl.org=127.0.0.[2..3]', 2, 0, 'WL');",
      [['unsuitable-list', 1, /penalty/]],
    ],
    [
      'an allow list among those that block',
      "@dnsbl_score = ('list.dnswl.org=127.0.0.[2..3]', -2, 0, 'WL');",
      [['unsuitable-list', 1, /belongs into @dnswl_score/]],
    ],
    [
      'a block list among those that allow',
      "@dnswl_score = ('zen.spamhaus.org', -2, 0, 'ZEN');",
      [['unsuitable-list', 1, /belongs into @dnsbl_score/]],
    ],
    [
      'lines that keep modern from being so',
      "$DEFER_LEVEL = 5;\n@helo_score = (1.5, -2);\n$IGNORE_RFC1918_A = 0;\n$PROFILE = 'modern';",
      [['repeats-classic', 3, /^\$IGNORE_RFC1918_A repeats/]],
    ],
    [
      'a strong list that is none',
      "@dnsbl_score = ('bl.example', 3, 0, 'OWN');\n@strong_lists = ('OWN', 'DBL_SPAMHAUS', 'own');",
      [['no-such-label', 2, /^@strong_lists: "own" is the label of no entry of @dnsbl_score or @rhsbl_score/]],
    ],
    ['the same in classic', '$IGNORE_RFC1918_A = 0;', []],
    [
      'a list that has a successor',
      "@dnsbl_score = ('cbl.abuseat.org', 4, 0, 'CBL');",
      [['dead-list', 1, /^@dnsbl_score: cbl\.abuseat\.org \(CBL\) is dead .*; ask zen\.spamhaus\.org in its place$/]],
    ],
    [
      'the key of a subscriber is not shown',
      "@rhsbl_score = ('q7x2kd9w4mzv8h3t.zen.dq.spamhaus.net', 3, 0, 'ZEN');",
      [['unsuitable-list', 1, /^@rhsbl_score: zen\.dq\.spamhaus\.net \(ZEN\) lists addresses/]],
    ],
    [
      'a zone the configuration knows',
      "@zone_codes = ('bl.example', 'domain');\n@dnsbl_score = ('bl.example', 3, 0, 'BL');",
      [['unsuitable-list', 2, /lists domains, not addresses, so it is not asked/]],
    ],
    [
      'and one it knows better',
      "@zone_codes = ('ix.dnsbl.manitu.net', 'ipv4');\n@dnsbl_score = ('ix.dnsbl.manitu.net', 3, 0, 'BL');",
      [],
    ],
    ['an allow list as it is meant', "@dnswl_score = ('list.dnswl.org=127.0.0.[2..3]', -2, 0, 'WL');", []],
    [
      'a list twice',
      "@dnsbl_score = (\n'a.example=127.0.0.2', 1, 0, 'A',\n'a.example=127.0.0.3', 1, 0, 'B',\n'A.example=127.0.0.2', 1, 0, 'C');",
      [['duplicate-list', 4, /\(C\)/]],
    ],
    [
      'a cache larger than its maximum',
      '$CACHEMAXSIZE = 100;',
      [['cache-sizes', 1, /\$CACHESIZE \(2000\) .* \$CACHEMAXSIZE \(100\)/]],
    ],
    ['the other cache', '\n$POSCACHESIZE = 5000;', [['cache-sizes', 2, /POSCACHE/]]],
    [
      'places that depend on where a process is',
      "$LOCKPATH = 'x';\n$LOGFILE = './y';\n$SOCKET = 'z';\n$PIDFILE = '/run/x';\n$JOURNAL = 'j';",
      [
        ['relative-path', 1, /^\$LOCKPATH: "x" is another place for each process; a path begins with \/$/],
        ['relative-path', 2, /^\$LOGFILE/],
        ['relative-path', 5, /^\$JOURNAL/],
        ['relative-path', 3, /^\$SOCKET/],
      ],
    ],
    ['a cache that is switched off', '$CACHESIZE = 0;', []],
    ['a maximum of 0 switches none off', '\n$POSCACHEMAXSIZE = 0;', [['cache-sizes', 2, /POSCACHE.* \(0\)/]]],
  ]
  for (const [label, text, want] of cases) {
    const got = advise(text)
    t.same(
      got.map(({ code, position }) => [code, position?.line]),
      want.map(([code, line]) => [code, line]),
      label,
    )
    for (const [index, [, , message]] of want.entries()) t.match(got[index]?.message, message, `${label}: words`)
    t.ok(got.every(({ severity, file }) => severity === 'warning' && file === 'x.conf'))
  }
  t.end()
})

t.test('no advice without a file that is used', t => {
  const lists = { dnsbl_score: [{ host: 'rhsbl.ahbl.org', filter: undefined, hit: 1, miss: 0, label: 'A' }] }
  const origins = new Map([['dnsbl_score', [{ line: 1, column: 1 }]]])
  t.same(adviseOn({ config: builtinConfig(lists), path: undefined, findings: [], origins }), [])
  t.same(adviseOn({ config: builtinConfig({ ...lists, faulty: true }), path: 'x', findings: [], origins }), [])
  t.end()
})
