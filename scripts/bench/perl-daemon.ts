/**
 * The original's daemon, as a black box to be measured beside ours.
 *
 *   daemon.ts → startPerlDaemon → /usr/sbin/policyd-weight of Debian's package
 *
 * It asks its name server on port 53 and will not start without /dev/log. So the benchmark runs in a network and a
 * mount namespace of its own, where 127.0.0.1:53 is ours, and /dev has a log that is read and thrown away.
 *
 * Failure: throws if it does not start. Needs root.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const PERL_DAEMON = '/usr/sbin/policyd-weight'
const START_MS = 20_000

/** Whether the original can be measured here. */
export function isPerlDaemonInstalled(): boolean {
  return process.geteuid?.() === 0 && existsSync(PERL_DAEMON) && existsSync('/usr/bin/perl')
}

/** Makes the namespaces' loopback work and a /dev with a log; returns who reads the log. */
export async function prepareNamespace(): Promise<ChildProcess> {
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
  // Any directory that is there: it is covered in this namespace only.
  const dev = '/mnt'
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dev])
  for (const name of ['null', 'zero', 'random', 'urandom', 'tty']) {
    writeFileSync(join(dev, name), '')
    execFileSync('mount', ['--bind', `/dev/${name}`, join(dev, name)])
  }
  mkdirSync(join(dev, 'shm'), { mode: 0o1777 })
  execFileSync('mount', ['--bind', '/dev/shm', join(dev, 'shm')])
  execFileSync('mount', ['--rbind', dev, '/dev'])
  const reader =
    'use Socket; socket(S,PF_UNIX,SOCK_DGRAM,0); setsockopt(S,SOL_SOCKET,SO_RCVBUF,4194304); bind(S,pack_sockaddr_un("/dev/log")) or die; chmod 0666,"/dev/log"; 1 while defined recv(S,$_,8192,0)'
  const child = spawn('perl', ['-e', reader], { stdio: 'ignore' })
  await waitUntil(() => existsSync('/dev/log'))
  return child
}

export interface PerlDaemon {
  /** Resolves when nobody listens any more. */
  stop(): Promise<void>
}

/** Starts it under a configuration that it shares with ours. */
export async function startPerlDaemon(
  configuration: string,
  { PIDFILE, LOCKPATH }: { readonly PIDFILE: string; readonly LOCKPATH: string },
  port: number,
): Promise<PerlDaemon> {
  const command = (...args: string[]): void => {
    spawnSync('perl', [PERL_DAEMON, '-f', configuration, ...args], { stdio: 'ignore', timeout: START_MS })
  }
  // It ends at times, when the cache it has just started does not listen yet; then that cache is there for the next try.
  await waitUntil(async () => {
    command('-k')
    rmSync(PIDFILE, { force: true })
    rmSync(LOCKPATH, { recursive: true, force: true })
    command('start')
    for (let tries = 0; tries < 20; tries++) {
      if (await accepts(port)) return true
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    return false
  })
  return {
    stop: async () => {
      command('stop')
      command('-k')
      await waitUntil(async () => !(await accepts(port)))
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const settle = (accepted: boolean): void => {
      socket.destroy()
      resolve(accepted)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + START_MS
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error('waited in vain')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
