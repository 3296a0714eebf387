/**
 * What the package's scripts say to whoever installs or purges it: functions of theirs, run by sh(1) over folders of a test.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type FakeProcess, makeProc } from '../support/fake-proc.ts'

const scriptOf = (name: string): string => readFileSync(`scripts/package/debian/${name}`, 'utf8')

/** The functions of a script, and a call of one. */
function run(script: string, call: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string } {
  const functions = scriptOf(script).match(/^\w+\(\) \{\n(?:.*\n)*?\}\n/gm) ?? []
  return spawnSync('sh', ['-e', '-c', `${functions.join('')}${call}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

const MASTER: FakeProcess = { pid: 812, name: 'master', ageSeconds: 3600, seccomp: 2, unit: 'postfix.service' }
const FOLDER = 'usr/lib/systemd/system/postfix.service.d'

interface Machine {
  readonly master?: FakeProcess
  /** The version before; '': none. */
  readonly before: string
  readonly isMasked?: boolean
}

/** A root directory in which Postfix runs. */
function makeRoot(t: Test, { master, isMasked }: Machine): string {
  const root = t.testdir()
  const proc = makeProc(join(root, 'proc'))
  if (master) proc.add(master)
  for (const name of ['var/spool/postfix/pid', FOLDER, 'etc/systemd/system/postfix.service.d'])
    mkdirSync(join(root, name), { recursive: true })
  writeFileSync(join(root, FOLDER, 'policyd-weight.conf'), '')
  writeFileSync(join(root, 'var/spool/postfix/pid/master.pid'), '          812\n')
  if (isMasked) symlinkSync('/dev/null', join(root, 'etc/systemd/system/postfix.service.d/policyd-weight.conf'))
  return root
}

t.test('a restart of Postfix is asked for only where it is needed', t => {
  const cases: { label: string; machine: Machine; want: string | undefined }[] = [
    { label: 'Debian 13, the first installation', machine: { master: MASTER, before: '' }, want: 'postfix.service' },
    {
      label: 'in the place of the Perl package',
      machine: { master: MASTER, before: '0.1.15.2-13' },
      want: 'postfix.service',
    },
    {
      label: 'installed together with Postfix, which was started behind it',
      machine: { master: { ...MASTER, ageSeconds: -3600 }, before: '' },
      want: undefined,
    },
    {
      label: 'another instance of the unit',
      machine: { master: { ...MASTER, unit: 'postfix@-.service' }, before: '' },
      want: 'postfix@-.service',
    },
    {
      label: 'Debian 12, which has no rules',
      machine: { master: { ...MASTER, seccomp: 0 }, before: '' },
      want: undefined,
    },
    {
      label: 'an upgrade, and Postfix was not restarted since the first installation',
      machine: { master: MASTER, before: '0.2.0-1' },
      want: 'postfix.service',
    },
    {
      label: 'an upgrade, and it was',
      machine: { master: { ...MASTER, ageSeconds: -3600 }, before: '0.2.0-1' },
      want: undefined,
    },
    { label: 'Postfix does not run', machine: { before: '' }, want: undefined },
    {
      label: 'its number is another process now',
      machine: { master: { ...MASTER, name: 'sleep' }, before: '' },
      want: undefined,
    },
    {
      label: 'started in a session',
      machine: {
        master: { ...MASTER, pid: 812, ageSeconds: 3600, name: 'master', seccomp: 2, unit: 'x.service' },
        before: '',
      },
      want: undefined,
    },
    {
      label: 'who keeps the rules of Postfix',
      machine: { master: MASTER, before: '', isMasked: true },
      want: undefined,
    },
  ]
  for (const { label, machine, want } of cases) {
    const root = makeRoot(t, machine)
    if (label.startsWith('an upgrade')) t.not(statSync(join(root, FOLDER)).birthtimeMs, 0, 'folders have a birth here')
    const { status, stdout } = run('postinst', `say_restart '${machine.before}'`, { DPKG_ROOT: root })
    t.equal(status, 0, label)
    const [, unit] = /do once: systemctl restart (\S+)\n$/.exec(stdout) ?? []
    t.equal(unit, want, `${label}: ${stdout}`)
    t.equal(stdout === '', want === undefined, label)
  }
  t.end()
})

t.test('whose processes still run', async t => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const { status, stdout } = run('postrm', `processes_of ${userInfo().username}`)
  child.kill()
  t.equal(status, 0)
  t.ok(stdout.split(/\s+/).includes(String(child.pid)), stdout)
  t.match(stdout, /^[\d ]+$/)
  t.match(run('postrm', 'processes_of no-such-user-here; echo done'), { status: 0, stdout: 'done\n' })
})

t.test('the conffiles of the old package are asked for without an architecture', t => {
  for (const name of ['preinst', 'postinst', 'postrm']) {
    const calls = scriptOf(name).match(/^.*dpkg-maintscript-helper.*$/gm) ?? []
    t.equal(calls.length, 2, name)
    for (const call of calls) t.match(call, / 0\.2\.0~ policyd-weight -- "\$@"$/, name)
  }
  t.end()
})
