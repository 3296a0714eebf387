import t from 'tap'
import { checkTimes } from '../../../src/cli/doctor/check-times.ts'
import { findOurServices, spawnEntries } from '../../../src/cli/doctor/our-services.ts'
import { Remedies } from '../../../src/cli/doctor/remedy.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { EVERYTHING_THERE, postfixOf, usesOf } from '../../support/postfix-model.ts'

t.test('time limits against the time DNS may take', t => {
  const ASK = 'smtpd_recipient_restrictions = check_policy_service unix:private/policy'
  const cases: {
    label: string
    set: string
    overrides?: string
    config?: Partial<Config>
    want: [level: string, code: string | undefined, remedy?: string][]
  }[] = [
    {
      label: 'as the manual has it',
      set: `${ASK}\npolicy_time_limit = 3600`,
      want: [
        ['ok', undefined],
        ['ok', undefined],
      ],
    },
    {
      label: "spawn(8)'s own limit is that of the connection",
      set: ASK,
      want: [
        ['ok', undefined],
        ['warning', 'time-limit-too-short', "postconf -e 'policy_time_limit = 3600'"],
      ],
    },
    {
      label: 'unless the connection ends sooner',
      set: `${ASK}\nsmtpd_policy_service_max_ttl = 500s`,
      want: [
        ['ok', undefined],
        ['ok', undefined],
      ],
    },
    {
      label: 'a limit for all commands',
      set: `${ASK}\ncommand_time_limit = 2h`,
      want: [
        ['ok', undefined],
        ['ok', undefined],
      ],
    },
    {
      label: 'shorter than DNS may take',
      set: `${ASK}\npolicy_time_limit = 30s\nsmtpd_policy_service_timeout = 30s`,
      want: [
        ['error', 'timeout-below-budget', "postconf -e 'smtpd_policy_service_timeout = 100s'"],
        ['error', 'time-limit-below-budget', "postconf -e 'policy_time_limit = 3600'"],
      ],
    },
    {
      label: 'the configuration makes it longer',
      set: `${ASK}\npolicy_time_limit = 3600\nsmtpd_policy_service_timeout = 60s`,
      config: { DNS_RETRY_IVAL: 10 },
      want: [
        ['error', 'timeout-below-budget', "postconf -e 'smtpd_policy_service_timeout = 100s'"],
        ['ok', undefined],
      ],
    },
    {
      label: 'the longest our lookups may take is less than 100 s',
      set: `${ASK}\npolicy_time_limit = 3600`,
      config: { DNS_RETRY_IVAL: 300 },
      want: [
        ['ok', undefined],
        ['ok', undefined],
      ],
    },
    {
      label: 'set in one use',
      set: 'smtpd_recipient_restrictions = check_policy_service { unix:private/policy, timeout=5s }\npolicy_time_limit = 3600',
      want: [
        [
          'error',
          'timeout-below-budget',
          "postconf -e 'smtpd_recipient_restrictions = check_policy_service { unix:private/policy, timeout=100s }'",
        ],
        ['ok', undefined],
      ],
    },
    {
      label: 'set by the service itself',
      set: ASK,
      overrides: 'policy/unix/policy_time_limit = 10',
      want: [
        ['ok', undefined],
        ['error', 'time-limit-below-budget', 'postconf -P policy/unix/policy_time_limit=3600'],
      ],
    },
    {
      label: 'nobody asks, and the process may live as long as it is let',
      set: 'smtpd_recipient_restrictions =',
      want: [['ok', undefined]],
    },
  ]
  for (const { label, set, overrides = '', config: changed, want } of cases) {
    const config = builtinConfig(changed)
    const postfix = postfixOf({ set, overrides })
    const ours = findOurServices(spawnEntries(postfix.services), EVERYTHING_THERE)
    const found = checkTimes(postfix, ours, usesOf(postfix, config).uses, config, new Remedies())
    t.strictSame(
      found.map(({ level, code }) => [level, code]),
      want.map(([level, code]) => [level, code]),
      label,
    )
    for (const [index, [, , remedy]] of want.entries()) if (remedy) t.strictSame(found[index]?.remedy, [remedy], label)
  }
  t.end()
})
