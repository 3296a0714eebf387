import { join } from 'node:path'
import t from 'tap'
import { checkConfiguration, renderFindings } from '../../src/cli/check.ts'
import { makeFinding } from '../../src/config/findings/finding.ts'
import { loadConfig } from '../../src/config/load.ts'

t.test('a line for each finding', t => {
  const findings = [
    makeFinding('error', 'syntax', '/etc/x.conf', { line: 3, column: 7 }, 'found "a", expected "b"'),
    makeFinding('warning', 'odd-value', '/etc/x.conf', { line: 12, column: 1 }, 'is odd'),
    makeFinding('error', 'file-missing', '/etc/\x1b.conf', undefined, 'does not exist'),
  ]
  t.equal(
    renderFindings(findings),
    '/etc/x.conf:3:7: error: found "a", expected "b"\n' +
      '/etc/x.conf:12:1: warning: is odd\n' +
      '/etc/?.conf: error: does not exist\n',
  )
  t.equal(renderFindings([]), '')
  t.equal(findings[0]?.text, '/etc/x.conf:3:7: found "a", expected "b"', 'the log has the same without the severity')
  t.end()
})

t.test('what check prints, and its exit status', async t => {
  const dir = t.testdir({
    dry: "$DRY_RUN = 1;\n$PROFILE = 'modern';\n",
    good: "$REJECTLEVEL = 2;\n$PROFILE = 'modern';\n1;\n",
    typo: "$PROFILE = 'Modern';\n",
    plain: "@dnsbl_score = ('dnsbl.sorbs.net', 1, 0, 'X');\n",
    odd: "@dnsbl_score = ('dnsbl.sorbs.net', 1, 0, 'X');\n$REJECTLVL = 2;\n",
    old: 'my $NTTL = 3;\n$PTTL = 1;\n$PTTL = 2;\n@dnsbl_checks_only_regexps = (qr/a/, qr/(?!x)b/, qr/(?{1})/);\n',
    bad: "$REJECTLEVEL = foo();\n@rhsbl_score = ('dnsbl.sorbs.net', 1, 0, 'X');\n",
  })
  const cases: [name: string, wantLines: RegExp[], wantStatus: number][] = [
    [
      'plain',
      [
        /^plain:1:17: warning: @dnsbl_score: .* dead/,
        /^profile classic: the file names none; /,
        /^plain: no errors, 1 warning$/,
      ],
      0,
    ],
    [
      'typo',
      [
        /^typo:1:12: error: \$PROFILE: .*, expected 'classic' or 'modern'/,
        /^profile classic: line 1 cannot be used$/,
        /^typo: 1 error, no warnings; /,
      ],
      78,
    ],
    ['dry', [/^dry run: no mail is refused/, /^profile modern: /, /^dry: no errors, no warnings$/], 0],
    ['good', [/^profile modern: line 2 says so$/, /^good: no errors, no warnings$/], 0],
    [
      'odd',
      [
        /^odd:1:17: warning: @dnsbl_score: .* dead/,
        /^odd:2:1: warning: \$REJECTLVL is no parameter.*; 0\.1\.15 used nothing of this file/,
        /^profile classic: the file names none; /,
        /^odd: no errors, 2 warnings$/,
      ],
      0,
    ],
    [
      'old',
      [
        /^old:1:4: warning: 0\.1\.15 did not use this line/,
        /^old:3:1: warning: \$PTTL is set again: line 2 has no effect/,
        /^old:4:38: warning: @dnsbl_checks_only_regexps: "\(\?!x\)b" looks around/,
        /^old:4:50: warning: @dnsbl_checks_only_regexps: .*matches nobody: it has code/,
        /^profile classic: the file names none; /,
        /^old: no errors, 4 warnings$/,
      ],
      0,
    ],
    [
      'bad',
      [
        /^bad:1:16: error: found "foo"/,
        /^bad:2:17: warning: @rhsbl_score: .* dead/,
        /^profile classic: the file names none; /,
        /^bad: 1 error, \d warnings?; what has an error is not used, everything else is$/,
      ],
      78,
    ],
    [
      'none',
      [/^none: error: .*does not exist/, /^profile classic: no file says otherwise$/, /^none: 1 error, no warnings; /],
      78,
    ],
  ]
  for (const [name, wantLines, wantStatus] of cases) {
    const file = join(dir, name)
    const { text, status } = checkConfiguration(await loadConfig({ file, withOrigins: true }))
    const lines = text.replaceAll(`${dir}/`, '').split('\n')
    t.equal(lines.pop(), '', `${name}: ends with a line end`)
    t.equal(lines.length, wantLines.length, `${name}: number of lines`)
    for (const [index, want] of wantLines.entries()) t.match(lines[index], want)
    t.equal(status, wantStatus, `${name}: exit status`)
  }
  const bad = checkConfiguration(await loadConfig({ file: join(dir, 'bad'), withOrigins: true }), undefined, true)
  t.equal(bad.status, 78)
  t.match(bad.text, /^\{.*\}\n$/)
  const [first, ...others] = JSON.parse(bad.text).findings
  t.match(first, {
    severity: 'error',
    code: 'syntax',
    file: join(dir, 'bad'),
    line: 1,
    column: 16,
    message: /^found "foo"/,
  })
  t.match(JSON.parse(bad.text), {
    file: join(dir, 'bad'),
    serves: 'file',
    errors: 1,
    warnings: others.length,
    notes: [],
  })
  const none = checkConfiguration(await loadConfig({ file: join(dir, 'none') }), undefined, true)
  t.match(JSON.parse(none.text), { serves: 'defaults', errors: 1, findings: [{ code: 'file-missing' }] })
  const advice = { findings: [], notes: ['cache: note: \x07'] }
  const builtin = checkConfiguration(await loadConfig({ usualPlaces: [] }), advice, true)
  t.strictSame(JSON.parse(builtin.text), {
    file: null,
    serves: 'defaults',
    profile: 'classic',
    errors: 0,
    warnings: 0,
    findings: [],
    notes: ['cache: note: ?'],
  })
  const { text, status } = checkConfiguration(await loadConfig({ usualPlaces: [] }))
  t.equal(text, 'profile classic: no file says otherwise\nno configuration file; the built-in defaults serve\n')
  t.equal(status, 0)
})
