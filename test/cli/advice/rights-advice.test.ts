import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { adviseOnRights, type Running } from '../../../src/cli/advice/rights-advice.ts'
import type { ServiceUser } from '../../../src/cli/rights/service-user.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'

const isRoot = process.geteuid?.() === 0
const NOBODY: ServiceUser = { name: 'nobody', group: 'nogroup', uid: 65_534, groups: [65_534] }

t.test('what the user of the service may not do', { skip: isRoot ? false : 'only root can become another user' }, t => {
  const folder = mkdtempSync(join(tmpdir(), 'advice-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  for (const name of ['closed', 'logs']) mkdirSync(join(folder, name), { mode: 0o700 })
  chownSync(join(folder, 'logs'), 65_534, 65_534)
  for (const name of ['conf', 'node', 'program', 'part.node', 'closed/node', 'root.log']) {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), 0o755)
  }
  writeFileSync(join(folder, 'secret'), '')
  chmodSync(join(folder, 'secret'), 0o600)
  const inOrder: Running = { node: `${folder}/node`, path: `${folder}/program`, addonPath: `${folder}/part.node` }
  const cases: {
    label: string
    path?: string
    config?: Partial<Config>
    running?: Partial<Running>
    user?: ServiceUser
    want: [file: string, message: RegExp][]
  }[] = [
    { label: 'all is well', want: [] },
    {
      label: 'a configuration for root alone',
      path: 'secret',
      want: [['secret', /^user nobody cannot read it: it may not read that file; the built-in defaults serve$/]],
    },
    {
      label: "a Node.js in somebody's own folder",
      running: { node: `${folder}/closed/node` },
      want: [
        ['closed/node', /^user nobody cannot run this Node\.js: \/.*\/closed is closed to that user; what serves/],
      ],
    },
    { label: 'a program', running: { path: `${folder}/secret` }, want: [['secret', /cannot read the program/]] },
    {
      label: 'a native part',
      running: { addonPath: `${folder}/secret` },
      want: [['secret', /cannot read the native part: .*; each start unpacks the one inside$/]],
    },
    {
      label: 'a log of somebody else',
      config: { LOGFILE: `${folder}/root.log` },
      want: [['root.log', /write the log/]],
    },
    {
      label: 'a directory for a log',
      config: { LOGFILE: `${folder}/logs` },
      want: [['logs', /^is a directory; lines go to syslog$/]],
    },
    { label: 'a log that it can make', config: { LOGFILE: `${folder}/logs/x` }, want: [] },
    { label: 'a log that it cannot', config: { LOGFILE: `${folder}/closed/x` }, want: [['closed/x', /make the log/]] },
    { label: 'a log nowhere', config: { LOGFILE: `${folder}/none/x` }, want: [['none/x', /no folder .*\/none;/]] },
    {
      label: 'a key for root alone',
      config: { DQS_KEY_FILE: `${folder}/secret`, ABUSIX_KEY_FILE: `${folder}/conf` },
      want: [
        ['secret', /cannot read that key: it may not .*; the lists with \$DQS_KEY are not asked, but by a daemon/],
      ],
    },
    { label: 'no such user', path: 'secret', user: { ...NOBODY, uid: undefined }, want: [] },
  ]
  for (const { label, path = 'conf', config = {}, running = {}, user = NOBODY, want } of cases) {
    const loaded = { config: builtinConfig(config), path: join(folder, path), findings: [], origins: new Map() }
    const found = adviseOnRights(loaded, user, { ...inOrder, ...running })
    t.strictSame(
      found.map(({ file, code, severity }) => [file, code, severity]),
      want.map(([file]) => [join(folder, file), 'user-rights', 'warning']),
      label,
    )
    for (const [index, [, message]] of want.entries()) t.match(found[index]?.message, message, label)
  }
  t.end()
})
