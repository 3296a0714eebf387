/**
 * The built executable as an administrator calls it, with a postconf of our own in front of the PATH.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startDnsServer } from '../../../testkit/dns-server.ts'
import { EXECUTABLE } from '../../../testkit/executable.ts'
import { recordedOutput } from '../../support/postfix-model.ts'

interface Setting {
  readonly recipients?: string
  readonly entry?: string
  readonly set?: string
  /** What is answered on the service's socket; undefined: nobody listens. */
  readonly answer?: string
}

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const VERSION = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')).version

/** Whoever runs the test, unless it is root, whom spawn(8) refuses. */
const USER = userInfo().uid === 0 ? 'nobody' : userInfo().username
const GOOD_LIST = 'permit_mynetworks, reject_unauth_destination, check_policy_service unix:private/policy'

/** An installation in a folder: Postfix's side by a fake postconf, ours by a configuration, DNS by a server. */
async function install(t: Test, { recipients = GOOD_LIST, entry, set = '', answer }: Setting): Promise<string> {
  // Not t.testdir: the path of a socket has 107 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  for (const name of ['bin', 'cache', 'queue', 'queue/private']) mkdirSync(join(folder, name))
  chmodSync(join(folder, 'cache'), 0o700)
  const dns = await startDnsServer({
    'a.root-servers.net': { A: ['198.41.0.4'] },
    '2.0.0.127.list.example': { A: ['127.0.0.2'] },
  })
  t.teardown(() => dns.close())
  writeFileSync(
    join(folder, 'conf'),
    `$NS = '127.0.0.1:${dns.port}';\n$LOCKPATH = '${folder}/cache/';\n$USER = '${userInfo().username}';\n$TCP_PORT = 1;\n` +
      `@dnsbl_score = ('list.example', 1, 0, 'LIST');\n@rhsbl_score = ();\n`,
  )
  const argv = `user=${USER} argv=${process.execPath} ${EXECUTABLE} -f ${folder}/conf`
  writeFileSync(join(folder, 'set'), `smtpd_recipient_restrictions = ${recipients}\npolicy_time_limit = 3600\n${set}\n`)
  const asked = recordedOutput('asked.txt').replace('/var/spool/postfix', join(folder, 'queue'))
  writeFileSync(join(folder, 'asked'), asked)
  writeFileSync(
    join(folder, 'services'),
    `smtp inet n - y - - smtpd\n${entry?.replace('ARGV', argv) ?? `policy unix - n n - 0 spawn ${argv}`}\n`,
  )
  writeFileSync(
    join(folder, 'bin', 'postconf'),
    `#!/bin/sh\ncase "$*" in\n'-x -n') cat ${folder}/set ;;\n-M) cat ${folder}/services ;;\n'-x -P') ;;\n'-x mail_version '*) cat ${folder}/asked ;;\n*) exit 1 ;;\nesac\n`,
  )
  chmodSync(join(folder, 'bin', 'postconf'), 0o755)
  if (answer !== undefined) {
    const server = createServer(socket => socket.on('error', () => {}).on('data', () => socket.end(answer)))
    server.listen(join(folder, 'queue', 'private', 'policy'))
    await once(server, 'listening')
    t.teardown(() => server.close())
  }
  return folder
}

async function runDoctor(path: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [EXECUTABLE, 'doctor', ...args], {
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr += text
  })
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

interface Reported {
  readonly level: string
  readonly code?: string
  readonly about: string
  readonly remedy: readonly string[]
}

async function diagnose(folder: string): Promise<{ status: number | null; found: Reported[] }> {
  const { status, stdout, stderr } = await runDoctor(
    `${folder}/bin:/usr/bin:/bin`,
    '-f',
    join(folder, 'conf'),
    '--json',
  )
  if (stderr !== '') throw new Error(stderr)
  return { status, found: JSON.parse(stdout).diagnoses }
}

/** What depends on where the tests run: who they run as, where the checkout lies, what was prepared. */
const BY_SURROUNDINGS = new Set([
  'service-user-shared',
  'user-differs',
  'argv-unreachable',
  'configuration-unreadable',
  'user-rights',
  'cache',
  'code-cache',
  'not-looked-at',
])
const ofInterest = (found: readonly Reported[]): string[] =>
  found.flatMap(({ code }) => (code === undefined || BY_SURROUNDINGS.has(code) ? [] : [code]))

