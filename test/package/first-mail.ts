/**
 * What somebody does who has just installed the package: the steps of the manual, then a mail sent with swaks.
 *
 *   await tryFirstMail(root, dns, configuration, check)
 *
 * Debian's postfix and swaks are installed beside it, in a clean root (clean-root.ts). Steps are taken from the pages that
 * the package itself has put there, so a manual that leads nowhere fails. The DNS on loopback gets the zone of the demo, with
 * lists that are alive.
 *
 * Failure: what does not hold is told to `check`; a command that fails is thrown.
 */
import { type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../scripts/demo/mails.ts'
import { DEMO_ZONE } from '../../scripts/demo/zone.ts'
import { listTrials, RESOLVER_QUESTION } from '../../src/cli/doctor/check-lists.ts'
import { builtinConfig } from '../../src/config/parameters.ts'
import type { DnsServer, DnsZone } from '../support/dns-server.ts'
import { swaksArguments } from '../support/swaks.ts'
import { waitFor } from '../support/wait-for.ts'
import type { CleanRoot, Ended } from './clean-root.ts'

const DOC = 'usr/share/doc/policyd-weight'
const MASTER_CF = 'etc/postfix/master.cf'
const MAIN_CF = 'etc/postfix/main.cf'
const MAILBOX = 'var/mail/bob'

/** A host for mail to bob@example.net, as it was before; it believes swaks about the client. */
const MAIL_HOST = `compatibility_level = 3.6
myhostname = mx.example.net
mydestination = example.net
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
`

export type Check = (what: string, holds: boolean, otherwise?: unknown) => void

export async function tryFirstMail(
  root: CleanRoot,
  dns: DnsServer,
  configuration: string,
  check: Check,
): Promise<void> {
  dns.zone = { ...DEMO_ZONE, ...whatDoctorAsks() }
  root.run('sh', '-c', "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections")
  root.run('apt-get', 'install', '-q', '-y', '--no-install-recommends', 'postfix', 'swaks')
  root.run('useradd', 'bob')
  root.write(MAIN_CF, MAIL_HOST)
  root.run('apt-get', 'install', '-q', '-y', '--no-install-recommends', '/policyd-weight.deb')
  root.write('etc/policyd-weight.conf', configuration)

  followManual(root)
  root.run('postfix', 'start')
  try {
    const good = await swaks(root, GOOD_MAIL)
    check('first mail: swaks gets a good one accepted', good.status === 0, good.printed)
    await waitFor('the mail is delivered', () => root.has(MAILBOX) && root.read(MAILBOX).includes('\nX-Mailer: swaks'))
    const [header = ''] = /^X-policyd-weight: .*(?:\n[ \t].*)*/m.exec(root.read(MAILBOX)) ?? []
    check('first mail: with our header', header.endsWith('; rate: -6.1'), root.read(MAILBOX))
    const forged = await swaks(root, FORGED_MAIL)
    check('first mail: and a forged one rejected', /^<\*\* 550 5\.7\.1 /m.test(forged.printed), forged.printed)
    const doctor = await root.runMeanwhile('policyd-weight', 'doctor')
    check('first mail: doctor finds nothing wrong with what the manual says', doctor.status === 0, doctor.printed)
  } finally {
    root.run('postfix', 'stop')
  }
}

/** A name of the Internet, and the test entry of each list. */
function whatDoctorAsks(): DnsZone {
  const entries = listTrials(builtinConfig()).flatMap(({ listed }) =>
    listed ? [[listed.name, { A: ['127.0.0.2'] }]] : [],
  )
  return { [RESOLVER_QUESTION.name]: { A: ['198.41.0.4'] }, ...Object.fromEntries(entries) }
}

/** The steps of docs/install.md, up to the restart. */
function followManual(root: CleanRoot): void {
  const manual = root.read(`${DOC}/docs/install.md`)
  const service = textOf(manual, /^ *policy +unix .*\n.*argv=.*\n/m)
  const example = textOf(root.read(`${DOC}/examples/master.cf.example`), /^policy +unix .*\n.*argv=.*\n$/m)
  if (words(service) !== words(example)) throw new Error('install.md and master.cf.example differ')
  root.write(MASTER_CF, `${root.read(MASTER_CF)}${example}`)
  const settings = textOf(manual, /^ {3}smtpd_recipient_restrictions =\n(?: {3}[^`].*\n|\n)+/m)
  root.write(MAIN_CF, `${MAIL_HOST}${settings.replace(/^ {3}/gm, '')}`)
  root.run('sh', '-c', textOf(manual, /(?<=`)postconf -P \S+(?=`)/))
  root.run('policyd-weight', 'check')
}

function textOf(page: string, pattern: RegExp): string {
  const [text] = pattern.exec(page) ?? []
  if (text === undefined) throw new Error(`the manual has no ${pattern}`)
  return text
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

function swaks(root: CleanRoot, mail: DemoMail): Promise<Ended> {
  return root.runMeanwhile('swaks', ...swaksArguments(mail, 25))
}
