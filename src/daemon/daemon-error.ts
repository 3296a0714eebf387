/**
 * Why the daemon cannot be started or controlled: what is in the way, the remedy, and the exit status.
 *
 *   src/daemon/, src/cli/: thrown → cli/main.ts: printed on standard error, and to the process that waits for the start
 *
 * Source: sysexits.h.
 */

export const EXIT_UNAVAILABLE = 69
export const EXIT_SOFTWARE = 70
export const EXIT_CANNOT_CREATE = 73
export const EXIT_NO_PERMISSION = 77
export const EXIT_CONFIG = 78

export class DaemonError extends Error {
  override readonly name = 'DaemonError'
  /** The exit status (sysexits.h). */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
