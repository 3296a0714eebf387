/**
 * The workers: started, replaced when they die, told of a new configuration, stopped.
 *
 *   supervisor.ts → WorkerPool → processes (worker.ts)
 *
 * A worker that dies is replaced at once if it has lived for a while; one that keeps dying is waited for longer each time,
 * up to ten seconds. A worker is another process of this executable with the listening sockets and the scoreboard as
 * inherited descriptors; its order comes over the channel.
 *
 * Failure: workers that all die before the first of them was ready: `failed` is called, since the next ones would too.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Config } from '../config/parameters.ts'
import type { ToSupervisor, ToWorker, WorkerOrder } from './messages.ts'

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
const STOP_MS = 6000

export interface PoolOptions {
  readonly count: number
  readonly listeners: readonly number[]
  readonly scoreboard: number | undefined
  readonly cacheFileName: string
  readonly explains: boolean
  /** Whether workers may write to our standard error, where Node reports what kills it. */
  readonly isForeground: boolean
  /** All workers have been ready for the first time. */
  readonly ready: () => void
  /** No worker can be started. */
  readonly failed: () => void
  /** All workers have the configuration of that round. */
  readonly configured: (round: number) => void
  /** A worker has answered requests. */
  readonly worked: () => void
  /** A worker has died: its slot, and why. */
  readonly died: (slot: number, why: string) => void
}

interface Slot {
  child: ChildProcess | undefined
  startedMs: number
  /** Deaths in a row, each soon after the start. */
  failures: number
  isReady: boolean
  round: number
}

/** How long to wait before a worker is started again that has failed so often in a row: 0, 100, 200, 400 … 10,000 ms. */
export function restartDelayMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
}

/** How many workers: one per core up to four, within $MIN_PROC and $MAX_PROC. */
export function workerCount({ MIN_PROC, MAX_PROC }: Pick<Config, 'MIN_PROC' | 'MAX_PROC'>, cores: number): number {
  const wanted = Math.max(Math.min(cores, 4), Math.min(MIN_PROC, cores))
  return Math.max(1, Math.min(wanted, MAX_PROC))
}

export class WorkerPool {
  readonly #options: PoolOptions
  readonly #slots: Slot[]
  #config: Config
  #round = 0
  #toldRound = 0
  #wasReady = false
  #failedStarts = 0
  #stopped: (() => void) | undefined

  constructor(config: Config, options: PoolOptions) {
    this.#config = config
    this.#options = options
    this.#slots = Array.from({ length: options.count }, () => ({
      child: undefined,
      startedMs: 0,
      failures: 0,
      isReady: false,
      round: 0,
    }))
  }

  start(): void {
    for (const index of this.#slots.keys()) this.#start(index)
  }

  /** Hands a configuration to all workers, and to those that are started from now on. */
  configure(config: Config, round: number): void {
    this.#config = config
    this.#round = round
    for (const { child } of this.#slots) if (child) send(child, { kind: 'configure', config, round })
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
    const { listeners, scoreboard, cacheFileName, explains, isForeground, count } = this.#options
    const output = explains ? 'inherit' : 'ignore'
    const errors = isForeground ? 'inherit' : 'ignore'
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', WORKER_ARGUMENT], {
      stdio: ['ignore', output, errors, 'ipc', scoreboard ?? 'ignore', ...listeners],
      serialization: 'advanced',
    })
    Object.assign(slot, { child, startedMs: performance.now(), isReady: false, round: this.#round })
    child.on('message', (message: ToSupervisor) => this.#hear(slot, message))
    // It could not be started, or a message not be sent; 'exit' or 'disconnect' follows, but not for the former.
    child.on('error', error => {
      if (child.pid === undefined) this.#lost(index, slot, error.message)
    })
    child.on('exit', (code, signal) => this.#lost(index, slot, signal ?? `exit status ${code}`))
    const order: WorkerOrder = {
      config: this.#config,
      slot: index,
      workers: count,
      listeners: listeners.map((_, place) => FIRST_LISTENER_DESCRIPTOR + place),
      scoreboard: scoreboard === undefined ? undefined : SCOREBOARD_DESCRIPTOR,
      cacheFileName,
      explains,
    }
    send(child, { kind: 'serve', order })
  }

  #hear(slot: Slot, message: ToSupervisor): void {
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
      case 'worked':
        this.#options.worked()
    }
  }

  #lost(index: number, slot: Slot, why: string): void {
    slot.child = undefined
    slot.isReady = false
    if (this.#stopped) {
      this.#settleStop()
      return
    }
    this.#options.died(index, why)
    // Its successor gets the configuration of this round with its order.
    slot.round = this.#round
    this.#checkRound()
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

function send(child: ChildProcess, message: ToWorker): void {
  // One that has died is noticed by its exit.
  if (child.connected) child.send(message, () => {})
}
