/**
 * The workers: started, watched, replaced when they die or hang, told of a new configuration, stopped.
 *
 *   supervisor.ts → WorkerPool → processes (worker.ts)
 *
 * A worker that dies is replaced at once if it has lived for a while; one that keeps dying is waited for longer each time,
 * up to ten seconds. A worker is another process of this executable with the listening sockets and the scoreboard as
 * inherited descriptors; its order comes over the channel.
 *
 * A worker that does not react any more (heartbeat.ts) is killed, by SIGKILL, which also ends one that is stopped. That closes
 * its connections, and Postfix asks again; it is then replaced like one that has died. Whoever waits for a worker waits for one
 * that hangs no longer than that: a reload is done when its successor has the configuration, `stop` kills after four seconds.
 *
 * Failure: workers that all die before the first of them was ready: `failed` is called, since the next ones would too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Config } from '../config/parameters/parameters.ts'
import { monotonicMs } from '../system/clock.ts'
import { messageOf } from '../system/errno.ts'
import { BEAT_MS, Heartbeat } from './heartbeat.ts'
import type { ToSupervisor, ToWorker, WorkerOrder } from './orders.ts'
import { MAX_SLOTS, type Scoreboard } from './scoreboard.ts'
import type { WorkerReport } from './worker-report.ts'

/** Says to an executable that it is a worker. */
export const WORKER_ARGUMENT = '--worker'

/** 0, 1 and 2, then the channel, then the scoreboard, then the sockets. */
const SCOREBOARD_DESCRIPTOR = 4
const FIRST_LISTENER_DESCRIPTOR = 5

/** A worker that has lived for so long did not die of its start. */
const SETTLED_MS = 5000
const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000
const MAX_FAILED_STARTS = 3
const STOP_MS = 4000

export interface PoolOptions {
  /** The path of the configuration that is handed over first; absent: there is none. */
  readonly configuration?: string | undefined
  readonly count: number
  readonly listeners: readonly number[]
  readonly scoreboard: Scoreboard
  readonly cacheFileName: string
  readonly explains: boolean
  /** Whether workers may write to our standard error, where Node reports what kills it. */
  readonly isForeground: boolean
  /** How often workers tell that they live, and are looked at; for tests. */
  readonly beatMs?: number
  /** What is run as a worker; for tests. */
  readonly command?: readonly string[]
  /** All workers have been ready for the first time. */
  readonly ready: () => void
  /** No worker can be started. */
  readonly failed: () => void
  /** All workers have the configuration of that round. */
  readonly configured: (round: number) => void
  /** A worker has answered requests. */
  readonly worked: () => void
  /** A worker hangs and is killed: its process, and for how long. */
  readonly hung: (pid: number, seconds: number) => void
  /** A worker has died, and why. */
  readonly died: (why: string) => void
  /** The workers were looked at. */
  readonly looked: (report: WorkerReport) => void
}

interface Slot {
  child: ChildProcess | undefined
  startedMs: number
  /** Deaths in a row, each soon after the start. */
  failures: number
  isReady: boolean
  round: number
  heartbeat: Heartbeat
  /** Why it was killed. */
  killedFor: string | undefined
}

/** How long to wait before a worker is started again that has failed so often in a row: 0, 100, 200, 400 … 10,000 ms. */
export function restartDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
}

