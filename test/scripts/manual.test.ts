import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { renderCommandPage } from '../../scripts/manual/command-page.ts'
import { fillExcerpts } from '../../scripts/manual/excerpts.ts'
import { renderListTable } from '../../scripts/manual/list-table.ts'
import { renderParameterPage } from '../../scripts/manual/parameter-page.ts'
import { renderParameterTable } from '../../scripts/manual/parameter-table.ts'
import { escapeRoff, line } from '../../scripts/manual/roff.ts'
import { sigilOf } from '../../src/config/parameters/parameter.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { ZONES } from '../../src/lists/zones.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'

const edition = { version: '1.2.3', date: '2026-01-02' }
const masterCf = readFileSync('master.cf.example', 'utf8')
const parameters = PARAMETER_TOPICS.flatMap(topic => topic.parameters)

t.test('whatever the text, no request of roff comes of it', t => {
  const cases = [
    { label: 'a dot at the beginning of a line', text: '.so /etc/passwd', want: '\\&.so /etc/passwd\n' },
    { label: 'an apostrophe there', text: "'quoted'", want: '\\&\\(aqquoted\\(aq\n' },
    { label: 'a backslash', text: 'qr/\\d/', want: '\\&qr/\\(rsd/\n' },
    { label: 'an option, to be copied', text: '--json', want: '\\&\\-\\-json\n' },
    { label: 'what is drawn as accents', text: '`^~', want: '\\&\\(ga\\(ha\\(ti\n' },
  ]
  for (const { label, text, want } of cases) t.equal(line(text), want, label)
  t.end()
})

t.test('policyd-weight(8) has each command and option that the executable knows', t => {
  const page = renderCommandPage(edition, masterCf)
  const help = execFileSync(process.execPath, [EXECUTABLE, '-h'], { encoding: 'utf8', env: {} })
  const commands = [...help.matchAll(/^ {2}policyd-weight (\w+) {2}/gm)].map(([, name]) => name as string)
  const options = [...help.matchAll(/^ {2,6}(-{1,2}\w+)/gm)].map(([, name]) => name as string)
  t.ok(commands.includes('check') && options.includes('-f') && options.includes('--json'), 'the help was understood')
  for (const term of [...commands, ...options])
    t.match(page, new RegExp(`^\\.TP\\n\\\\&\\\\fB${escapeRoff(term).replaceAll('\\', '\\\\')}\\\\fR`, 'm'), term)
  t.match(page, '\\&policy    unix  \\-', 'and the service of master.cf.example')
  t.match(page, '.TH POLICYD-WEIGHT 8 "2026-01-02" "policyd\\-weight 1.2.3"')
  t.throws(() => renderCommandPage(edition, '# nothing\n'), /no service/)
  t.end()
})

t.test('policyd-weight.conf(5) and docs/parameters.md have each parameter', t => {
  const page = renderParameterPage(edition)
  const table = renderParameterTable()
  for (const { kind, name, doc } of parameters) {
    const term = `${sigilOf(kind)}${name}`
    t.ok(page.includes(`\n.TP\n\\&\\fB${term}\\fR`), `${term} in the page`)
    t.ok(page.includes(escapeRoff(doc)), `${term} is explained`)
    t.ok(table.includes(`\n| \`${term}\` | `), `${term} in the table`)
  }
  t.match(table, '| `bl.mailspike.net=127.0.0.[2;10..12]` | 3.25 | 0 | `MAILSPIKE` |')
  t.match(page, '\\&\\fB$PTIME\\fR = \\(aq3h\\(aq;\n')
  t.end()
})

t.test('docs/lists.md has each list, and says where what it says is from', t => {
  const page = renderListTable()
  for (const { zone, source, refusals = [] } of ZONES) {
    const row = page.split('\n').find(line => line.startsWith(`| \`${zone}\` | `)) ?? ''
    t.ok(row.endsWith(`, ${source} |`), zone)
    if (row.includes('lists nobody')) continue
    for (const { code, remedy } of refusals)
      t.ok(row.includes(`\`${code}\``) && row.includes(remedy), `${zone} ${code}`)
  }
  const columns = new Set(
    page
      .split('\n')
      .filter(line => line.startsWith('|'))
      .map(line => line.split('|').length),
  )
  t.strictSame([...columns].sort(), [7, 9], 'no cell breaks a table')
  t.end()
})

t.test('tables in pages that people write are those of the parameters', t => {
  const page =
    '# P\n\n<!-- parameters NTTL helo_score -->\nold\n<!-- /parameters -->\n\n<!-- lists rhsbl_score --><!-- /lists -->\nend\n'
  const filled = fillExcerpts(page)
  t.match(
    filled,
    '\n\n| parameter | default |\n|---|---|\n| `$NTTL` | `1` |\n| `@helo_score` | `(1.5, -2)` |\n\n<!-- /parameters -->',
  )
  t.match(filled, '| `multi.surbl.org` | 4 | 0 | `SURBL` |\n\nmodern:\n\n| list |')
  t.match(
    filled,
    '| `multi.surbl.org=127.0.0.[8..31;40..127;136..159;168..255]` | 8 | 0 | `SURBL` |\n\n<!-- /lists -->\nend\n',
  )
  t.match(
    fillExcerpts('<!-- parameters NTTL DEFER_ON_DNSERR --><!-- /parameters -->'),
    '| parameter | classic | modern |\n|---|---|---|\n| `$NTTL` | `1` | `1` |\n| `$DEFER_ON_DNSERR` | `0` | `1` |\n',
  )
  t.notMatch(filled, 'old')
  const figures = fillExcerpts(
    '<!-- figures engines given --><!-- /figures --><!-- figures groups given --><!-- /figures -->',
  )
  t.match(figures, /^\| policyd-weight, classic \(`classic`\) \|( \d+ \|){5}$/m)
  t.match(figures, /^\| wrong verdicts \| mails \| classic \|.*\n\|[-:|]+\|\n\| (?:ham|spam) \w+ \|( \d+ \|)+$/m)
  t.equal(fillExcerpts(filled), filled, 'again, nothing changes')
  const cases = [
    { label: 'no such parameter', page: '<!-- parameters NTTTL --><!-- /parameters -->', want: /no parameter NTTTL/ },
    { label: 'no such figures', page: '<!-- figures hosts given --><!-- /figures -->', want: /no figures hosts/ },
    { label: 'no such part', page: '<!-- figures engines x --><!-- /figures -->', want: /no part x/ },
    { label: 'no list of lists', page: '<!-- lists NTTL --><!-- /lists -->', want: /NTTL has no lists/ },
    {
      label: 'no end',
      page: '<!-- parameters NTTL -->\n<!-- parameters PTTL --><!-- /parameters -->',
      want: /2 marks begin, 1 of them end/,
    },
  ]
  for (const { label, page, want } of cases) t.throws(() => fillExcerpts(page), want, label)
  t.end()
})
