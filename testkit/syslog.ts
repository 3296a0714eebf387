/**
 * A system logger: what a program writes with syslog(3), to be read by a test.
 *
 *   const syslog = await startSyslog(); start [...syslog.wrapper, program]; syslog.text(); syslog.stop()
 *
 * syslog(3) knows one place, /dev/log. The program gets a mount namespace with a /dev of its own, in which that is our
 * socket; the system's logger, if there is one, keeps its own. Where no namespace is to be had (a container without the
 * capability), /dev/log itself is ours until we are stopped. Node has no datagram sockets of this family; perl, which
 * Debian always has, receives.
 *
 * Failure: no namespace and a logger that listens already is thrown.
 * Source: syslog(3), mount_namespaces(7).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from './wait-for.ts'

const LOG_SOCKET = '/dev/log'
/** Arguments: the socket, the file for what comes in. */
const DATAGRAM_RECEIVER = `
  use IO::Socket::UNIX; use Socket;
  $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$ARGV[0]: $!";
  open $out, '>>', $ARGV[1]; $out->autoflush(1);
  while (defined $socket->recv($text, 8192)) { print $out "$text\\n" }`
/** The same for one client, each of whose messages ends in NUL. */
const STREAM_RECEIVER = `
  use IO::Socket::UNIX; use Socket;
  $socket = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $ARGV[0], Listen => 1) or die "$ARGV[0]: $!";
  open $out, '>>', $ARGV[1]; $out->autoflush(1);
  $client = $socket->accept; $/ = "\\0";
  while (defined($text = <$client>)) { print $out "$text\\n" }`

export interface Syslog {
  /** Goes in front of a command whose log is to come here. */
  readonly wrapper: readonly string[]
  /** A line for each message: `<22>Nov 24 06:53:50 postfix/policyd-weight[12126]: …`. */
  text(): string
  /** Ends, and listens again at a socket of its own. */
  startAnew(): Promise<void>
  /** Takes nothing more, and does again. */
  hang(): void
  goOn(): void
  stop(): void
}

/** A /dev with what Postfix and Node open there; `$0` is our socket, the arguments are the command. */
const OWN_DEV = `
  set -e
  old=$(dirname "$0")/dev
  mkdir "$old"
  mount --rbind /dev "$old"
  mount -t tmpfs -o mode=755 tmpfs /dev
  for node in null zero full random urandom; do : >"/dev/$node"; done
  for node in null zero full random urandom; do mount --bind "$old/$node" "/dev/$node"; done
  mkdir /dev/shm
  mount --bind "$old/shm" /dev/shm
  ln -s "$0" /dev/log
  umount -l "$old"
  rmdir "$old"
  exec "$@"`

/** Listens from now on. */
export async function startSyslog(kind: 'datagram' | 'stream' = 'datagram'): Promise<Syslog> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-log-'))
  chmodSync(folder, 0o755)
  const isPrivate = spawnSync('unshare', ['--mount', 'true']).status === 0
  const socket = isPrivate ? join(folder, 'socket') : LOG_SOCKET
  const file = join(folder, 'syslog')
  writeFileSync(file, '')
  let receiver: ChildProcess
  const start = async (): Promise<void> => {
    const program = kind === 'stream' ? STREAM_RECEIVER : DATAGRAM_RECEIVER
    receiver = spawn('perl', ['-e', program, socket, file], { stdio: ['ignore', 'ignore', 'inherit'] })
    await waitFor('the socket is there', () => {
      if (receiver.exitCode !== null) throw new Error('nothing can listen to the log')
      return existsSync(socket)
    })
    chmodSync(socket, 0o666)
  }
  const stop = (): void => {
    // One that could not listen has nothing to remove.
    if (receiver.exitCode === null) rmSync(socket, { force: true })
    receiver.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    stop()
    throw error
  }
  return {
    wrapper: isPrivate ? ['unshare', '--mount', 'sh', '-c', OWN_DEV, socket] : [],
    // Some end their messages with NUL.
    text: () => readFileSync(file, 'latin1').replaceAll('\0', ''),
    startAnew: async () => {
      receiver.kill('SIGKILL')
      await once(receiver, 'exit')
      rmSync(socket)
      await start()
    },
    hang: () => receiver.kill('SIGSTOP'),
    goOn: () => receiver.kill('SIGCONT'),
    stop,
  }
}