/** How many workers: one per core up to four, within $MIN_PROC and $MAX_PROC, and no more than the scoreboard has room for. */
export function workerCount({ MIN_PROC, MAX_PROC }: Pick<Config, 'MIN_PROC' | 'MAX_PROC'>, cores: number): number {
  const wanted = Math.max(Math.min(cores, 4), Math.min(MIN_PROC, cores))
  return Math.max(1, Math.min(wanted, MAX_PROC, MAX_SLOTS))
}

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #slots: Slot[]
  #config: Config
  #configuration: string | undefined
  #round = 0
  #toldRound = 0
  #wasReady = false
  #failedStarts = 0
  #replaced = 0
  #last: WorkerReport['last']
  #stopped: (() => void) | undefined

  constructor(config: Config, options: PoolOptions) {
    this.#config = config
    this.#configuration = options.configuration
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => ({
      child: undefined,
      startedMs: 0,
      failures: 0,
      isReady: false,
      round: 0,
      heartbeat: new Heartbeat(0),
      killedFor: undefined,
    }))
  }

  start(): void {
    for (const index of this.#slots.keys()) this.#start(index)
    this.#options.looked(this.report())
    setInterval(() => this.#look(), this.#options.beatMs ?? BEAT_MS).unref()
  }

  /** Whether anybody answers: there is a worker that is ready and reacts. */
  get isServing(): boolean {
    return this.#slots.some(({ isReady, heartbeat }) => isReady && !heartbeat.isSilent)
  }

  /** What there is to say of the workers now. */
  report(): WorkerReport {
    const silent = this.#slots.flatMap(({ child, heartbeat }) =>
      child?.pid !== undefined && heartbeat.isSilent ? [{ pid: child.pid, seconds: this.#secondsOf(heartbeat) }] : [],
    )
    return { atMs: monotonicMs(), replaced: this.#replaced, last: this.#last, silent }
  }

  /** Hands a configuration to all workers, and to those that are started from now on. */
  configure(config: Config, configuration: string | undefined, round: number): void {
    this.#config = config
    this.#configuration = configuration
    this.#round = round
    for (const { child } of this.#slots) if (child) send(child, { kind: 'configure', config, configuration, round })
  }

  /** Resolves when all workers have ended; those that do not are killed. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
    })
    for (const { child } of this.#slots) if (child) send(child, { kind: 'stop' })
    const kill = setTimeout(() => {
      for (const { child } of this.#slots) child?.kill('SIGKILL')
    }, STOP_MS)
    this.#settleStop()
    await stopped
    clearTimeout(kill)
  }

  #start(index: number): void {
    const slot = this.#slots[index]
    if (!slot || this.#stopped) return
    const { listeners, scoreboard, cacheFileName, explains, isForeground, count, beatMs = BEAT_MS } = this.#options
    const [program = '', ...args] = this.#options.command ?? ownCommand()
    const output = explains ? 'inherit' : 'ignore'
    const errors = isForeground ? 'inherit' : 'ignore'
    const heartbeat = new Heartbeat(scoreboard.beats(index))
    const startedMs = performance.now()
    Object.assign(slot, { startedMs, isReady: false, round: this.#round, heartbeat, killedFor: undefined })
    let child: ChildProcess
    try {
      child = spawn(program, args, {
        stdio: ['ignore', output, errors, 'ipc', scoreboard.descriptor ?? 'ignore', ...listeners],
        serialization: 'advanced',
      })
    } catch (error) {
      // There is no memory for another process, of which no event tells.
      this.#lost(index, slot, messageOf(error))
      return
    }
    slot.child = child
    child.on('message', (message: ToSupervisor) => {
      // What one has said before it ended is not said by its successor.
      if (slot.child === child) this.#hear(index, slot, message)
    })
    // It could not be started, or a message not be sent; 'exit' or 'disconnect' follows, but not for the former.
    child.on('error', error => {
      if (child.pid === undefined) this.#lost(index, slot, error.message)
    })
    child.on('exit', (code, signal) => this.#lost(index, slot, signal ?? `exit status ${code}`, child.pid))
    const order: WorkerOrder = {
      config: this.#config,
      configuration: this.#configuration,
      slot: index,
      workers: count,
      listeners: listeners.map((_, place) => FIRST_LISTENER_DESCRIPTOR + place),
      scoreboard: scoreboard.descriptor === undefined ? undefined : SCOREBOARD_DESCRIPTOR,
      beatMs,
      cacheFileName,
      explains,
    }
    send(child, { kind: 'serve', order })
    // It has the configuration of this round with its order.
    this.#checkRound()
  }

  /** Once a second: who lives? */
  #look(): void {
    for (const [index, slot] of this.#slots.entries()) {
      const { child, heartbeat } = slot
      if (!child || slot.killedFor !== undefined) continue
      heartbeat.tick(this.#options.scoreboard.beats(index))
      if (!heartbeat.isHung) continue
      const seconds = this.#secondsOf(heartbeat)
      slot.killedFor = `no reaction for ${seconds} s`
      // Before anything is logged: who knows what that waits for.
      child.kill('SIGKILL')
      this.#options.hung(child.pid ?? 0, seconds)
    }
    this.#options.looked(this.report())
  }

  #secondsOf({ silentTicks }: Heartbeat): number {
    return (silentTicks * (this.#options.beatMs ?? BEAT_MS)) / 1000
  }

  #hear(index: number, slot: Slot, message: ToSupervisor): void {
    switch (message.kind) {
      case 'ready':
        slot.isReady = true
        if (!this.#wasReady && this.#slots.every(({ isReady }) => isReady)) {
          this.#wasReady = true
          this.#options.ready()
        }
        return
      case 'configured':
        slot.round = message.round
        this.#checkRound()
        return
      case 'alive':
        this.#options.scoreboard.beat(index)
        return
      case 'worked':
        this.#options.worked()
    }
  }

  #lost(index: number, slot: Slot, why: string, pid = 0): void {
    slot.child = undefined
    slot.isReady = false
    this.#options.scoreboard.clear(index)
    if (this.#stopped) {
      this.#settleStop()
      return
    }
    // 0: somebody has told it to stop, as a service manager tells all processes of a service at once.
    if (why !== 'exit status 0') {
      this.#replaced++
      this.#last = { epochMs: Date.now(), pid, why: slot.killedFor ?? why }
      this.#options.died(why)
    }
    if (!this.#wasReady && ++this.#failedStarts >= MAX_FAILED_STARTS) {
      this.#options.failed()
      return
    }
    slot.failures = performance.now() - slot.startedMs < SETTLED_MS ? slot.failures + 1 : 0
    setTimeout(() => this.#start(index), restartDelayMs(slot.failures))
  }

  #checkRound(): void {
    if (this.#toldRound === this.#round || !this.#slots.every(({ round }) => round === this.#round)) return
    this.#toldRound = this.#round
    this.#options.configured(this.#round)
  }

  #settleStop(): void {
    if (this.#slots.every(({ child }) => child === undefined)) this.#stopped?.()
  }
}

function ownCommand(): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', WORKER_ARGUMENT]
}

function send(child: ChildProcess, message: ToWorker): void {
  // One that has died is noticed by its exit.
  if (child.connected) child.send(message, () => {})
}
