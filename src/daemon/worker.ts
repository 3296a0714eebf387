/**
 * A worker: accepts connections and answers the requests on them, many at a time, in one thread.
 *
 *   worker-pool.ts, in the supervisor → this process: order, listening sockets → connection.ts → generation.ts
 *
 * All workers accept from the same sockets, which belong to the supervisor: a worker that dies takes only its own
 * connections with it. It reads no file but those of the cache, the log, exceptions and resolv.conf(5): the configuration
 * comes from the supervisor.
 *
 * Once a second it tells that it lives; one that does not is killed (heartbeat.ts).
 *
 * Stopping (an order, SIGTERM, SIGINT, or the supervisor is gone): nothing is accepted any more, connections end when the
 * request at hand is answered, and after three seconds at most the process does: as long as that the successor of a unit
 * may have to wait, and clients with it, which ask again when they are closed.
 *
 * Failure: an exception that reaches nobody is an error of our own: it is logged and the process ends, 70; the
 * supervisor starts another. Connections beyond $SOMAXCONN are closed at once, with a warning a minute at most.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { renderReport } from '../explain.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { monotonicMs } from '../system/clock.ts'
import { EXIT_OK, EXIT_SOFTWARE } from '../system/exit-status.ts'
import { loadNative } from '../system/native/native.ts'
import { Connection } from './connection.ts'
import { Generation, type GenerationOptions } from './generation.ts'
import type { ToSupervisor, ToWorker, WorkerOrder } from './orders.ts'
import { Scoreboard } from './scoreboard.ts'

const STOP_MS = 3000
const SWEEP_MS = 1000
const REFUSED_LOG_INTERVAL_MS = 60_000
/** Connections the kernel may keep until a worker accepts them; it has a bound of its own (net.core.somaxconn). */
const BACKLOG = 1024
/** Between requests a peer may vanish without a word. */
const KEEP_ALIVE_MS = 120_000

/** Turns this process into a worker; ends it when its time is over. */
export function runWorker(): void {
  process.title = 'policyd-weight (worker)'
  let worker: Worker | undefined
  const stop = (): void => {
    if (worker) worker.stop()
    else process.exit(EXIT_OK)
  }
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'serve':
        worker = new Worker(message.order)
        worker.listen()
        break
      case 'configure':
        worker?.configure(message.config, message.configuration)
        tell({ kind: 'configured', round: message.round })
        break
      case 'stop':
        stop()
    }
  })
  process.on('disconnect', stop)
  // A terminal or a service manager may signal all processes of the group at once.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {})
  process.on('uncaughtException', error => {
    worker?.warn(`a worker ends, an error of its own: ${error.stack ?? error.message}`)
    setImmediate(() => process.exit(EXIT_SOFTWARE))
  })
}

function tell(message: ToSupervisor): void {
  // The supervisor may be gone; 'disconnect' tells.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

class Worker {
  readonly #order: WorkerOrder
  readonly #options: GenerationOptions
  readonly #scoreboard: Scoreboard
  readonly #connections = new Set<Connection>()
  readonly #servers: Server[] = []
  #generation: Generation
  #isStopping = false
  #requests = 0
  #toldRequests = 0
  #refused = 0
  #refusedLogMs = Number.NEGATIVE_INFINITY
  /** The clock of deadlines; good to a second. */
  #nowMs = monotonicMs()

  constructor(order: WorkerOrder) {
    this.#order = order
    const native = loadNative()
    // Whoever looked on with -d has gone: that ends no worker.
    if (order.explains) process.stdout.on('error', () => {})
    this.#options = {
      cacheFileName: order.cacheFileName,
      native: () => native,
      workers: order.workers,
      report: order.explains
        ? (...reported) => {
            process.stdout.write(renderReport(...reported))
            return undefined
          }
        : undefined,
    }
    this.#scoreboard = new Scoreboard(native, order.scoreboard)
    this.#generation = new Generation(order.config, this.#options, order.configuration)
    setInterval(() => this.#sweep(), SWEEP_MS)
    setInterval(() => this.#beat(), order.beatMs)
    this.#beat()
  }

  warn(text: string): void {
    this.#generation.warn(text)
  }

  /** Accepts connections; tells the supervisor once it does. */
  listen(): void {
    let left = this.#order.listeners.length
    for (const descriptor of this.#order.listeners) {
      const options = {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      }
      const server = createServer(options, socket => this.#accept(socket))
      // The number of a descriptor takes the backlog as an argument; among options it is passed over.
      server.listen({ fd: descriptor }, BACKLOG, () => {
        if (--left === 0) tell({ kind: 'ready' })
      })
      this.#servers.push(server)
    }
  }

  /** The next requests are answered under this configuration. */
  configure(config: Config, configuration: string | undefined): void {
    const retired = this.#generation
    this.#generation = new Generation(config, this.#options, configuration)
    retired.retire()
  }

  /** Ends the process when what was asked is answered. */
  stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    for (const server of this.#servers) server.close()
    for (const connection of this.#connections) connection.finish()
    setTimeout(() => this.#leave(), STOP_MS)
    if (this.#connections.size === 0) this.#leave()
  }

  #accept(socket: Socket): void {
    const { slot, workers } = this.#order
    if (this.#isStopping) {
      socket.destroy()
      return
    }
    if (!this.#scoreboard.enter(slot, workers, this.#generation.config.SOMAXCONN)) {
      socket.destroy()
      this.#refused++
      return
    }
    const connection = new Connection(socket, {
      answer: (attributes, caller) => {
        this.#requests++
        return this.#generation.answer(attributes, caller)
      },
      warn: text => this.warn(text),
      unanswered: () => this.#generation.count('unanswered'),
      closesAfterAnswer: () => this.#generation.config.TRY_BALANCE,
      nowMs: () => this.#nowMs,
    })
    this.#connections.add(connection)
    socket.once('close', () => {
      this.#connections.delete(connection)
      this.#scoreboard.leave(slot)
      if (this.#isStopping && this.#connections.size === 0) this.#leave()
    })
  }

  /** From the event loop, as what is said is that requests are answered (heartbeat.ts). */
  #beat(): void {
    if (this.#scoreboard.isShared) this.#scoreboard.beat(this.#order.slot)
    else tell({ kind: 'alive' })
  }

  /** What is done once a second. */
  #sweep(): void {
    this.#nowMs = monotonicMs()
    for (const connection of this.#connections) connection.checkDeadline(this.#nowMs)
    this.#generation.account()
    this.#generation.keep()
    const { SOMAXCONN, MAINTENANCE_LEVEL } = this.#generation.config
    if (MAINTENANCE_LEVEL > 0 && this.#requests - this.#toldRequests >= MAINTENANCE_LEVEL) {
      this.#toldRequests = this.#requests
      tell({ kind: 'worked' })
    }
    if (this.#refused > 0 && this.#nowMs - this.#refusedLogMs >= REFUSED_LOG_INTERVAL_MS) {
      this.warn(`${this.#refused} connections closed: there were ${SOMAXCONN} already ($SOMAXCONN)`)
      this.#refusedLogMs = this.#nowMs
      this.#refused = 0
    }
  }

  #leave(): void {
    this.#generation.account()
    this.#generation.retire()
    // Behind the last lines of the log and of the journal.
    setImmediate(() =>
      setImmediate(() => void Promise.resolve(this.#generation.journalClosed).then(() => process.exit(EXIT_OK))),
    )
  }
}
