/**
 * swaks(1) as the client of a mail of the demo: the arguments with which Postfix takes it for that client (XCLIENT).
 */
import type { DemoMail } from '../../testkit/demo-mails.ts'

/** For a mail to bob@example.net, to a server on loopback that believes us. */
export function swaksArguments({ client, name, helo, sender }: DemoMail, port: number): string[] {
  const server = ['--server', '127.0.0.1', '--port', String(port)]
  const envelope = ['--helo', helo, '--from', sender, '--to', 'bob@example.net']
  return [
    ...server,
    ...envelope,
    '--xclient-addr',
    client,
    '--xclient-name',
    name === 'unknown' ? '[UNAVAILABLE]' : name,
  ]
}
