import t from 'tap'
import { findOurServices, spawnEntries } from '../../../src/cli/doctor/our-services.ts'
import type { FileFact } from '../../../src/cli/rights/look-files.ts'
import { parseServices, serviceId } from '../../../src/cli/doctor/postfix.ts'
import { recordedOutput } from '../../support/postfix-model.ts'

const look = (path: string): FileFact => ({
  kind: 'file',
  program: path === '/opt/renamed' ? 'ours' : 'other',
  realPath: path,
})

t.test('entries of spawn(8), taken apart', t => {
  const entries = spawnEntries(parseServices(recordedOutput('services.txt')))
  t.match(entries, [
    { user: 'polw', group: undefined, argv: ['/usr/bin/node', '/usr/local/bin/policyd-weight'] },
    {
      user: 'nobody',
      group: 'nogroup',
      argv: ['/usr/bin/node', '/opt/policy daemons/policyd-weight', '-f', '/etc/odd.conf'],
    },
  ])
  t.equal(entries.length, 2)
  t.match(spawnEntries(parseServices('x unix - n n - 0 spawn')), [{ user: undefined, argv: [] }])
  t.match(spawnEntries(parseServices('x unix - n n - 0 spawn argv= /bin/x user=late')), [
    { user: undefined, argv: ['/bin/x', 'user=late'] },
  ])
  t.end()
})

t.test('which of them are ours', t => {
  const cases: [label: string, argv: string, wantProgram: string | undefined, wantFile?: string][] = [
    ['by its name', '/usr/bin/node /usr/sbin/policyd-weight', '/usr/sbin/policyd-weight'],
    ['started by its first line', '/usr/sbin/policyd-weight', '/usr/sbin/policyd-weight'],
    ['without a path', 'node policyd-weight', 'policyd-weight'],
    ['by what is in it', '/usr/bin/node /opt/renamed', '/opt/renamed'],
    ['behind an option of Node', '/usr/bin/node --max-old-space-size=64 /opt/renamed', '/opt/renamed'],
    ['with a configuration', '/usr/bin/node /opt/renamed -f /etc/x.conf', '/opt/renamed', '/etc/x.conf'],
    ['something else', '/usr/bin/python3 /usr/bin/policyd-spf', undefined],
    ['a folder of that name is no program', '/usr/bin/node /opt/policyd-weight/other.js', undefined],
  ]
  for (const [label, argv, wantProgram, wantFile] of cases) {
    const entries = spawnEntries(parseServices(`policy unix - n n - 0 spawn user=polw argv=${argv}`))
    const [ours] = findOurServices(entries, look)
    t.equal(ours?.program, wantProgram, label)
    t.equal(ours?.configurationFile, wantFile, `${label}: configuration`)
  }
  t.end()
})

t.test('only spawn(8) counts', t => {
  const services = parseServices('policy unix - n n - 0 pipe user=polw argv=/usr/sbin/policyd-weight')
  t.strictSame(
    findOurServices(spawnEntries(services), look).map(({ service }) => serviceId(service)),
    [],
  )
  t.end()
})
