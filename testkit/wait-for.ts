/**
 * Waiting for a condition of the outside world, with a bound that is generous and never the thing that is tested.
 *
 *   await waitFor('the process ends', () => !isAlive(pid))
 *
 * Failure: rejects, with the name of what did not come; what the condition throws is thrown at once.
 */

const PAUSE_MS = 10
const BOUND_MS = 30_000

/** Resolves as soon as the condition holds; it is asked again every few milliseconds, or seldom where asking takes its time. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  boundMs: number = BOUND_MS,
  pauseMs: number = PAUSE_MS,
): Promise<void> {
  const endMs = performance.now() + boundMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited ${boundMs / 1000} s in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}
