/**
 * What has to hold for the Debian package in a clean root directory; each-suite.ts starts it in namespaces of its own.
 *
 *   inside.ts ROOT SUITE: installs ROOT/policyd-weight.deb, asks it about mails, updates Node.js, removes and purges it; then
 *   once more, in the place of the Perl policyd-weight with its daemon running, and in that of version 0.2.0; at last sends a
 *   mail through Debian's Postfix as the manual says
 *
 * The DNS is that of the demo, on the loopback of this namespace. A line for each thing that holds or does not.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { attributesOf, DEMO_MAILS, verdictOf } from '../../testkit/demo-mails.ts'
import { check, checkAll, endOfChecks } from '../debian/checks.ts'
import { CleanRoot, NODE_PACKAGE, type Suite } from '../debian/clean-root.ts'
import { HOST_ZONE } from '../debian/zone.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { configurationText, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { tryFirstMail } from './first-mail.ts'
import { FORMER_PACKAGE, upgradeOurs } from './upgrade-of-ours.ts'

const PROGRAM = '/usr/lib/policyd-weight'
const CONFIGURATION = 'etc/policyd-weight.conf'
const JOURNAL = '/var/log/policyd-weight/journal'
const JOURNAL_LINE = `$JOURNAL = '${JOURNAL}';`
const PERL_DEFAULTS = 'etc/default/policyd-weight'
const WANTED = 'etc/systemd/system/multi-user.target.wants/policyd-weight.service'

/** syslogd, as far as it is needed: what comes to /dev/log, a line each. Perl is in every Debian. */
const SYSLOG = 'var/log/syslog'
const SYSLOG_DAEMON = `
  use IO::Socket::UNIX;
  unlink '/dev/log';
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => '/dev/log') or die;
  chmod 0666, '/dev/log';
  open my $log, '>>', '/${SYSLOG}' or die;
  while (defined $socket->recv(my $line, 8192)) { syswrite $log, "$line\\n" }
`

const root = new CleanRoot(process.argv[2] as string)
const suite = process.argv[3] as Suite

const install = (...packages: string[]): string =>
  root.run('apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages)

/** Asks the installed program about a mail, as spawn(8) would. */
async function answerTo(mail: (typeof DEMO_MAILS)[number], instance: string): Promise<string> {
  const command = root.asServiceUser('/usr/sbin/policyd-weight')
  const { status, stdout, stderr } = await runPolicyProcess(command, requestBytes({ ...attributesOf(mail), instance }))
  return status === 0 && stderr === '' ? stdout : `exit status ${status}: ${stdout}${stderr}`
}

async function checkAnswers(): Promise<void> {
  for (const [index, mail] of DEMO_MAILS.entries()) {
    const answer = await answerTo(mail, `i${index}`)
    const action = /^action=(.*)\n\n$/.exec(answer)?.[1]
    check(`${mail.want}: ${mail.title}`, action !== undefined && verdictOf(action) === mail.want, answer)
  }
}

function checkManualPage(page: string): void {
  const { status, stdout, stderr } = spawnSync('/usr/sbin/chroot', [root.path, 'man', '--warnings', page], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
  })
  check(`man ${page} renders without a warning`, status === 0 && stderr === '' && stdout.includes('NAME'), stderr)
}

function differencesTo(before: readonly string[]): string[] {
  const after = root.files()
  const gone = before.filter(name => !after.includes(name)).map(name => `-${name}`)
  return [...gone, ...after.filter(name => !before.includes(name)).map(name => `+${name}`)]
}

function checkJournal(): void {
  const whose = root.run('stat', '-c', '%U %G %a', JOURNAL).trim()
  check('the journal is for that user alone', whose === 'polw polw 600', whose)
  const lines = root
    .read(JOURNAL.slice(1))
    .split('\n')
    .filter(line => line !== '')
  const isRecord = (line: string): boolean => typeof (JSON.parse(line) as { id?: unknown }).id === 'string'
  check('and has a line for each mail', lines.length === DEMO_MAILS.length && lines.every(isRecord), lines)
}

function prepared(): string[] {
  return root.list(PROGRAM, /^policyd-weight\..*\.(?:cache|node)$/)
}

