import t from 'tap'
import {
  ASKED_PARAMETERS,
  expandParameters,
  isOverridden,
  parseOverrides,
  parseParameters,
  parseSeconds,
  parseServices,
  serviceId,
  settingOf,
  smtpServers,
} from '../../../src/cli/doctor/postfix.ts'
import { postfixOf, recordedOutput } from '../../support/postfix-model.ts'

t.test('parameters as postconf printed them', t => {
  const parameters = parseParameters(recordedOutput('set.txt'))
  t.equal(parameters.size, 10)
  t.equal(parameters.get('policy_time_limit'), '3600')
  t.equal(parameters.get('mydestination'), 'mail.example.org, localhost, example.org')
  const asked = parseParameters(recordedOutput('asked.txt'))
  t.strictSame(
    [...asked.keys()].sort(),
    [...ASKED_PARAMETERS].sort(),
    'every parameter that is asked for, and no other',
  )
  t.equal(asked.get('smtpd_client_restrictions'), '')
  t.end()
})

t.test('what is no parameter is left out, and no name reaches an object', t => {
  const parameters = parseParameters('a = 1\npostconf: warning: x\n\n = 2\n__proto__ = 3\na = 4\n')
  t.strictSame(
    [...parameters],
    [
      ['a', '4'],
      ['__proto__', '3'],
    ],
  )
  t.end()
})

t.test('without -x, names are put in here, and it comes to the same', t => {
  const expanded = expandParameters(parseParameters(recordedOutput('set-not-expanded.txt')))
  t.strictSame(expanded, parseParameters(recordedOutput('set.txt')))
  const cases: [label: string, text: string, want: string][] = [
    ['braces and parentheses', `a = ${'$'}{b}$(b)$b\nb = 1`, '111'],
    ['a name nobody sets stays', 'a = $none', '$none'],
    ['a chain', 'a = $b\nb = $c\nc = 1', '1'],
    ['a name is taken whole', 'a = $bc\nb = 1\nbc = 2', '2'],
  ]
  for (const [label, text, want] of cases) t.equal(expandParameters(parseParameters(text)).get('a'), want, label)
  t.ok(expandParameters(parseParameters('a = $a$a$a$a$a$a$a$a')), 'one that names itself comes to an end')
  t.end()
})

t.test('entries of master.cf as postconf printed them', t => {
  const services = parseServices(recordedOutput('services.txt'))
  t.equal(services.length, 11)
  t.strictSame(services.map(serviceId).slice(0, 3), ['smtp/inet', 'submission/inet', '127.0.0.1:10025/inet'])
  t.strictSame(services[9], {
    name: 'policy',
    type: 'unix',
    private: '-',
    unprivileged: 'n',
    chroot: 'n',
    processLimit: '0',
    command: 'spawn',
    args: ['user=polw', 'argv=/usr/bin/node', '/usr/local/bin/policyd-weight'],
  })
  t.match(services[10], {
    private: 'n',
    processLimit: '5',
    args: ['user=nobody:nogroup', 'argv=/usr/bin/node', '/opt/policy daemons/policyd-weight', '-f', '/etc/odd.conf'],
  })
  t.strictSame(parseServices('\nno entry\npolicy unix - n\n'), [])
  t.end()
})

t.test('-o options as postconf printed them', t => {
  const overrides = parseOverrides(recordedOutput('overrides.txt'))
  t.equal(overrides.get('submission/inet')?.get('smtpd_relay_restrictions'), 'permit_sasl_authenticated,reject')
  t.equal(overrides.get('submission/inet')?.get('smtpd_client_restrictions'), 'permit_sasl_authenticated, reject')
  t.equal(overrides.get('relay/unix')?.size, 1)
  t.equal(parseOverrides('[::1]:25/inet/a = b\n').get('[::1]:25/inet')?.get('a'), 'b')
  t.end()
})

t.test('a setting as a service sees it', t => {
  const postfix = postfixOf({
    set: 'a = main',
    services: recordedOutput('services.txt'),
    overrides: 'submission/inet/a = own\nsmtp/inet/b =',
  })
  const [smtp, submission] = postfix.services
  t.equal(settingOf(postfix, 'a', submission), 'own')
  t.equal(settingOf(postfix, 'a', smtp), 'main')
  t.equal(settingOf(postfix, 'a', undefined), 'main')
  t.equal(settingOf(postfix, 'none', smtp), '')
  t.equal(isOverridden(postfix, 'b', smtp), true, 'also if it is empty')
  t.equal(isOverridden(postfix, 'a', smtp), false)
  t.strictSame(
    smtpServers(postfix).map(each => each && serviceId(each)),
    [...['smtp/inet', 'submission/inet', '127.0.0.1:10025/inet']],
  )
  t.strictSame(smtpServers(postfixOf({ services: '' })), [undefined], 'main.cf is looked at even if nobody listens')
  t.end()
})

t.test('times', t => {
  const cases: [text: string, want: number | undefined][] = [
    ['100s', 100],
    ['3600', 3600],
    ['1h', 3600],
    ['2m', 120],
    ['1d', 86_400],
    ['1w', 604_800],
    [' 5s ', 5],
    ['', undefined],
    ['$x', undefined],
    ['1.5s', undefined],
    ['-1', undefined],
  ]
  for (const [text, want] of cases) t.equal(parseSeconds(text), want, text)
  t.end()
})
