/**
 * What doctor finds in each of the ways in which Postfix and this program are put together: exactly that, and nothing else.
 *
 *   what the machine looks like – main.cf, master.cf, units, the master that runs, who answers → findings
 *
 * How a machine is made: test/support/machine.ts.
 */
import { join } from 'node:path'
import t from 'tap'
import { examine } from '../../../src/cli/doctor/doctor.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { VERSION } from '../../../src/policy/version.ts'
import type { FakeProcess } from '../../support/fake-proc.ts'
import { buildMachine, isRoot, type Machine } from '../../support/machine.ts'
import { testNative } from '../../../testkit/native.ts'

const OURS = `action=DUNNO policyd-weight ${VERSION}\n\n`
const PERL = 'action=DUNNO NULL (<>) Sender\n\n'
const BEHIND = 'permit_mynetworks, reject_unauth_destination'
const SPAWN = 'policy unix - n n - 0 spawn user=USER argv=FOLDER/policyd-weight -f FOLDER/conf\n'
const SPAWN_LIST = `${BEHIND}, check_policy_service unix:private/policy`
const DAEMON_LIST = `${BEHIND}, check_policy_service inet:127.0.0.1:PORT`

const unit = (id: string, properties: string): string => `Id=${id}\nLoadState=loaded\n${properties}\n`
const DAEMON_UNIT = unit('policyd-weight.service', 'ActiveState=active\nUnitFileState=enabled\n')
const STOPPED_UNIT = unit('policyd-weight.service', 'ActiveState=failed\nUnitFileState=enabled\n')
const SOCKET_UNIT = unit(
  'policyd-weight.socket',
  'ActiveState=active\nUnitFileState=enabled\nListen=FOLDER/queue/private/polw (Stream)\n',
)
/** Debian 13 as it comes, and with our drop-in; Debian 12 has no rules at all. */
const RULES = unit('postfix.service', 'MemoryDenyWriteExecute=yes\nSystemCallFilter=read write\n')
const PUT_ASIDE = unit(
  'postfix.service',
  'MemoryDenyWriteExecute=no\nSystemCallFilter=\nDropInPaths=FOLDER/drop-in.conf\n',
)
const DEBIAN_12 = unit(
  'postfix@-.service',
  'MemoryDenyWriteExecute=no\nSystemCallFilter=\nDropInPaths=FOLDER/drop-in.conf\n',
)

const MASTER: FakeProcess = { pid: 812, name: 'master', ageSeconds: 3600, unit: 'postfix.service', seccomp: 0 }
/** As Debian 13 confines it, before and after the drop-in was there. */
const CONFINED: FakeProcess = { ...MASTER, seccomp: 2 }
const RESTARTED: FakeProcess = { ...CONFINED, ageSeconds: 0 }

interface Row {
  readonly label: string
  readonly machine: Machine
  readonly want: readonly (readonly [level: string, code: string])[]
  /** The last remedy. */
  readonly wantRemedy?: string | RegExp
  /** Only root sees it, by becoming the user. */
  readonly forRoot?: true
}

const inOrder: Machine = {
  list: SPAWN_LIST,
  entry: SPAWN,
  postfixUnits: DEBIAN_12,
  master: { ...MASTER, unit: 'postfix@-.service' },
  listening: { 'private/policy': OURS },
}
const debian13: Machine = { ...inOrder, postfixUnits: PUT_ASIDE, master: CONFINED }
const daemon: Machine = {
  list: DAEMON_LIST,
  daemonUnits: DAEMON_UNIT,
  postfixUnits: RULES,
  master: CONFINED,
  listening: { '127.0.0.1': OURS },
}
const socketUnit: Machine = {
  ...daemon,
  list: `${BEHIND}, check_policy_service unix:private/polw`,
  daemonUnits: SOCKET_UNIT,
  listening: { 'private/polw': OURS },
}
const twoDaemons: Machine = {
  ...daemon,
  list: `${BEHIND}, check_policy_service inet:polw.example.net:PORT`,
  listening: { '127.0.0.1': OURS, '127.0.0.2': OURS },
}
const passing: Machine = {
  ...daemon,
  list: `${BEHIND}, check_policy_service { inet:127.0.0.1:PORT, default_action=DUNNO }`,
}

