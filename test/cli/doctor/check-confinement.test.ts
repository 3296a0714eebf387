import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { checkConfinement, parseUnits } from '../../../src/cli/doctor/check-confinement.ts'
import { showPostfixUnits } from '../../../src/cli/doctor/run-systemctl.ts'

const unit = (deny: string, filter: string, state = 'loaded', id = 'postfix.service'): string =>
  `Id=${id}\nLoadState=${state}\nMemoryDenyWriteExecute=${deny}\nSystemCallFilter=${filter}\n`

t.test('rules under which Node cannot run', t => {
  const cases: [label: string, text: string, want: object[]][] = [
    ['none', unit('no', ''), []],
    [
      'memory',
      unit('yes', ''),
      [{ level: 'error', code: 'confined', about: 'postfix.service', text: /^MemoryDenyWrite/ }],
    ],
    ['a list of what is allowed', unit('no', 'read write'), [{ code: 'confined', text: /^SystemCallFilter= without/ }]],
    ['with the call', unit('no', 'read pkey_alloc write'), []],
    ['a list of what is forbidden', unit('no', '~mount reboot'), []],
    ['with the call, too', unit('no', '~mount pkey_alloc'), [{ code: 'confined' }]],
    ['a unit that is not there', unit('yes', 'read', 'not-found'), []],
    [
      'two units',
      `${unit('yes', 'read')}\n${unit('yes', 'read', 'loaded', 'postfix@-.service')}`,
      [
        { text: /yes and System/ },
        { about: 'postfix@-.service', remedy: [/postfix@-\.service\.d/, /restart postfix@-/] },
      ],
    ],
    ['nonsense', 'x\n\n=\n', []],
    ['nothing', '', []],
  ]
  for (const [label, text, want] of cases) {
    const found = checkConfinement(parseUnits(text))
    t.equal(found.length, want.length, label)
    t.match(found, want, label)
  }
  t.end()
})

t.test('systemctl is asked with fixed words, and need not be there', async t => {
  const folder = t.testdir()
  t.equal(await showPostfixUnits(folder), '')
  const program = join(folder, 'systemctl')
  writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n')
  chmodSync(program, 0o755)
  t.match(await showPostfixUnits(folder), /^show\n--no-pager\n[\s\S]*\npostfix\.service\npostfix@-\.service\n$/)
  writeFileSync(program, '#!/bin/sh\necho x\nexit 1\n')
  t.equal(await showPostfixUnits(folder), '')
})
