/**
 * What has to hold for the daemon under a real systemd; each-suite.ts starts it in namespaces of its own.
 *
 *   inside.ts ROOT SUITE: in copies of ROOT becomes a new user (new-user.ts); boots ROOT, with a Postfix that asks the Perl policyd-weight; puts our package over it; reloads and
 *   restarts the daemon in every way; updates and removes the package – with 50 requests a second all the while (load.ts)
 *
 * The DNS is that of the demo, on the loopback of this namespace, which is the container's. A line for each thing that holds
 * or does not.
 */
import { spawnSync } from 'node:child_process'
import { DEMO_MAILS, type DemoMail, FORGED_MAIL, GOOD_MAIL, verdictOf } from '../../testkit/demo-mails.ts'
import { check, checkAll, endOfChecks } from '../debian/checks.ts'
import { CleanRoot, NODE_PACKAGE, type Suite } from '../debian/clean-root.ts'
import { MAIL_HOST, MAIN_CF, sendCommand, WITHOUT_QUESTIONS } from '../debian/mail-host.ts'
import { HOST_ZONE } from '../debian/zone.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { type BootedRoot, boot } from './booted-root.ts'
import { tryByHand } from './by-hand.ts'
import { tryBySocket } from './by-socket.ts'
import { askOnce } from './load.ts'
import { ANY, CONFIGURATION, GOOD, PORT, Site, UNIT } from './site.ts'
import { tryNewUser } from './new-user.ts'
import { tryUnderUnit } from './under-unit.ts'

const ASK_THE_DAEMON = `smtpd_recipient_restrictions = permit_sasl_authenticated, reject_unauth_destination,
  check_policy_service inet:127.0.0.1:${PORT}
`
const PERL_DEFAULTS = 'etc/default/policyd-weight'
/** Some seconds, says docs/migrate.md. */
const UPGRADE_MS = 60_000
/** systemd-nspawn has a filter of its own, so Postfix has one here on each release. */
const RESTART_POSTFIX =
  /^policyd-weight: Postfix runs under rules that kill Node\.js \(process \d+, started before this package was\r?\npolicyd-weight: there\)\. Before it is to start policyd-weight, do once: systemctl restart postfix(?:@-)?\.service$/m

const root = new CleanRoot(process.argv[2] as string)
const suite = process.argv[3] as Suite

const installIn = (booted: BootedRoot, ...packages: string[]): Promise<string> =>
  booted.mustRun('apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages)

/** A host of years: Debian's Postfix asks the daemon of Debian's policyd-weight. */
async function makePerlHost(booted: BootedRoot): Promise<void> {
  await booted.mustRun(...WITHOUT_QUESTIONS)
  root.write(CONFIGURATION, GOOD)
  await installIn(booted, NODE_PACKAGE[suite], 'adduser', 'postfix', 'swaks', 'policyd-weight')
  await booted.mustRun('useradd', 'bob')
  if (suite === 'trixie') {
    // The unit there gives no command: without this the daemon of that package ends at once.
    root.write(PERL_DEFAULTS, `${root.read(PERL_DEFAULTS)}DAEMON_OPTS="start"\n`)
    await booted.mustRun('systemctl', 'restart', UNIT)
  }
  root.write(MAIN_CF, `${MAIL_HOST}${ASK_THE_DAEMON}`)
  await booted.mustRun('systemctl', 'restart', 'postfix')
  await waitFor('the Perl daemon answers', async () => verdictOf(await askOnce(PORT, GOOD_MAIL)) === 'accept')
}

async function upgrade(site: Site): Promise<void> {
  const { booted } = site
  let printed = ''
  await site.during('upgrade from 0.1.15', { closedMs: UPGRADE_MS, closes: ANY }, async () => {
    printed = await installIn(booted, '/policyd-weight.deb')
  })
  check('upgrade: the configuration is checked', printed.includes(`${CONFIGURATION}: no errors`), printed)
  check('upgrade: it says when Postfix has to be restarted', RESTART_POSTFIX.test(printed), printed)
  const { status } = await booted.run('systemctl', 'is-active', UNIT)
  check('upgrade: our daemon serves', status === 0)
}

/** What Postfix answers to a mail; it has not been restarted since the Perl daemon was in use. */
async function tryMails(booted: BootedRoot, title: string, mails: readonly DemoMail[]): Promise<void> {
  const replies = {
    accept: /^<- {2}250 2\.0\.0 Ok: queued/m,
    reject: /^<\*\* 550 5\.7\.1 /m,
    defer: /^<\*\* 450 4\.4\.3 /m,
  }
  for (const mail of mails) {
    const { printed } = await booted.run(...sendCommand(mail))
    check(`${title}: ${mail.want}: ${mail.title}`, replies[mail.want].test(printed), printed)
  }
}

async function updatePackage(site: Site): Promise<void> {
  await site.during('update of the package', { closes: ANY }, async () => {
    const before = await site.pid()
    await installIn(site.booted, '--reinstall', '/policyd-weight.deb')
    await waitFor('another daemon', async () => (await site.pid()) !== before)
  })
}

/** The load has ended. */
async function removeAndInstallAnew(booted: BootedRoot): Promise<void> {
  const removed = await booted.mustRun('apt-get', 'purge', '-q', '-y', 'policyd-weight')
  check(
    'removal: it says that Postfix still asks',
    removed.includes('Postfix still asks it, and puts mail off'),
    removed,
  )
  check('removal: the daemon is gone', (await askOnce(PORT, GOOD_MAIL)) === 'refused')
  const printed = await installIn(booted, '/policyd-weight.deb')
  check('new installation: it says when Postfix has to be restarted', RESTART_POSTFIX.test(printed), printed)
  const { printed: state } = await booted.run('systemctl', 'is-enabled', UNIT)
  check('new installation: the daemon is not enabled', state === 'disabled\n', state)
}

spawnSync('ip', ['link', 'set', 'lo', 'up'])
root.write('etc/resolv.conf', 'nameserver 127.0.0.1\n')
const dns = await startDnsServer(HOST_ZONE, { port: 53 })
await checkAll(async () => {
  if (suite === 'trixie') for (const way of ['package', 'by hand'] as const) await tryNewUser(root, way)
  const booted = await boot(root)
  try {
    await makePerlHost(booted)
    await tryMails(booted, 'Perl', [GOOD_MAIL, FORGED_MAIL])
    const site = new Site(booted)
    try {
      await upgrade(site)
      await tryMails(booted, 'upgraded', [GOOD_MAIL, FORGED_MAIL, DEMO_MAILS.at(-1) as DemoMail])
      await tryUnderUnit(site)
      await tryByHand(site)
      await tryBySocket(site)
      await updatePackage(site)
    } finally {
      await site.stop()
    }
    await removeAndInstallAnew(booted)
  } finally {
    await booted.powerOff()
  }
})
await dns.close()
endOfChecks()
