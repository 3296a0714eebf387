/**
 * Starts the daemon's first process: prepares everything that only the starter may.
 *
 *   cli/daemon/start.ts → runSupervisor → sockets, $PIDFILE, $USER → supervisor.ts
 *
 * In this order: what the starter had is left behind (inheritance.ts); it is waited for other starts (start-turn.ts); sockets are bound, where a predecessor or the service
 * manager has none for us; the pid file is written; the rights of root are given up, before that if others write in the pid
 * file's directory; then come log and workers: whatever is made from here on belongs to $USER.
 *
 * An address that is taken is waited for under a service manager (wait-for-address.ts).
 *
 * Failure: DaemonError.
 */
import { closeSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../config/parameters/parameters.ts'
import { USUAL_PLACES } from '../config/usual-file.ts'
import { EXIT_OK } from '../system/exit-status.ts'
import { warning } from '../log/event.ts'
import { loadNative } from '../system/native/native.ts'
import { isRootsOwn } from '../system/ownership.ts'
import { ConfigurationWatch } from './configuration-watch.ts'
import { DaemonError } from './daemon-error.ts'
import { leaveInheritance } from './inheritance.ts'
import { bindListeners, type Listeners } from './listeners.ts'
import { giveBack, managerSockets, socketsByName } from './manager-sockets.ts'
import { findServiceManager, Notifier } from './notify.ts'
import { alreadyRunning, findDaemon, ownUids, removePidFile, writePidFile } from './pid-file.ts'
import { dropPrivileges, makeDirectoryFor, type NumericIdentity, resolveIdentity } from './privileges.ts'
import { MASTER_TITLE } from './process-table.ts'
import { takeStartTurn } from './start-turn.ts'
import { Supervisor, type SupervisorOptions } from './supervisor.ts'
import { takeSockets } from './takeover.ts'
import { waitForAddress } from './wait-for-address.ts'

/** Runs the daemon until it is stopped. Resolves to the exit status; rejects with DaemonError if it cannot start. */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  const { config } = options.loaded
  const { file } = options.loadOptions
  // First of all: an address may be waited for all day, and the file be changed meanwhile.
  const watch = new ConfigurationWatch(file === undefined ? USUAL_PLACES : [file])
  watch.watchKeys(config)
  process.title = MASTER_TITLE
  const manager = findServiceManager(process.env, process.pid)
  const { passed, kept } = managerSockets(process.env, process.pid)
  leaveInheritance([...passed, ...kept])
  const identity = process.geteuid?.() === 0 ? resolveIdentity(identityOf(config)) : undefined
  const mayHaveWritten = ownUids(identity?.uid)
  const early: string[] = []
  const warn = (text: string): void => {
    early.push(text)
    options.warn(text)
  }
  const { predecessor } = options
  const native = loadNative()
  if (manager.socket !== undefined && identity === undefined && native.kind === 'native') {
    const own = process.geteuid?.()
    if (native.idOf(config.USER, false) !== own)
      warn(`$USER is "${config.USER}", but the service manager has started this as user ${own}: so it stays`)
  }
  const notifier = new Notifier(manager, native, warn)
  const mode = Number.parseInt(config.SOCKET_MODE, 8)
  const taken = predecessor ? takeSockets(predecessor.pid, native) : socketsByName(kept, native, mode, identity?.gid)
  const discard = (descriptor: number): void => {
    if (!predecessor) giveBack(descriptor, native, notifier)
    closeSync(descriptor)
  }
  const bind = (): Promise<Listeners> => bindListeners(config, identity?.gid, warn, taken, discard)
  const isPassed = passed.length > 0
  if (isPassed) for (const descriptor of kept) discard(descriptor)
  // Whoever replaces a daemon, or is started by a manager, is the only one; and who tries one need not be.
  const isAmongSeveral = !predecessor && manager.socket === undefined && !options.explains
  const endTurn = isAmongSeveral ? takeStartTurn(dirname(options.pidFile), native) : () => {}
  if (isAmongSeveral) refuseSecond(options.pidFile, mayHaveWritten)
  const listeners = isPassed
    ? { descriptors: passed, text: `${passed.length} sockets of the service manager`, handles: [] }
    : await (manager.socket === undefined ? bind() : waitForAddress({ bind, notifier, warn }))
  const keeps = manager.keepsSockets && native.kind === 'native' && !isPassed
  // A kept socket needs its name.
  const leftovers = !isPassed && !keeps && config.SOCKET !== '' ? [() => unlinkSync(config.SOCKET)] : []
  // Root makes files where nobody else can.
  if (identity && !isRootsOwn(dirname(options.pidFile))) becomeUser(config, identity)
  try {
    // As long as there is another daemon the file is that one's, see #started and cli/daemon/restart.ts.
    if (!predecessor) writePidFile(options.pidFile, mayHaveWritten)
    leftovers.push(() => removePidFile(options.pidFile, mayHaveWritten))
  } catch (error) {
    // A service manager knows the process anyway, and may have started us as a user who cannot write there.
    const isManaged = manager.socket !== undefined
    if (!((options.explains || isManaged) && error instanceof DaemonError)) throw error
    if (!isManaged) warn(error.message)
  } finally {
    endTurn()
  }
  if (identity) becomeUser(config, identity)
  const supervisor = new Supervisor(options, listeners, leftovers, { ...manager, keepsSockets: keeps }, watch)
  for (const text of early) supervisor.log(warning(text))
  const status = await supervisor.run()
  // Whoever connects would wait for a next start that fails like this one.
  if (keeps && status !== EXIT_OK)
    for (const descriptor of listeners.descriptors) giveBack(descriptor, native, notifier)
  return status
}

/** Throws DaemonError if there is a daemon; a file that is not to be believed is for writePidFile to complain of. */
function refuseSecond(pidFile: string, mayHaveWritten: readonly number[]): void {
  let running: ReturnType<typeof findDaemon>
  try {
    running = findDaemon(pidFile, mayHaveWritten)
  } catch {
    return
  }
  if (running) throw alreadyRunning(running.pid, pidFile)
}

function becomeUser(config: Config, identity: NumericIdentity): void {
  makeDirectoryFor(config.LOCKPATH, identity)
  dropPrivileges(identityOf(config), identity)
}

function identityOf({ USER, GROUP }: Config): { readonly user: string; readonly group: string } {
  return { user: USER, group: GROUP }
}
