/**
 * Waits for something that another process does.
 *
 *   await until('the daemon listens', () => accepts(port))
 *
 * Failure: an error that names what did not happen in time.
 */
const STEP_MS = 20
const PATIENCE_MS = 30_000

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, STEP_MS))
  }
}
