/**
 * Why the daemon cannot be started or controlled: what is in the way, the remedy, and the exit status.
 *
 *   src/daemon/, src/cli/: thrown → cli/handlers.ts: printed on standard error, and to the process that waits for the start
 *
 * Source: sysexits.h.
 */

export class DaemonError extends Error {
  override readonly name = 'DaemonError'
  /** The exit status (sysexits.h). */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
