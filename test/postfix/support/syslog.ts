/**
 * A system logger for a site: what is written with syslog(3), to be read by the test.
 *
 *   const syslog = await startSyslog(t); startSite(t, { wrapper: syslog.wrapper }); syslog.text()
 *
 * syslog(3) knows one place, /dev/log. Where nobody listens there (a container), the test does for as long as it lasts.
 * Where somebody does, the site gets a mount namespace in which the socket of the test lies over that one, and the system's
 * logger keeps its own. Node has no datagram sockets of this family; perl, which Debian always has, receives.
 *
 * Source: syslog(3), mount_namespaces(7).
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { waitFor } from '../../support/wait-for.ts'

const LOG_SOCKET = '/dev/log'
/** Arguments: the socket, the file for what comes in. */
const RECEIVER = `
  use IO::Socket::UNIX; use Socket;
  $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$ARGV[0]: $!";
  open $out, '>>', $ARGV[1]; $out->autoflush(1);
  while (defined $socket->recv($text, 8192)) { print $out "$text\\n" }`

export interface Syslog {
  /** For SiteOptions. */
  readonly wrapper: readonly string[]
  /** A line for each message: `<22>Nov 24 06:53:50 postfix/policyd-weight[12126]: …`. */
  text(): string
}

/** Listens until the test ends. */
export async function startSyslog(t: Test): Promise<Syslog> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-log-'))
  chmodSync(folder, 0o755)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const isTaken = existsSync(LOG_SOCKET)
  const socket = isTaken ? join(folder, 'log.socket') : LOG_SOCKET
  const file = join(folder, 'syslog')
  writeFileSync(file, '')
  const receiver = spawn('perl', ['-e', RECEIVER, socket, file], { stdio: ['ignore', 'ignore', 'inherit'] })
  t.teardown(() => {
    receiver.kill('SIGKILL')
    rmSync(socket, { force: true })
  })
  await waitFor('the socket is there', () => existsSync(socket))
  chmodSync(socket, 0o666)
  const mount = 'mount --bind "$0" /dev/log && exec "$@"'
  return {
    wrapper: isTaken ? ['unshare', '--mount', 'sh', '-c', mount, socket] : [],
    text: () => readFileSync(file, 'latin1'),
  }
}