const ROWS: readonly Row[] = [
  { label: 'spawn', machine: inOrder, want: [] },
  {
    label: 'spawn in Debian 12, where the drop-in is new and Postfix does not know the service yet',
    machine: { ...inOrder, listening: {} },
    want: [['warning', 'service-down']],
    wantRemedy: /^postfix reload$/,
  },
  { label: 'daemon, whatever Debian 13 forbids Postfix', machine: daemon, want: [] },
  { label: 'socket unit', machine: socketUnit, want: [] },
  {
    label: 'socket unit without SocketUser=',
    machine: { ...socketUnit, mode: 0o600 },
    want: [['error', 'socket-closed']],
    wantRemedy: 'systemctl edit policyd-weight.socket: [Socket] SocketUser=bin',
    forRoot: true,
  },
  { label: 'two daemons under one name', machine: twoDaemons, want: [] },
  {
    label: 'two daemons, one of which is dead',
    machine: { ...twoDaemons, listening: { '127.0.0.2': OURS } },
    want: [['warning', 'service-down']],
    wantRemedy: 'systemctl start policyd-weight.service',
  },
  {
    label: 'two daemons, one of which never answers',
    machine: { ...twoDaemons, listening: { '127.0.0.1': OURS, '127.0.0.2': '' } },
    want: [['error', 'service-silent']],
  },
  {
    label: 'two daemons one behind the other',
    machine: { ...twoDaemons, list: `${DAEMON_LIST}, check_policy_service inet:127.0.0.2:PORT` },
    want: [['note', 'asked-twice']],
  },
  { label: 'default_action of its own', machine: passing, want: [] },
  {
    label: 'default_action of its own, and nobody listens',
    machine: { ...passing, listening: {} },
    want: [['warning', 'service-down']],
    wantRemedy: 'systemctl start policyd-weight.service',
  },
  {
    label: 'Debian 13 before the restart',
    machine: { ...debian13, listening: { 'private/policy': '' } },
    want: [
      ['error', 'confined'],
      ['error', 'service-silent'],
    ],
    wantRemedy: 'systemctl restart postfix.service',
  },
  {
    label: 'Debian 13 before the restart, and Postfix does not know the service yet',
    machine: { ...debian13, listening: {} },
    want: [
      ['error', 'confined'],
      ['warning', 'service-down'],
    ],
    wantRemedy: 'systemctl restart postfix.service',
  },
  {
    label: 'Debian 13 without the drop-in',
    machine: { ...debian13, postfixUnits: RULES, listening: { 'private/policy': '' } },
    want: [
      ['error', 'confined'],
      ['error', 'service-silent'],
    ],
    wantRemedy: 'systemctl restart postfix.service',
  },
  { label: 'Debian 13 after the restart', machine: { ...debian13, master: RESTARTED }, want: [] },
  { label: 'Debian 13 after the restart, and after another version of the package', machine: debian13, want: [] },
  {
    label: 'Debian 13 after the restart, and a service that ends for another reason',
    machine: { ...debian13, master: RESTARTED, listening: { 'private/policy': '' } },
    want: [['error', 'service-silent']],
    wantRemedy: /mail log/,
  },
  {
    label: 'an old Perl daemon on the port',
    machine: { ...daemon, listening: { '127.0.0.1': PERL } },
    want: [['warning', 'service-other-version']],
    wantRemedy: 'systemctl start policyd-weight.service',
  },
  {
    label: 'the daemon is stopped',
    machine: { ...daemon, daemonUnits: STOPPED_UNIT, listening: {} },
    want: [['error', 'service-down']],
    wantRemedy: 'systemctl start policyd-weight.service',
  },
  {
    label: 'Postfix is stopped',
    machine: { list: SPAWN_LIST, entry: SPAWN, postfixUnits: DEBIAN_12, listening: {} },
    want: [['warning', 'service-down']],
    wantRemedy: 'postfix start || postfix reload',
  },
]

interface Reported {
  readonly level: string
  readonly code?: string
  readonly about: string
  readonly remedy: readonly string[]
}

const { PATH = '/usr/bin:/bin' } = process.env
t.teardown(() => {
  process.env.PATH = PATH
})

for (const { label, machine, want, wantRemedy, forRoot } of ROWS) {
  const skip = forRoot && !isRoot ? 'only root can become another user' : false
  t.test(label, { skip }, async t => {
    const folder = await buildMachine(t, machine)
    process.env.PATH = `${folder}/bin:${PATH}`
    const run = async (json: boolean) =>
      examine({
        postfixDirectory: undefined,
        json,
        load: () => loadConfig({ file: join(folder, 'conf'), withOrigins: true }),
        native: testNative(),
        cacheFileName: 'x.cache',
        progress: undefined,
        proc: join(folder, 'proc'),
        addressesOf: async () => ['127.0.0.1', '127.0.0.2'],
      })
    const { text } = await run(true)
    const all: Reported[] = JSON.parse(text).diagnoses
    // Where the Node.js that runs this lies is no part of the set-up; nor is who runs it.
    const found = all.filter(
      ({ level, about, code }) => level !== 'ok' && about !== process.execPath && (isRoot || code !== 'not-looked-at'),
    )
    t.strictSame(
      found.map(({ level, code }) => [level, code]),
      want,
      JSON.stringify(found),
    )
    if (wantRemedy) t.match(found.at(-1)?.remedy.at(-1), wantRemedy)
    if (want.some(([, code]) => code === 'confined')) {
      const printed = (await run(false)).text
      t.notMatch(printed, /reload(?!\s*&&)/, 'nothing leads into a reload')
      t.match(printed, /; after a change: systemctl restart postfix\.service, and doctor again\n$/)
    }
  })
}
