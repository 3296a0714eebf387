import t from 'tap'
import { checkClientSettings } from '../../../src/cli/doctor/check-client-settings.ts'
import { Remedies } from '../../../src/cli/doctor/remedy.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { POLICY, postfixOf, SMTPD, usesOf } from '../../support/postfix-model.ts'

const S = 'smtpd_policy_service_'
const set = (name: string, value: string): string => `postconf -e '${S}${name} = ${value}'`

t.test('how Postfix asks', t => {
  const cases: {
    label: string
    settings?: string
    asked?: string
    config?: Partial<Config>
    want: [level: string, code: string | undefined][]
    wantRemedy?: string
  }[] = [
    { label: 'the defaults', want: [['ok', undefined]] },
    {
      label: 'REJECT',
      settings: 'default_action = REJECT',
      want: [['error', 'default-action-loses-mail']],
      wantRemedy: set('default_action', '451 4.3.5 Server configuration problem'),
    },
    { label: '5xx', settings: 'default_action = 550 No', want: [['error', 'default-action-loses-mail']] },
    { label: 'DISCARD', settings: 'default_action = discard', want: [['error', 'default-action-loses-mail']] },
    { label: 'OK', settings: 'default_action = OK', want: [['warning', 'default-action-accepts']] },
    { label: 'digits alone accept', settings: 'default_action = 451', want: [['warning', 'default-action-accepts']] },
    { label: 'so do these', settings: 'default_action = 550', want: [['warning', 'default-action-accepts']] },
    { label: 'DUNNO', settings: 'default_action = DUNNO', want: [['ok', undefined]] },
    { label: 'defer_if_permit', settings: 'default_action = defer_if_permit x', want: [['ok', undefined]] },
    { label: 'no action', settings: 'default_action = rejct', want: [['warning', 'default-action-unknown']] },
    { label: 'one try', settings: 'try_limit = 1', want: [['error', 'one-try']], wantRemedy: set('try_limit', '2') },
    {
      label: 'a long time',
      settings: 'timeout = 200s',
      want: [['warning', 'tries-too-long']],
      wantRemedy: set('timeout', '100s'),
    },
    { label: 'many tries', settings: 'try_limit = 3', want: [['warning', 'tries-too-long']] },
    {
      label: 'a long delay',
      settings: 'retry_delay = 1m',
      want: [['warning', 'retry-delay']],
      wantRemedy: set('retry_delay', '1s'),
    },
    {
      label: 'a process for each request',
      settings: 'request_limit = 1',
      want: [['warning', 'request-limit']],
      wantRemedy: set('request_limit', '0'),
    },
    {
      label: 'a daemon that closes each connection, the trap of one second',
      asked: 'inet:127.0.0.1:12525',
      config: { TRY_BALANCE: true },
      want: [['warning', 'second-request-waits']],
      wantRemedy: 'in the configuration: $TRY_BALANCE = 0;',
    },
    {
      label: 'and the way out of it',
      asked: 'inet:127.0.0.1:12525',
      config: { TRY_BALANCE: true },
      settings: 'request_limit = 1',
      want: [['ok', undefined]],
    },
    { label: 'spawn mode knows no $TRY_BALANCE', config: { TRY_BALANCE: true }, want: [['ok', undefined]] },
    {
      label: 'short connections',
      settings: 'max_idle = 1s',
      want: [['warning', 'short-connections']],
      wantRemedy: set('max_idle', '300s'),
    },
    {
      label: 'short lives',
      settings: 'max_ttl = 5',
      want: [['warning', 'short-connections']],
      wantRemedy: set('max_ttl', '1000s'),
    },
    {
      label: 'another service is not our business',
      settings: 'try_limit = 1',
      asked: 'inet:127.0.0.1:10023',
      want: [],
    },
    {
      label: 'a setting of one use',
      asked: '{ unix:private/policy, { default_action = 550 No way } }',
      want: [['error', 'default-action-loses-mail']],
      wantRemedy:
        "postconf -e 'smtpd_recipient_restrictions = check_policy_service { unix:private/policy, { default_action = 451 4.3.5 Server configuration problem } }'",
    },
    {
      label: 'its own setting comes before that of main.cf',
      settings: 'try_limit = 1',
      asked: '{ unix:private/policy, try_limit=2 }',
      want: [['ok', undefined]],
    },
    {
      label: 'one without blanks',
      asked: '{ unix:private/policy, try_limit=1, timeout=50s }',
      want: [['error', 'one-try']],
      wantRemedy:
        "postconf -e 'smtpd_recipient_restrictions = check_policy_service { unix:private/policy, try_limit=2, timeout=50s }'",
    },
  ]
  for (const { label, settings, asked = 'unix:private/policy', config: changed, want, wantRemedy } of cases) {
    const config = builtinConfig(changed)
    const postfix = postfixOf({
      set: `${settings === undefined ? '' : S + settings}\nsmtpd_recipient_restrictions = check_policy_service ${asked}`,
    })
    const found = checkClientSettings(postfix, usesOf(postfix, config).uses, config, new Remedies())
    t.strictSame(
      found.map(({ level, code }) => [level, code]),
      want,
      label,
    )
    if (wantRemedy) t.equal(found[0]?.remedy[0], wantRemedy, label)
  }
  t.end()
})

t.test('a class of one’s own is an action', t => {
  const postfix = postfixOf({
    set: `smtpd_restriction_classes = later\n${S}default_action = later\nsmtpd_recipient_restrictions = check_policy_service unix:private/policy`,
  })
  t.match(checkClientSettings(postfix, usesOf(postfix).uses, builtinConfig(), new Remedies()), [{ level: 'ok' }])
  t.end()
})

t.test('a setting is changed where it stands', t => {
  const cases: { label: string; set?: string; overrides?: string; want: string }[] = [
    {
      label: 'in -o of a service',
      set: 'smtpd_recipient_restrictions = check_policy_service unix:private/policy',
      overrides: `smtp/inet/${S}try_limit = 1`,
      want: `postconf -P smtp/inet/${S}try_limit=2`,
    },
    {
      label: 'in a restriction class',
      set: 'smtpd_restriction_classes = weigh\nweigh = check_policy_service { unix:private/policy, try_limit=1 }\nsmtpd_recipient_restrictions = weigh',
      want: "postconf -e 'weigh = check_policy_service { unix:private/policy, try_limit=2 }'",
    },
  ]
  for (const { label, set = '', overrides = '', want } of cases) {
    const postfix = postfixOf({ set, overrides, services: SMTPD + POLICY })
    const [found] = checkClientSettings(postfix, usesOf(postfix).uses, builtinConfig(), new Remedies())
    t.strictSame(found?.remedy, [want], label)
  }
  t.end()
})
