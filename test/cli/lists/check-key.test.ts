/** A list that needs a key which is not there: why, and what helps. */
import t from 'tap'
import { warnOfKey } from '../../../src/cli/lists/check-key.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'

t.test('what is wrong, and what helps', async t => {
  const folder = t.testdir({ empty: '' })
  const install = (path: string): string => `install -o root -g polw -m 640 /dev/stdin ${path}`
  const cases: [label: string, list: string, config: Partial<Config>, want: RegExp, remedy: string[]][] = [
    [
      'nothing is set',
      'zen.dq.spamhaus.net',
      {},
      /^is not asked: it needs a key, and \$DQS_KEY_FILE is not set; .*Ctrl-D/,
      [
        "in the configuration, above the list: $DQS_KEY_FILE = '/etc/policyd-weight.dqs-key';",
        install('/etc/policyd-weight.dqs-key'),
      ],
    ],
    [
      'nor for the other operator',
      'combined.mail.abusix.zone',
      { DQS_KEY_FILE: '/x' },
      /\$ABUSIX_KEY_FILE is not set/,
      [
        "in the configuration, above the list: $ABUSIX_KEY_FILE = '/etc/policyd-weight.abusix-key';",
        install('/etc/policyd-weight.abusix-key'),
      ],
    ],
    [
      'its file is not there',
      'zen.dq.spamhaus.net',
      { DQS_KEY_FILE: `${folder}/a b` },
      /\/a b \(\$DQS_KEY_FILE\) is not there/,
      [install(`'${folder}/a b'`)],
    ],
    [
      'its file has none',
      'zen.dq.spamhaus.net',
      { DQS_KEY_FILE: `${folder}/empty` },
      /\/empty \(\$DQS_KEY_FILE\) has no key, or it cannot be read/,
      ['policyd-weight -f /b.conf check'],
    ],
    ['a key of somebody else', 'misplaced', {}, /where it does not belong/, ['policyd-weight -f /b.conf check']],
  ]
  for (const [label, list, config, text, remedy] of cases)
    t.match(
      warnOfKey(list, builtinConfig({ GROUP: 'polw', ...config }), '/b.conf'),
      { level: 'warning', code: 'list-no-key', about: list, text, remedy },
      label,
    )
})
