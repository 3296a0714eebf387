import t from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import { readConfiguration } from '../../src/config/read.ts'

t.test('the defaults are a configuration that says what holds without one', t => {
  const { config, findings, origins } = readConfiguration(
    renderDefaults({ profile: 'classic', isFull: true }),
    'defaults',
  )
  t.same(findings, [], 'nothing to complain about')
  const want = builtinConfig()
  for (const { name } of PARAMETER_TOPICS.flatMap(topic => topic.parameters)) {
    const key = name as keyof typeof want
    t.same(config?.[key], want[key], name)
    const isEmptyList = Array.isArray(want[key]) && want[key].length === 0 && key !== 'NS'
    t.equal(origins.get(name)?.length === 0, isEmptyList, `${name} is set`)
  }
  t.end()
})

t.test('they are written for people', t => {
  const text = renderDefaults({ profile: 'classic', isFull: true })
  for (const { name, doc } of PARAMETER_TOPICS.flatMap(topic => topic.parameters)) {
    const first = doc.split(' ').slice(0, 3).join(' ')
    t.match(text, new RegExp(`# ${first.replace(/[^\w ]/g, '.')}[^]*?\n[$@]${name} = `), `${name} is explained`)
  }
  for (const line of text.split('\n')) if (line.startsWith('#')) t.ok(line.length <= 100, line)
  t.match(text, "  'zen.spamhaus.org=127.0.0.[10..11]',   3.25, 0,    'DYN_PBL_SPAMHAUS',\n")
  t.match(text, "  'zen.spamhaus.org=127.0.0.[2..9]',     4.35, -1.5, 'SBL_XBL_SPAMHAUS',\n")
  t.match(text, "  'bl.spamcop.net=127.0.0.2',            3.75, -1.5, 'SPAMCOP',\n")
  t.match(text, "  'bl.mailspike.net=127.0.0.[2;10..12]', 3.25, 0,    'MAILSPIKE',\n);")
  t.match(text, "  'dbl.spamhaus.org=127.0.1.[2..99]', 4, 0, 'DBL_SPAMHAUS',\n")
  t.match(text, "  'multi.surbl.org',                  4, 0, 'SURBL',\n);")
  t.match(text, "$PTIME = '3h';")
  t.match(text, "$CACHEREJECTMSG = $REJECTMSG . ' [cached]';")
  t.match(text, '$GROUP = $USER;')
  t.match(text, '@helo_ip_in_cl16_subnet = (0, -0.41);')
  t.match(text, 'New in 0.2.0; the reference does not have it.')
  t.match(text, /\n1;\n$/)
  t.end()
})
