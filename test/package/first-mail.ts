/**
 * What somebody does who has just installed the package: the steps of the manual, then a mail sent with swaks.
 *
 *   await tryFirstMail(root, configuration)
 *
 * Debian's postfix and swaks are installed beside it, in a clean root (clean-root.ts). Steps are taken from the pages that
 * the package itself has put there, so a manual that leads nowhere fails. The DNS on loopback is that of
 * zone.ts.
 *
 * Failure: what does not hold is counted (checks.ts); a command that fails is thrown.
 */
import { type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { check } from '../debian/checks.ts'
import type { CleanRoot, Ended } from '../debian/clean-root.ts'
import { MAIL_HOST, MAIN_CF, MASTER_CF, sendCommand, WITHOUT_QUESTIONS } from '../debian/mail-host.ts'
import { between, manualSteps } from '../debian/manual-steps.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const DOC = 'usr/share/doc/policyd-weight'
const MAILBOX = 'var/mail/bob'

export async function tryFirstMail(root: CleanRoot, configuration: string): Promise<void> {
  root.run(...WITHOUT_QUESTIONS)
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

/** The steps of docs/install.md, up to the restart, for which there is no systemd. */
function followManual(root: CleanRoot): void {
  const manual = root.read(`${DOC}/docs/install.md`)
  for (const step of manualSteps(between(manual, 'Then tell Postfix:', '\n### '))) {
    if (step.kind === 'append') root.write(step.path, `${root.read(step.path)}${step.text}`)
    else if (!step.command.startsWith('systemctl ')) root.run('sh', '-e', '-c', step.command)
  }
  const example = root.read(`${DOC}/examples/master.cf.example`).trimEnd().split('\n').slice(-2).join('\n')
  if (!words(root.read(MASTER_CF)).includes(words(example))) throw new Error('install.md and master.cf.example differ')
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

function swaks(root: CleanRoot, mail: DemoMail): Promise<Ended> {
  return root.runMeanwhile(...sendCommand(mail))
}
