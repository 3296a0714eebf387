import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  checkConfinement,
  parseUnits,
  type RunningMaster,
  restartNeeded,
} from '../../../src/cli/doctor/check-confinement.ts'
import type { PostfixMaster } from '../../../src/cli/doctor/postfix-master.ts'
import { showPostfixUnits } from '../../../src/cli/doctor/run-systemctl.ts'

const unit = (deny: string, filter: string, state = 'loaded', id = 'postfix.service', more = ''): string =>
  `Id=${id}\nLoadState=${state}\nMemoryDenyWriteExecute=${deny}\nSystemCallFilter=${filter}\n${more}`

const STOPPED: RunningMaster = { master: undefined, hasAnswered: false, putThereMs: () => undefined }

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
      'two units, of which the usual one starts it',
      `${unit('yes', 'read')}\n${unit('yes', 'read', 'loaded', 'postfix@-.service')}`,
      [{ about: 'postfix.service', text: /yes and System/ }],
    ],
    [
      'the other one',
      `${unit('no', '')}\n${unit('yes', 'read', 'loaded', 'postfix@-.service')}`,
      [{ about: 'postfix@-.service', remedy: [/postfix@-\.service\.d/, /restart postfix@-/] }],
    ],
    [
      'two units, of which Postfix runs in the other',
      `${unit('yes', 'read', 'loaded\nActiveState=inactive', 'postfix@-.service')}\n${unit('no', '', 'loaded\nActiveState=active')}`,
      [],
    ],
    ['nonsense', 'x\n\n=\n', []],
    ['nothing', '', []],
  ]
  for (const [label, text, want] of cases) {
    const found = checkConfinement(parseUnits(text), STOPPED)
    t.equal(found.length, want.length, label)
    t.match(found, want, label)
  }
  t.end()
})

t.test('the master that runs has the rules it was started with', t => {
  const DROP_IN = '/usr/lib/systemd/system/postfix.service.d/policyd-weight.conf'
  const free = unit('no', '', 'loaded', 'postfix.service', `DropInPaths=/etc/other.conf ${DROP_IN}\n`)
  const forbids = unit('yes', 'read')
  const master: PostfixMaster = { pid: 812, startedMs: 1000, isFiltered: true, unit: 'postfix.service' }
  const restart = 'systemctl restart postfix.service'
  const cases: {
    label: string
    text: string
    master?: Partial<PostfixMaster>
    hasAnswered?: boolean
    putThereMs?: number
    want: [level: string, text: RegExp][]
    wantRestart: string | undefined
  }[] = [
    {
      label: 'before the drop-in was there',
      text: free,
      want: [['error', /^its master \(process 812\) was started before \S+policyd-weight\.conf was there/]],
      wantRestart: restart,
    },
    { label: 'after it', text: free, putThereMs: 999, want: [], wantRestart: undefined },
    {
      label: 'without a filter, as in Debian 12',
      text: free,
      master: { isFiltered: false },
      want: [],
      wantRestart: undefined,
    },
    { label: 'what was asked has answered', text: free, hasAnswered: true, want: [], wantRestart: undefined },
    { label: 'started in a session', text: free, master: { unit: undefined }, want: [], wantRestart: undefined },
    { label: 'no drop-in', text: forbids, want: [['error', /^MemoryDeny/]], wantRestart: restart },
    {
      label: 'no drop-in, but a master from a session',
      text: forbids,
      master: { unit: undefined, isFiltered: false },
      want: [['warning', /^from its next start on: MemoryDeny/]],
      wantRestart: undefined,
    },
    {
      label: 'rules about memory need no filter',
      text: unit('yes', ''),
      master: { isFiltered: false },
      want: [['error', /^MemoryDeny/]],
      wantRestart: restart,
    },
    {
      label: 'rules about calls do: these came later',
      text: unit('no', 'read'),
      master: { isFiltered: false },
      want: [['warning', /^from its next start on: SystemCallFilter/]],
      wantRestart: undefined,
    },
    {
      label: 'only the unit that it runs in counts',
      text: `${forbids}\n${unit('no', '', 'loaded', 'postfix@-.service')}`,
      master: { unit: 'postfix@-.service' },
      want: [],
      wantRestart: undefined,
    },
  ]
  for (const {
    label,
    text,
    master: changed = {},
    hasAnswered = false,
    putThereMs = 2000,
    want,
    wantRestart,
  } of cases) {
    const found = checkConfinement(parseUnits(text), {
      master: { ...master, ...changed },
      hasAnswered,
      putThereMs: path => (path === DROP_IN ? putThereMs : undefined),
    })
    t.strictSame(
      found.map(({ level, code }) => [level, code]),
      want.map(([level]) => [level, 'confined']),
      label,
    )
    for (const [index, [, message]] of want.entries()) t.match(found[index]?.text, message, label)
    t.equal(restartNeeded(found), wantRestart, label)
  }
  const [outdated] = checkConfinement(parseUnits(`${forbids}NeedDaemonReload=yes\n`), STOPPED)
  t.strictSame(outdated?.remedy, [`systemctl daemon-reload && ${restart}`], 'a drop-in that systemd has not read yet')
  t.end()
})

t.test('systemctl is asked with fixed words, and need not be there', async t => {
  const folder = t.testdir()
  t.equal(await showPostfixUnits(undefined, folder), '')
  const program = join(folder, 'systemctl')
  writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$@"\n')
  chmodSync(program, 0o755)
  const units = async (running?: string): Promise<string[]> =>
    (await showPostfixUnits(running, folder)).split('\n').filter(word => word.endsWith('.service'))
  t.match(await showPostfixUnits(undefined, folder), /^show\n--no-pager\n--property=Id\n/)
  t.strictSame(await units(), ['postfix.service', 'postfix@-.service'])
  t.strictSame(await units('postfix.service'), ['postfix.service', 'postfix@-.service'])
  t.strictSame(await units('postfix@two.service'), ['postfix.service', 'postfix@-.service', 'postfix@two.service'])
  t.strictSame(await units('cron.service'), ['postfix.service', 'postfix@-.service'], 'started by somebody else')
  writeFileSync(program, '#!/bin/sh\necho x\nexit 1\n')
  t.equal(await showPostfixUnits(undefined, folder), '')
})
