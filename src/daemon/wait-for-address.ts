/**
 * Under a service manager a daemon whose address is taken waits for it.
 *
 *   run-supervisor.ts: bind, which fails → waitForAddress: READY, again every 30 s → Listeners
 *
 * Whoever has the address may be the daemon of an earlier version, and answers mail: then there is no hurry. It may be an
 * address that a network brings later. The reason is told once, and again when it is another one; meanwhile it is the
 * unit's status. READY is told at once, for others are started behind this unit, Postfix among them. (Rejected: to end, and
 * be started again: that needs a pause that would also follow upon a crash, and tells the reason each time.)
 *
 * Failure: errors that time does not mend are thrown. SIGHUP ends the wait with the error at hand: the manager starts the
 * daemon anew, with the configuration as it is then.
 */
import { EXIT_UNAVAILABLE } from '../system/exit-status.ts'
import { DaemonError } from './daemon-error.ts'
import type { Notifier } from './notify.ts'

const AGAIN_MS = 30_000

export interface Waiting<T> {
  readonly bind: () => Promise<T>
  readonly notifier: Pick<Notifier, 'tell' | 'keepAlive'>
  /** Told why it waits. */
  readonly warn: (text: string) => void
  readonly againMs?: number
}

/** What `bind` gives, sooner or later. Throws its DaemonErrors but those of an address that is not to be had. */
export async function waitForAddress<T>({ bind, notifier, warn, againMs = AGAIN_MS }: Waiting<T>): Promise<T> {
  let told: string | undefined
  let stopAlive: (() => void) | undefined
  let wake: (() => void) | undefined
  let isHungUp = false
  const hangUp = (): void => {
    isHungUp = true
    wake?.()
  }
  process.on('SIGHUP', hangUp)
  try {
    for (;;) {
      try {
        return await bind()
      } catch (error) {
        if (isHungUp || !(error instanceof DaemonError) || error.status !== EXIT_UNAVAILABLE) throw error
        if (told !== error.message) {
          warn(`${error.message}; tried again every ${againMs / 1000} s`)
          notifier.tell(`READY=1\nSTATUS=not serving: ${error.message}`)
        }
        told = error.message
        stopAlive ??= notifier.keepAlive(() => true)
      }
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, againMs)
        wake = () => {
          // It would keep the process alive, and the manager waiting.
          clearTimeout(timer)
          resolve()
        }
      })
    }
  } finally {
    stopAlive?.()
    process.off('SIGHUP', hangUp)
  }
}
