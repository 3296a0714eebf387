/**
 * One start at a time: of several daemons that are started at once each looks for the others, binds and writes its pid file before
 * the next does.
 *
 *   run-supervisor.ts: takeStartTurn → (who runs, sockets, $PIDFILE) → what was returned
 *
 * A unix socket that is bound has nobody who listens for the moment until there are workers, and looks like one that a dead process left
 * behind; a pid file that is being written names nobody yet. The turn is flock(2) of the pid file's directory, which leaves nothing
 * behind, whatever becomes of the process.
 *
 * Failure: without the native part, or where the directory cannot be opened or somebody keeps it locked, the start goes on, two seconds
 * later at most: then two at once may both believe to be the first.
 * Source: flock(2).
 */
import { closeSync, constants, openSync } from 'node:fs'
import type { Native, NativeUnavailable } from '../system/native/native.ts'

/** A start takes its turn for some milliseconds. */
const WAIT_MS = 2000

/** Takes the turn; what is returned gives it back. */
export function takeStartTurn(directory: string, native: Native | NativeUnavailable): () => void {
  if (native.kind === 'unavailable') return () => {}
  let descriptor: number | undefined
  try {
    descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK)
    native.lock(descriptor, WAIT_MS)
  } catch {
    // As without the native part.
  }
  return () => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
}