async function checkFreshInstallation(configuration: string): Promise<void> {
  const before = root.files()
  const users = root.read('etc/passwd') + root.read('etc/group')
  install('/policyd-weight.deb')
  check('user and group are there', /^polw:x:\d+:\d+:/m.test(root.read('etc/passwd')), root.read('etc/passwd'))
  const directory = root.run('stat', '-c', '%U %G %a', '/run/policyd-weight').trim()
  check('the directory of the cache is theirs alone', directory === 'polw polw 700', directory)
  const state = root.run('stat', '-c', '%U %G %a', '/var/lib/policyd-weight').trim()
  check('that of the ledger is theirs', state === 'polw polw 750', state)
  const logs = root.run('stat', '-c', '%U %G %a', '/var/log/policyd-weight').trim()
  check('and that of the journal', logs === 'polw polw 750', logs)
  check('compiled code and the native part are prepared', prepared().length === 2, prepared())
  check('the daemon is not enabled', !root.has(WANTED))
  const verified = root.run('dpkg', '--verify', 'policyd-weight')
  check('no file differs from the package', verified === '', verified)

  const found = root.run('policyd-weight', 'check')
  check('a file was written that says which defaults serve', /^\$PROFILE = 'modern';$/m.test(root.read(CONFIGURATION)))
  check('check is content with it', /profile modern: line \d+ says so\n.*no errors, no warnings/.test(found), found)
  check('and where decisions are written down', root.read(CONFIGURATION).includes(`\n${JOURNAL_LINE}\n`))
  root.write(CONFIGURATION, `${configuration}${JOURNAL_LINE}\n`)
  await checkAnswers()
  checkJournal()
  const cache = JSON.parse(root.run('policyd-weight', '-s', '--json'))
  check('all answered from one cache', cache.counters.requests === DEMO_MAILS.length, cache.counters.requests)
  const scored = root
    .read(SYSLOG)
    .split('\n')
    .filter(line => line.includes('weighted check:'))
  check(
    'and logged to syslog',
    scored.length > 0 && scored.every(line => line.includes('postfix/policyd-weight[')),
    scored,
  )
  checkManualPage('policyd-weight')
  checkManualPage('policyd-weight.conf')

  const [code = ''] = root.list(PROGRAM, /\.cache$/)
  root.run('rm', join(PROGRAM, code))
  install('--reinstall', NODE_PACKAGE[suite])
  check('an update of Node.js prepares anew', prepared().includes(code), prepared())

  root.run('dpkg', '-r', 'policyd-weight')
  check('nothing prepared is left when it is removed', !root.has(PROGRAM))
  check('nor is the cache', !root.has('run/policyd-weight'))
  root.run('dpkg', '-P', 'policyd-weight')
  const left = differencesTo(before)
  check('nothing but the configuration is left when it is purged', left.join() === `+${CONFIGURATION}`, left)
  check('and it is untouched', root.read(CONFIGURATION) === `${configuration}${JOURNAL_LINE}\n`)
  check('the journal goes with the package', !root.has('var/log/policyd-weight'))
  check('user and group are gone', root.read('etc/passwd') + root.read('etc/group') === users)
  root.run('rm', `/${CONFIGURATION}`)
  // As it was written, it goes with the package; and none is written where Postfix knows of the service already.
  install('/policyd-weight.deb')
  root.run('dpkg', '-P', 'policyd-weight')
  check('purged as it was installed, nothing is left', differencesTo(before).length === 0, differencesTo(before))
  root.run('mkdir', '/etc/postfix')
  root.write('etc/postfix/master.cf', '127.0.0.1:12525 inet n n n - 0 spawn\n')
  install('/policyd-weight.deb')
  check('no configuration is written where there has been a service', !root.has(CONFIGURATION))
  root.run('dpkg', '-P', 'policyd-weight')
  root.run('rm', '-r', '/etc/postfix')
}

/** `options`: whether DAEMON_OPTS is set, which the unit obeys. */
async function checkUpgrade(title: string, deb: string, configuration: string, options: boolean): Promise<void> {
  root.write(CONFIGURATION, configuration)
  const before = root.files()
  install('policyd-weight')
  if (options) root.write(PERL_DEFAULTS, `${root.read(PERL_DEFAULTS)}DAEMON_OPTS="-f /${CONFIGURATION}"\n`)
  const daemons = (): string => spawnSync('pgrep', ['-fa', 'policyd-weight \\('], { encoding: 'utf8' }).stdout
  check(`${title}: the Perl daemon runs`, daemons() !== '', daemons())
  const printed = root.run('dpkg', '-i', deb)
  check(`${title}: nothing is asked, and the configuration stays`, root.read(CONFIGURATION) === configuration, printed)
  check(`${title}: it is checked`, printed.includes(`/${CONFIGURATION}: no errors`), printed)
  check(`${title}: the Perl daemon has been stopped`, daemons() === '', daemons())
  check(`${title}: its init script is gone`, !root.has('etc/init.d/policyd-weight'))
  const conffiles = /^Conffiles:(?:\n .*)*/m.exec(root.run('dpkg-query', '-s', 'policyd-weight'))?.[0] ?? ''
  check(`${title}: dpkg knows of none of its conffiles`, options || conffiles === '', conffiles)
  const links = root.list('etc/rc2.d', /policyd-weight/)
  check(`${title}: with its links`, links.length === 0, links)
  check(`${title}: options stay, if any are set`, root.has(PERL_DEFAULTS) === options)
  check(
    `${title}: the daemon is enabled, for Postfix may be asking it`,
    root.list(join(WANTED, '..'), /policyd/).length === 1,
  )
  await checkAnswers()
  root.run('dpkg', '-P', 'policyd-weight')
  const left = differencesTo(before).filter(
    name => !/^\+(?:etc\/(?:init\.d|perl|rc\d\.d|systemd)|usr|var\/lib\/systemd)(?:\/|$)/.test(name),
  )
  check(`${title}: nothing is left when it is purged`, left.length === 0, left)
  root.run('apt-get', 'autopurge', '-q', '-y')
}

