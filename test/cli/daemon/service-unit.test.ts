import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { renderUnit, type UnitFacts, warnOfHomes } from '../../../src/cli/daemon/service-unit.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { EXECUTABLE } from '../../../testkit/executable.ts'

const PACKAGED = readFileSync(
  join(import.meta.dirname, '../../../scripts/package/debian/policyd-weight.service'),
  'utf8',
)
const FACTS: UnitFacts = {
  node: '/usr/bin/node',
  program: '/usr/local/bin/policyd-weight',
  file: undefined,
  config: builtinConfig(),
}
const render = (facts: Partial<UnitFacts> = {}): string => renderUnit(PACKAGED, { ...FACTS, ...facts })

t.test('what differs from the unit of the package', t => {
  const lines = PACKAGED.split('\n')
  const added = render()
    .split('\n')
    .filter(line => !lines.includes(line) && !line.startsWith('#'))
  t.strictSame(added, ['ExecStart=/usr/bin/node /usr/local/bin/policyd-weight -D start'])
  t.notMatch(render(), /\/usr\/sbin|\/usr\/share|EnvironmentFile/, 'nothing of the package is named')
  t.end()
})

t.test('it follows the configuration', t => {
  const cases: { label: string; facts: Partial<UnitFacts>; want: RegExp }[] = [
    { label: 'its file', facts: { file: '/etc/x.conf' }, want: /^ExecStart=.* -D -f \/etc\/x\.conf start$/m },
    { label: 'odd names', facts: { program: '/opt/a b/50%$1' }, want: /^ExecStart=\S+ "\/opt\/a b\/50%%\$\$1" -D/m },
    {
      label: 'user and group',
      facts: { config: builtinConfig({ USER: 'mail', GROUP: 'adm' }) },
      want: /^User=mail\nGroup=adm$/m,
    },
    {
      label: 'the pid file',
      facts: { config: builtinConfig({ PIDFILE: '/run/x.pid' }) },
      want: /^ExecStartPost=.* >\/run\/x\.pid'\n[\s\S]*^ExecStopPost=\+\/bin\/rm -f \/run\/x\.pid$/m,
    },
    {
      label: 'where it writes',
      facts: { config: builtinConfig({ LOCKPATH: '/var/cache/x/', LOGFILE: '/var/log/x/y' }) },
      want: /^ReadWritePaths=-\/var\/cache\/x\nReadWritePaths=-\/var\/log\/x$/m,
    },
    {
      label: 'another ledger',
      facts: { config: builtinConfig({ LEDGER: '/srv/x/ledger' }) },
      want: /^ReadWritePaths=-\/srv\/x$/m,
    },
    {
      label: 'another journal, which is moved away in its directory',
      facts: { config: builtinConfig({ JOURNAL: '/srv/y/journal' }) },
      want: /^ReadWritePaths=-\/srv\/y$/m,
    },
  ]
  for (const { label, facts, want } of cases) t.match(render(facts), want, label)
  t.notMatch(render(), /^ReadWritePaths/m)
  const packaged = builtinConfig({ JOURNAL: '/var/log/policyd-weight/journal' })
  t.notMatch(render({ config: packaged }), /^ReadWritePaths/m, 'it makes that of the package itself')
  t.match(render({ config: packaged }), /^LogsDirectory=policyd-weight\nLogsDirectoryMode=0750$/m)
  t.end()
})

t.test('homes are closed to it, and another unit than the package has is a fault', t => {
  t.equal(warnOfHomes(FACTS), '')
  t.match(warnOfHomes({ ...FACTS, node: '/root/.nvm/node' }), /^policyd-weight: .* \/root\/\.nvm\/node is not there/)
  t.throws(() => renderUnit('[Service]\n', FACTS), /has no/)
  t.end()
})

t.test('the executable prints it', t => {
  const printed = execFileSync(process.execPath, [EXECUTABLE, '-f', '/dev/null', 'unit'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.match(printed, `\nExecStart=${process.execPath} ${EXECUTABLE} -D -f /dev/null start\n`)
  t.end()
})
