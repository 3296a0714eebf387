import t from 'tap'
import { adviseOn } from '../../../src/cli/advice/advice.ts'
import { readConfiguration } from '../../../src/config/read.ts'

/** Lines, columns and messages of what is said of placeholders. */
function adviceOn(source: string): string[] {
  const loaded = { ...readConfiguration(source, 'x.conf'), path: 'x.conf' }
  return adviseOn(loaded).flatMap(({ code, text }) => (code === 'odd-placeholder' ? [text] : []))
}

t.test('placeholders that will not be filled in are named, with their place', t => {
  const cases: [label: string, source: string, want: (string | RegExp)[]][] = [
    ['all is well', "$EXPAND_TEXTS = 1;\n$REJECTMSG = '550 No, %{client}';", []],
    ['nothing is set', "$PROFILE = 'modern';", []],
    [
      'a slip',
      "$EXPAND_TEXTS = 1;\n$REJECTMSG = '550 %{cleint} %{client}';",
      ['x.conf:2:14: $REJECTMSG: %{cleint} is no placeholder and is answered as it stands; did you mean %{client}?'],
    ],
    [
      'in double quotes as well',
      '$PROFILE = "modern";\n$DNSERRMSG = "450 %{Helo}";',
      [/2:14: .*did you mean %\{helo\}\?$/],
    ],
    [
      'one that is far off',
      "$PROFILE = 'modern';\n$MAXDNSBLMSG = '550 %{bogus word}';",
      [/2:16: \$MAXDNSBLMSG: %\{bogus word\} is no placeholder .*; there are %\{client\}, %\{lists\}/],
    ],
    [
      'an old file, where it is text',
      "$REJECTMSG = '550 %{client} %{x}';",
      [/1:14: \$REJECTMSG: %\{client\} is answered as it stands, for \$EXPAND_TEXTS is 0$/],
    ],
    ['an old file with something else', "$REJECTMSG = '550 100%{sure}';", []],
    [
      'a reference where there are none',
      "$PROFILE = 'modern';\n$ADD_REFERENCE = 0;\n$REJECTMSG = '550 No, %{ref}';",
      [/3:14: \$REJECTMSG: %\{ref\} is empty, for refusals have no references/],
    ],
    [
      'no text',
      "$PROFILE = 'modern';\n$CACHEREJECTMSG = 'rc: x%{client}';",
      [/2:19: \$CACHEREJECTMSG: %\{client\} is answered as it stands, for it is in no text behind a code/],
    ],
    [
      'another text',
      "$PROFILE = 'modern';\n$CLIENTDNSERRMSG = '450 %{client}';",
      [/2:20: \$CLIENTDNSERRMSG: %\{client\} is answered as it stands; placeholders are those of \$REJECTMSG, /],
    ],
    [
      'a link has one placeholder',
      "$LOOKUP_URL = 'https://x.example/%{client}/%{ref}';",
      [/1:15: \$LOOKUP_URL: %\{ref\} stays as it is, here %\{client\} alone is a placeholder$/],
    ],
  ]
  for (const [label, source, want] of cases) t.match(adviceOn(source), want, label)
  for (const [label, source, want] of cases) t.equal(adviceOn(source).length, want.length, label)
  t.end()
})
