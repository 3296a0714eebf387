/**
 * A Postfix of its own for a test: configuration, queue, data, port and log under one directory.
 *
 *   const postfix = await startPostfix(folder, { service: 'policy unix …' }); postfix.port; await postfix.stop()
 *
 * master(8) runs as a child of this process, without an init system; the system's own Postfix, if it runs, is neither read
 * nor touched. Mail for anybody at example.net is delivered by virtual(8) into one maildir, `postfix.mails()`. XCLIENT is
 * allowed from loopback. The log goes through postlogd(8) into a file, `postfix.log()`.
 *
 * Needs root and Debian's package postfix. The folder has to be one that any user may enter; whoever made it removes it.
 * Failure: what Postfix reports at its start is thrown. `stop` ends master(8) and all that belongs to its process group;
 * what spawn(8) started ends with its connection.
 * Source: master(8), postconf(5), postlogd(8).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { processesInGroup } from './processes.ts'
import { waitFor } from './wait-for.ts'

/** Our only domain: everything in it is one mailbox, everybody else's is relayed for nobody. */
const LOCAL_DOMAIN = 'example.net'

export interface PostfixOptions {
  /** Lines of master.cf, behind those every instance has. */
  readonly service?: string
  /** Lines of main.cf, likewise; of two that set one parameter the last counts. */
  readonly settings?: string
  /** Indented lines of master.cf, below that of smtpd(8). */
  readonly smtpdOptions?: string
  /** `discard` throws mail away; `maildir` is the default. */
  readonly delivery?: 'maildir' | 'discard'
  /** A command that starts the command behind it, in place of starting that directly. */
  readonly wrapper?: readonly string[]
}

export interface Postfix {
  /** Of its smtpd(8), on 127.0.0.1. */
  readonly port: number
  /** The text of every delivered mail. */
  mails(): string[]
  log(): string
  stop(): Promise<void>
}

const QUEUE_DIRECTORIES = 'active bounce corrupt defer deferred flush hold incoming private public saved trace'.split(
  ' ',
)
const STOP_MS = 10_000

/** Starts an instance in an empty folder; resolves when its smtpd(8) greets. */
export async function startPostfix(folder: string, options: PostfixOptions = {}): Promise<Postfix> {
  const port = await freePort()
  makeDirectories(folder)
  const { service = '', settings = '', smtpdOptions = '', delivery = 'maildir', wrapper = [] } = options
  writeFileSync(join(folder, 'etc', 'main.cf'), `${mainCf(folder, delivery)}${settings}\n`)
  writeFileSync(join(folder, 'etc', 'master.cf'), `${masterCf(port, smtpdOptions)}${service}\n`)
  const [command = '', ...args] = [...wrapper, masterProgram(), '-c', join(folder, 'etc')]
  // A session of its own: its process group is what `stop` ends.
  const master = spawn(command, args, {
    detached: true,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: 'ignore',
  })
  const log = (): string => readIfThere(join(folder, 'log', 'mail.log'))
  const isGreeted = (): Promise<boolean> => {
    if (master.exitCode !== null) throw new Error('master(8) ended')
    return greets(port)
  }
  try {
    await waitFor('smtpd(8) greets', isGreeted)
  } catch (error) {
    await endMaster(master)
    throw new Error(`Postfix did not start: ${error instanceof Error ? error.message : error}\n${log()}`)
  }
  return {
    port,
    mails: () => filesIn(join(folder, 'mail', 'inbox', 'new')).map(path => readFileSync(path, 'latin1')),
    log,
    stop: () => endMaster(master),
  }
}

function masterProgram(): string {
  return join(execFileSync('postconf', ['-dh', 'daemon_directory'], { encoding: 'utf8' }).trim(), 'master')
}

function makeDirectories(folder: string): void {
  const postfix = userId('postfix')
  for (const name of ['etc', 'spool', 'spool/pid', 'log']) mkdirSync(join(folder, name), { mode: 0o755 })
  for (const name of ['data', 'mail', ...QUEUE_DIRECTORIES.map(name => `spool/${name}`)]) {
    mkdirSync(join(folder, name), { mode: 0o700 })
    chownSync(join(folder, name), postfix, 0)
  }
  chownSync(join(folder, 'mail'), userId('nobody'), 0)
}

/** What has to do with the place, with the tests' own mailbox, and with being tried by a quick client from loopback. */
function mainCf(folder: string, delivery: 'maildir' | 'discard'): string {
  const nobody = userId('nobody')
  return `compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
maillog_file = ${folder}/log/mail.log
maillog_file_prefixes = ${folder}
myhostname = mx.${LOCAL_DOMAIN}
mydestination =
inet_interfaces = 127.0.0.1
mynetworks = 127.0.0.1
alias_maps =
virtual_mailbox_domains = ${LOCAL_DOMAIN}
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${nobody}
virtual_gid_maps = static:${nobody}
virtual_transport = ${delivery === 'maildir' ? 'virtual' : 'discard:'}
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
`
}

/** So many smtpds, whatever `default_process_limit` says. */
function masterCf(port: number, smtpdOptions: string): string {
  return `127.0.0.1:${port} inet n - n - 20 smtpd
${smtpdOptions}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
`
}

/** Whether something on the port says 220. */
function greets(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const settle = (answer: boolean): void => {
      socket.end('QUIT\r\n')
      resolve(answer)
    }
    socket.setTimeout(2000, () => settle(false))
    socket.once('error', () => resolve(false))
    socket.once('data', text => settle(text.toString('latin1').startsWith('220')))
  })
}

/** master(8) passes SIGTERM on to its process group; whoever does not listen is killed with it. */
async function endMaster({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return
  const isGone = (): boolean => processesInGroup(pid).length === 0
  if (!isGone()) process.kill(-pid, 'SIGTERM')
  try {
    await waitFor('Postfix ends', isGone, STOP_MS)
  } catch {
    process.kill(-pid, 'SIGKILL')
    await waitFor('Postfix is killed', isGone, STOP_MS)
  }
}

function userId(name: string): number {
  return Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }))
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map(name => join(folder, name))
  } catch {
    return []
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