t.test('what doctor says of an installation', async t => {
  const cases: { label: string; setting: Setting; want: string[]; wantStatus: number; wantRemedy?: RegExp }[] = [
    {
      label: 'a service that answers otherwise',
      setting: { answer: 'action=OK\n\n' },
      want: ['service-answers-otherwise'],
      wantStatus: 2,
    },
    {
      label: 'chrooted, limited, and Postfix does not run',
      setting: { entry: 'policy unix - n y - 5 spawn ARGV' },
      want: ['chrooted', 'process-limit', 'service-down'],
      wantStatus: 2,
      wantRemedy: /^postconf -F policy\/unix\/chroot=n$/,
    },
    {
      label: 'an open relay',
      setting: {
        answer: `action=DUNNO policyd-weight ${VERSION}\n\n`,
        recipients: 'permit_mynetworks, check_policy_service unix:private/policy',
        set: 'smtpd_relay_restrictions =',
      },
      want: ['open-relay'],
      wantStatus: 2,
      wantRemedy:
        /^postconf -e 'smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, check_policy_service unix:private\/policy'$/,
    },
    {
      label: 'no such service',
      setting: { entry: 'other unix - n n - 0 pipe argv=/bin/true' },
      want: ['service-missing'],
      wantStatus: 2,
      wantRemedy:
        /^postconf -M 'policy\/unix=policy unix - n n - 0 spawn user=polw argv=\S+ \S+\/dist\/policyd-weight'$/,
    },
    {
      label: 'a slip in the name of the service: one finding, one remedy',
      setting: { recipients: GOOD_LIST.replace('private/policy', 'private/polcy') },
      want: ['endpoint-unknown'],
      wantStatus: 2,
      wantRemedy: /reject_unauth_destination, check_policy_service unix:private\/policy'$/,
    },
    {
      label: 'nothing asks',
      setting: { recipients: 'permit_mynetworks, reject_unauth_destination' },
      want: ['not-asked'],
      wantStatus: 2,
    },
    {
      label: 'a daemon that does not run',
      setting: {
        entry: 'x unix - n n - 0 pipe',
        recipients: GOOD_LIST.replace('unix:private/policy', 'inet:127.0.0.1:1'),
      },
      want: ['service-down'],
      wantStatus: 2,
    },
  ]
  for (const { label, setting, want, wantStatus, wantRemedy } of cases) {
    await t.test(label, async t => {
      const { status, found } = await diagnose(await install(t, setting))
      t.strictSame(ofInterest(found), want)
      t.equal(status, wantStatus)
      if (wantRemedy) t.match(found.find(({ code }) => code === want[0])?.remedy[0], wantRemedy)
    })
  }
})

t.test('an installation in order', async t => {
  const folder = await install(t, { answer: `action=DUNNO policyd-weight ${VERSION}\n\n` })
  const { found } = await diagnose(folder)
  t.strictSame(ofInterest(found), [])
  const fine = found.filter(({ level }) => level === 'ok').map(({ about }) => about)
  for (const about of [
    ...['Postfix', 'smtpd_recipient_restrictions', 'smtpd_policy_service_timeout', 'policy_time_limit'],
    ...['configuration', 'list.example', 'unix:private/policy'],
  ])
    t.ok(fine.includes(about), about)
  t.ok(fine.some(about => about.startsWith('name server 127.0.0.1:')))
  const { stdout, stderr } = await runDoctor(`${folder}/bin:/usr/bin:/bin`)
  t.match(stdout, /^ok {6}Postfix: version 3\.7\.11\n/)
  t.match(stdout, /\n\d+ ok, \d+ notes?, \d+ warnings?, \d+ errors?.*\n$/)
  t.equal(stderr, '', 'no progress without a terminal')
})

t.test('a postconf that fails, and wrong usage', async t => {
  const folder = await install(t, {})
  writeFileSync(join(folder, 'bin', 'postconf'), '#!/bin/sh\necho "fatal: no main.cf" >&2\nexit 1\n')
  const { status, found } = await diagnose(folder)
  t.equal(status, 2)
  t.match(found[0], { code: 'postconf-failed', remedy: ['postfix check'] })
  t.match(await runDoctor('/usr/bin:/bin', '--none'), { status: 64, stdout: '' }, 'no such option')
})
