/**
 * The listening sockets of a daemon that is to be replaced, taken from it while it serves.
 *
 *   cli/daemon/restart.ts: can they be had? run-supervisor.ts of the new daemon: takeSockets → listeners.ts, in the place of binding
 *
 * The kernel hands a process descriptors of another one that it may debug (pidfd_getfd): root may, and $USER where the daemon was
 * started as that user and the system allows it. The old daemon notices nothing; what connects goes to whichever of the two
 * accepts first, and nothing that waits is lost when the old one ends. (Rejected: SO_REUSEPORT, by which a connection belongs
 * to one of the sockets from the start, and is reset with it; passing sockets on from the old daemon, which is not root and
 * could start no successor that is.)
 *
 * Failure: where they cannot be had, undefined: then the old daemon is stopped first.
 * Source: pidfd_getfd(2).
 */
import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import type { Native, NativeUnavailable } from '../system/native/native.ts'

/** Where it listens, as listeners.ts names it, → a descriptor of ours. */
export type TakenSockets = Map<string, number>

const MAX_DESCRIPTORS = 4096

/** Takes all sockets on which a process listens. */
export function takeSockets(pid: number, native: Native | NativeUnavailable): TakenSockets | undefined {
  if (native.kind === 'unavailable') return undefined
  const taken: TakenSockets = new Map()
  try {
    for (const name of readdirSync(`/proc/${pid}/fd`).slice(0, MAX_DESCRIPTORS)) {
      if (!readlinkSync(`/proc/${pid}/fd/${name}`).startsWith('socket:')) continue
      const descriptor = native.takeSocket(pid, Number(name))
      const where = native.listeningOn(descriptor)
      if (where === '' || taken.has(where)) closeSync(descriptor)
      else taken.set(where, descriptor)
    }
    return taken
  } catch {
    closeSockets(taken)
    return undefined
  }
}

/** Closes what is not used. */
export function closeSockets(taken: TakenSockets): void {
  for (const descriptor of taken.values()) closeSync(descriptor)
  taken.clear()
}