/** The same package as it is named where a compiler was missing (control.ts). */
function forOneArchitecture(): string {
  const architecture = root.run('dpkg', '--print-architecture').trim()
  const path = `/policyd-weight_${architecture}.deb`
  root.run('dpkg-deb', '-R', '/policyd-weight.deb', '/tmp/one')
  const control = root.read('tmp/one/DEBIAN/control').replace(/^Architecture: .*$/m, `Architecture: ${architecture}`)
  root.write('tmp/one/DEBIAN/control', control)
  root.run('dpkg-deb', '--root-owner-group', '-Znone', '--build', '/tmp/one', path)
  root.run('rm', '-r', '/tmp/one')
  return path
}

/** A configuration of years: what it says counts afterwards, and apt's output says what was found in it. */
async function checkLivedIn(configuration: string): Promise<void> {
  const text = `${configuration}$REJECTLEVEL = 3;
push @dnsbl_score, ('bl.own.example', 6, 0, 'OWN_LIST');
$REJECTLEVEL = 4;
$NTTL = 'many';
`
  const line = text.split('\n').indexOf("$NTTL = 'many';") + 1
  root.write(CONFIGURATION, text)
  install('policyd-weight')
  const printed = install('/policyd-weight.deb')
  check('lived in: it stays as it is', root.read(CONFIGURATION) === text)
  check('lived in: apt says what has an error', printed.includes(`/${CONFIGURATION}:${line}:`), printed)
  check('lived in: and what has no effect', /\$REJECTLEVEL is set again: line \d+ has no effect/.test(printed), printed)
  const { stdout } = spawnSync('/usr/sbin/chroot', [root.path, 'policyd-weight', 'config', '--changed'], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin' },
  })
  check('lived in: the level counts', /^\$REJECTLEVEL\s*=\s*4;/m.test(stdout), stdout)
  const before = dns.queries.length
  await answerTo(DEMO_MAILS[0] as (typeof DEMO_MAILS)[number], 'lived-in')
  const asked = dns.queries.slice(before).map(({ name }) => name)
  check(
    'lived in: the list is asked',
    asked.some(name => name.endsWith('.bl.own.example')),
    asked,
  )
  root.run('dpkg', '-P', 'policyd-weight')
  root.run('apt-get', 'autopurge', '-q', '-y')
}

spawnSync('ip', ['link', 'set', 'lo', 'up'])
mkdirSync(join(root.path, 'proc'), { recursive: true })
root.run('mount', '-t', 'proc', 'proc', '/proc')
// Services may be started and stopped, although no init is there.
root.write('usr/sbin/policy-rc.d', '#!/bin/sh\nexit 0\n')
root.run('chmod', '755', '/usr/sbin/policy-rc.d')
const syslog = spawn('/usr/sbin/chroot', [root.path, 'perl', '-e', SYSLOG_DAEMON], { stdio: 'inherit' })
// The Perl implementation knows no port but this one.
const dns = await startDnsServer(HOST_ZONE, { port: 53 })
await checkAll(async () => {
  if (suite === 'trixie') {
    const plan = install('--simulate', '/policyd-weight.deb')
    check("apt takes Debian's own Node.js with it", /^Inst nodejs /m.test(plan) && /^Inst adduser /m.test(plan), plan)
  }
  install(NODE_PACKAGE[suite], 'man-db', 'adduser')
  const configuration = configurationText({ NS: '127.0.0.1' })
  await checkFreshInstallation(configuration)
  await checkUpgrade('upgrade', '/policyd-weight.deb', configuration, false)
  await checkUpgrade('upgrade, with DAEMON_OPTS', '/policyd-weight.deb', configuration, true)
  await checkUpgrade('upgrade, built for one architecture', forOneArchitecture(), configuration, false)
  if (root.has(FORMER_PACKAGE)) await upgradeOurs(root, configuration, check)
  await checkLivedIn(configuration)
  await tryFirstMail(root, configuration)
})
await dns.close()
syslog.kill()
endOfChecks()
