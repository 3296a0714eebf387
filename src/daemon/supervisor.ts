/**
 * The daemon's first process: watches over its workers. It never sees a client's byte.
 *
 *   run-supervisor.ts: sockets, what to remove at the end → Supervisor → worker-pool.ts
 *
 * Reading the configuration again: on SIGHUP, and when the file has changed and is left alone for half a second. It is looked at
 * after $MAINTENANCE_LEVEL requests and after $MAXIDLECACHE seconds without. SIGHUP also opens $LOGFILE and resolv.conf(5)
 * anew. A file that has an error, is refused or gone is logged, and what has served so far goes on.
 *
 * Workers that hang are found out and replaced by worker-pool.ts; that this process itself does not hang is looked after by
 * the service manager (notify.ts), and `status` tells (worker-report.ts).
 *
 * SIGTERM and SIGINT end it: requests at hand are answered, three seconds at most.
 *
 * Failure: nothing but workers that cannot be started ends it by itself (70).
 */
import { accessSync, constants } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { messageOf } from '../system/errno.ts'
import { hasErrors } from '../config/findings/finding.ts'
import { type LoadOptions, loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { EXIT_OK, EXIT_SOFTWARE } from '../system/exit-status.ts'
import { configurationErrors, type LogEvent, notice, warning } from '../log/event.ts'
import { Log } from '../log/log.ts'
import { LogFile } from '../log/log-file.ts'
import { loadNative } from '../system/native/native.ts'
import { isRootsOwn } from '../system/ownership.ts'
import type { ConfigurationWatch } from './configuration-watch.ts'
import { keepLater } from './keep-later.ts'
import type { Listeners } from './listeners.ts'
import { keepSockets } from './manager-sockets.ts'
import { Notifier, type ServiceManager } from './notify.ts'
import { isReplaced, ownUids, replacePidFile } from './pid-file.ts'
import type { RunningProcess } from './process-table.ts'
import { openScoreboard, Scoreboard } from './scoreboard.ts'
import { WorkerPool, workerCount } from './worker-pool.ts'
import { ReportFile } from './worker-report.ts'

/** How long a changed file has to be left alone before it is read: an editor may still be writing. */
const UNTOUCHED_MS = 500

/** What takes effect only when the daemon is started. */
const FIXED = [
  ...(['USER', 'GROUP', 'TCP_PORT', 'BIND_ADDRESS', 'SOCKET', 'SOCKET_MODE'] as const),
  ...(['PIDFILE', 'MAX_PROC', 'MIN_PROC'] as const),
] as const satisfies readonly (keyof Config)[]

export interface SupervisorOptions {
  readonly loaded: LoadedConfig
  /** How `loaded` was had, to read it again. */
  readonly loadOptions: LoadOptions
  readonly pidFile: string
  readonly cacheFileName: string
  /** Where the cache is in place of `$LOCKPATH`: with `-d`, for somebody who may not write there. */
  readonly lockPath?: string | undefined
  /** `-d`: one worker explains each decision, and a pid file that cannot be written is no reason to give up. */
  readonly explains: boolean
  readonly isForeground: boolean
  /** The daemon that serves until this one does: its sockets are taken over, and whoever starts this one ends it. */
  readonly predecessor?: RunningProcess | undefined
  /** Told once, when requests are answered. */
  readonly started: (text: string) => void
  /** Told what does not keep it from starting. */
  readonly warn: (text: string) => void
}

/** What removes files at the end. */
type Leftovers = readonly (() => void)[]

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #listeners: Listeners
  readonly #leftovers: Leftovers
  readonly #native = loadNative()
  readonly #pool: WorkerPool
  readonly #watch: ConfigurationWatch
  readonly #notifier: Notifier
  readonly #keepsSockets: boolean
  #config: Config
  #path: string | undefined
  #logFile = new LogFile()
  #log: Log
  #round = 0
  #isReloading = false
  #isReloadWanted = false
  #hasChanged = false
  #workedMs = performance.now()
  #ended: ((status: number) => void) | undefined

  /** `watch`: has looked at the files of the configuration when it was read. */
  constructor(
    options: SupervisorOptions,
    listeners: Listeners,
    leftovers: Leftovers,
    manager: ServiceManager,
    watch: ConfigurationWatch,
  ) {
    const { loaded, cacheFileName, explains, isForeground } = options
    this.#options = options
    this.#listeners = listeners
    this.#leftovers = leftovers
    this.#config = this.#withOwnCache(loaded.config)
    this.#path = loaded.path
    this.#log = new Log(loaded.config, () => this.#native, this.#logFile.append)
    for (const event of configurationErrors(loaded.findings)) this.log(event)
    if (loaded.path !== undefined && !isReadable(loaded.path))
      this.log(warning(`${loaded.path} cannot be read again by user ${loaded.config.USER}: let that user read it`))
    this.#watch = watch
    this.#keepsSockets = manager.keepsSockets
    this.#notifier = new Notifier(manager, this.#native, text => this.log(warning(text)))
    const reportFile = new ReportFile()
    this.#pool = new WorkerPool(this.#config, {
      configuration: loaded.path,
      count: explains ? 1 : workerCount(loaded.config, availableParallelism()),
      listeners: listeners.descriptors,
      scoreboard: new Scoreboard(this.#native, openScoreboard(this.#native)),
      cacheFileName,
      explains,
      isForeground,
      ready: () => this.#started(),
      failed: () => {
        this.log(warning('no worker can be started; the daemon ends'))
        this.#end(EXIT_SOFTWARE)
      },
      configured: round => this.#configured(round),
      worked: () => {
        this.#workedMs = performance.now()
        this.#lookAtFile()
      },
      hung: (pid, seconds) => this.log(warning(`worker ${pid} has not reacted for ${seconds} s and is killed`)),
      died: why => this.log(warning(`a worker has died (${why}); another one is started`)),
      looked: report => reportFile.write(report),
    })
  }

  /** Resolves to the exit status. */
  run(): Promise<number> {
    const ended = new Promise<number>(resolve => {
      this.#ended = resolve
    })
    process.on('SIGHUP', () => void this.#reload())
    process.on('SIGTERM', () => void this.#stop())
    process.on('SIGINT', () => void this.#stop())
    this.#pool.start()
    keepLater(this.#options.loadOptions)
    this.#lookWhenIdle()
    return ended
  }

  log(event: LogEvent): void {
    this.#log.add(event)
    void this.#log.flush()
  }

  #started(): void {
    const text = `listening on ${this.#listeners.text}`
    if (this.#options.predecessor) this.#takePidFile(this.#options.predecessor)
    this.log(notice(`daemon started, ${text}`))
    // Now they listen.
    if (this.#keepsSockets) keepSockets(this.#listeners.descriptors, this.#notifier)
    this.#notifier.tell(`READY=1\nSTATUS=${text}`)
    this.#notifier.keepAlive(() => this.#pool.isServing)
    this.#options.started(text)
  }

  /** Where $USER writes it, and not root (cli/daemon/restart.ts, which looks at what came of it). */
  #takePidFile(predecessor: RunningProcess): void {
    const { pidFile } = this.#options
    try {
      if (!isRootsOwn(dirname(pidFile))) replacePidFile(pidFile, ownUids(), predecessor, process.pid)
    } catch (error) {
      this.log(warning(messageOf(error)))
    }
  }

  #lookWhenIdle(): void {
    const idleMs = this.#config.MAXIDLECACHE * 1000
    // Switched off, it may be switched on by a reload.
    const waitMs = idleMs > 0 ? idleMs : 60_000
    setTimeout(
      () => {
        if (this.#config.MAXIDLECACHE > 0 && performance.now() - this.#workedMs >= idleMs) this.#lookAtFile()
        this.#lookWhenIdle()
      },
      Math.min(waitMs, 2 ** 31 - 1),
    ).unref()
  }

  #lookAtFile(): void {
    if (this.#watch.hasChanged()) {
      if (!this.#hasChanged) setTimeout(() => this.#lookAtChangedFile(), UNTOUCHED_MS)
      this.#hasChanged = true
    }
  }

  #lookAtChangedFile(): void {
    if (this.#watch.hasChanged()) {
      setTimeout(() => this.#lookAtChangedFile(), UNTOUCHED_MS)
      return
    }
    this.#hasChanged = false
    void this.#reload()
  }

  /** One at a time; what is asked for meanwhile comes next, once. */
  async #reload(): Promise<void> {
    this.#isReloadWanted = true
    if (this.#isReloading) return
    this.#isReloading = true
    while (this.#isReloadWanted) {
      this.#isReloadWanted = false
      this.#notifier.tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`)
      this.#watch.hasChanged()
      const loaded = await loadConfig(this.#options.loadOptions)
      if (this.#isUsable(loaded)) this.#use(loaded)
      else this.#notifier.tell('READY=1')
    }
    this.#isReloading = false
  }

  #isUsable({ path, findings }: LoadedConfig): boolean {
    for (const event of configurationErrors(findings)) this.log(event)
    const isGone = path === undefined && this.#path !== undefined
    if (!hasErrors(findings) && !isGone) return true
    const why = isGone ? `${this.#path} is gone` : 'the new configuration is faulty'
    this.log(warning(`${why}; the daemon goes on with the one it has`))
    return false
  }

  #use({ config: read, path }: LoadedConfig): void {
    const config = this.#withOwnCache(read)
    this.#watch.watchKeys(config)
    const fixed = FIXED.filter(name => config[name] !== this.#config[name])
    this.#config = config
    this.#path = path
    this.#logFile.close()
    this.#logFile = new LogFile()
    this.#log = new Log(config, () => this.#native, this.#logFile.append)
    if (fixed.length > 0)
      this.log(
        warning(`changed, takes effect when the daemon is restarted: ${fixed.map(name => `$${name}`).join(' ')}`),
      )
    this.#round++
    this.#pool.configure(config, path, this.#round)
    keepLater(this.#options.loadOptions)
  }

  #withOwnCache(config: Config): Config {
    const { lockPath } = this.#options
    return lockPath === undefined ? config : { ...config, LOCKPATH: lockPath }
  }

  #configured(round: number): void {
    if (round !== this.#round) return
    this.log(notice(`configuration read again: ${this.#path ?? 'built-in defaults'}`))
    this.#notifier.tell('READY=1')
  }

  async #stop(): Promise<void> {
    if (!this.#ended) return
    this.#notifier.tell('STOPPING=1')
    await this.#pool.stop()
    this.log(notice('daemon stopped'))
    this.#end(EXIT_OK)
  }

  #end(status: number): void {
    for (const remove of isReplaced(this.#options.pidFile, ownUids()) ? [] : this.#leftovers) {
      try {
        remove()
      } catch {
        // Where $USER may not, `stop` does it, or the next start.
      }
    }
    this.#ended?.(status)
    this.#ended = undefined
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
