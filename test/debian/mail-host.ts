/**
 * Debian's Postfix as it is on a mail host before there is a policy service: for tests in a root directory.
 *
 * It takes mail to bob@example.net, and believes swaks(1) on loopback about the client (XCLIENT).
 */
import type { DemoMail } from '../../testkit/demo-mails.ts'
import { swaksArguments } from '../support/swaks.ts'

export const MAIN_CF = 'etc/postfix/main.cf'
export const MASTER_CF = 'etc/postfix/master.cf'

/** The text of main.cf. */
export const MAIL_HOST = `compatibility_level = 3.6
myhostname = mx.example.net
mydestination = example.net
alias_maps =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_authorized_xclient_hosts = 127.0.0.1
`

/** Has Debian's package ask nothing when it is installed. */
export const WITHOUT_QUESTIONS = [
  'sh',
  '-c',
  "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections",
] as const

/** The command that sends a mail there. */
export function sendCommand(mail: DemoMail): string[] {
  return ['swaks', ...swaksArguments(mail, 25)]
}
