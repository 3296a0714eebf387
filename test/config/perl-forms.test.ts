/**
 * The ways in which people write a configuration, each with the value that Perl gives it.
 *
 * What stands here was held against perl(1) itself, and switches, pairs and lists against the answers of the original.
 */
import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { FORMS } from './perl-forms.ts'

/** Values of a configuration as they are written: lists flat, without their filters, and patterns as their source. */
function written(value: Config[keyof Config]): unknown {
  if (!Array.isArray(value)) return value
  return value.flatMap(each => {
    if (typeof each !== 'object') return [each]
    return 'label' in each ? [each.host, each.hit, each.miss, each.label] : [`${each.source}/${each.flags}`]
  })
}

t.test('each form has the value it has in Perl', t => {
  t.equal(FORMS.length, 111)
  for (const { label, text, want } of FORMS) {
    const { config, findings } = readConfiguration(text, 'x.conf')
    const errors = findings.filter(({ severity }) => severity === 'error').map(finding => finding.text)
    t.same(errors, [], `${label}: no error`)
    const got = Object.fromEntries(Object.keys(want).map(name => [name, written(config[name as keyof Config])]))
    t.same({ ...got, configError: config.configError }, { ...want, configError: '' }, label)
  }
  t.end()
})

t.test('with carriage returns, and with another statement behind, it is the same', t => {
  for (const { label, text } of FORMS) {
    const want = readConfiguration(text, 'x.conf').config
    t.same(readConfiguration(text.replaceAll('\n', '\r\n'), 'x.conf').config, want, label)
    if (/__END__|return|=pod|[^;]$/.test(text)) continue
    const { config } = readConfiguration(`${text}\n$SOMAXCONN = 99;`, 'x.conf')
    t.same(config, { ...want, SOMAXCONN: 99 }, `${label}, and more`)
  }
  t.end()
})

t.test('nothing but what is set differs from the built-in values', t => {
  const builtin = builtinConfig()
  const followers = ['CACHEREJECTMSG', 'SPATH', 'GROUP']
  for (const { label, text, want } of FORMS) {
    const { config } = readConfiguration(text, 'x.conf')
    const others = (Object.keys(builtin) as (keyof Config)[]).filter(
      name =>
        !(name in want) && !followers.includes(name) && JSON.stringify(config[name]) !== JSON.stringify(builtin[name]),
    )
    t.same(others, [], label)
  }
  t.end()
})
