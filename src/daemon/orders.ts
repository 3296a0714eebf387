/**
 * What supervisor and workers tell each other.
 *
 * Over Node's channel between parent and child, copied as structured values: a configuration holds regular expressions,
 * which JSON would lose. Both ends are the same executable, so nothing is checked.
 *
 * Failure: a channel that closes means that the other end has died: the supervisor replaces a worker, a worker stops.
 */
import type { Config } from '../config/parameters/parameters.ts'

/** What a worker is for. The descriptors are those it was started with, see worker-pool.ts. */
export interface WorkerOrder {
  readonly config: Config
  /** The path of the file it was read from; undefined: there is none. */
  readonly configuration: string | undefined
  /** Its line on the scoreboard, and of how many. */
  readonly slot: number
  readonly workers: number
  /** Listening sockets, as descriptors. */
  readonly listeners: readonly number[]
  readonly scoreboard: number | undefined
  /** How often it says that it lives, in milliseconds. */
  readonly beatMs: number
  readonly cacheFileName: string
  /** `-d`: each decision is explained on standard output. */
  readonly explains: boolean
}

export type ToWorker =
  | { readonly kind: 'serve'; readonly order: WorkerOrder }
  | {
      readonly kind: 'configure'
      readonly config: Config
      readonly configuration: string | undefined
      readonly round: number
    }
  /** Finish what has been asked, then end. */
  | { readonly kind: 'stop' }

export type ToSupervisor =
  /** The worker accepts connections. */
  | { readonly kind: 'ready' }
  /** The configuration of that round serves. */
  | { readonly kind: 'configured'; readonly round: number }
  /** A heartbeat, where there is no scoreboard for it. */
  | { readonly kind: 'alive' }
  /** `$MAINTENANCE_LEVEL` requests have been answered. */
  | { readonly kind: 'worked' }

/** What the process that `start` leaves behind tells it. */
export type ToStarter =
  | { readonly kind: 'started'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly status: number }
