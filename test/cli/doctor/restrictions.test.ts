import t from 'tap'
import {
  flatten,
  parsePolicyArgument,
  parseRestrictions,
  restrictionClasses,
} from '../../../src/cli/doctor/restrictions.ts'

t.test('a list as it is written', t => {
  const cases: [label: string, list: string, want: string[]][] = [
    ['empty', '', []],
    ['blanks and commas', 'permit_mynetworks, reject', ['permit_mynetworks', 'reject']],
    [
      'an argument belongs to its restriction',
      'check_policy_service unix:private/policy reject_rbl_client zen.example permit',
      ['check_policy_service unix:private/policy', 'reject_rbl_client zen.example', 'permit'],
    ],
    ['also behind a comma', 'check_client_access, hash:/x, sleep 1', ['check_client_access hash:/x', 'sleep 1']],
    [
      'warn_if_reject belongs to what follows',
      'warn_if_reject reject_rbl_client x',
      ['warn_if_reject reject_rbl_client x'],
    ],
    ['an argument in braces', 'check_policy_service { unix:a, b=c } x', ['check_policy_service { unix:a, b=c }', 'x']],
    ['an argument that is missing', 'check_policy_service', ['check_policy_service']],
    ['warn_if_reject alone', 'warn_if_reject', []],
  ]
  for (const [label, list, want] of cases)
    t.strictSame(
      parseRestrictions(list).map(({ text }) => text),
      want,
      label,
    )
  t.match(parseRestrictions('Check_Policy_Service unix:A')[0], { name: 'check_policy_service', argument: 'unix:A' })
  t.end()
})

t.test('what is evaluated, classes in their places', t => {
  const classes = restrictionClasses(
    'one, Two loop none',
    name => ({ one: 'a, Two', Two: 'check_policy_service unix:x, b', loop: 'loop' })[name] ?? '',
  )
  const steps = (list: string): string[] =>
    flatten(parseRestrictions(list), classes).map(({ name, item, within }) => `${name} ${item} ${within ?? '-'}`)
  t.strictSame(steps('x, one, y'), ['x 0 -', 'a 1 one', 'check_policy_service 1 Two', 'b 1 Two', 'y 2 -'])
  t.strictSame(steps('none, x'), ['x 1 -'], 'a class without a list')
  t.strictSame(steps('loop, x'), ['loop 0 loop', 'x 1 -'], 'a class that names itself ends somewhere')
  const warned = flatten(parseRestrictions('warn_if_reject one'), classes)
  t.ok(
    warned.every(({ onlyWarns }) => onlyWarns),
    'warn_if_reject goes for all of a class',
  )
  t.end()
})

t.test('classes that name each other many times over stay bounded', t => {
  const names = [...'abcdefgh']
  const classes = restrictionClasses(names.join(' '), () => names.join(' '))
  t.ok(flatten(parseRestrictions('a'), classes).length < 3000)
  t.end()
})

t.test('what check_policy_service is told', t => {
  const cases: [label: string, argument: string, wantEndpoint: string, wantSettings: [string, string][]][] = [
    ['the short form', 'unix:private/policy', 'unix:private/policy', []],
    ['braces with nothing else', '{ inet:127.0.0.1:12525 }', 'inet:127.0.0.1:12525', []],
    [
      'settings',
      '{ unix:private/policy, timeout=20s default_action=DUNNO }',
      'unix:private/policy',
      [
        ['timeout', '20s'],
        ['default_action', 'DUNNO'],
      ],
    ],
    [
      'a setting with blanks',
      '{ unix:x, { default_action = 451 4.3.5 Later } }',
      'unix:x',
      [['default_action', '451 4.3.5 Later']],
    ],
    ['blanks around =', '{ unix:x, timeout = 5s }', 'unix:x', [['timeout', '5s']]],
    ['nothing at all', '{ }', '', []],
  ]
  for (const [label, argument, wantEndpoint, wantSettings] of cases) {
    const { endpoint, settings } = parsePolicyArgument(argument)
    t.equal(endpoint, wantEndpoint, label)
    t.strictSame([...settings], wantSettings, label)
  }
  t.end()
})
