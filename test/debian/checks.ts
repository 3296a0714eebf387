/**
 * What holds and what does not, a line each, counted: for tests that run as programs of their own.
 *
 *   check('the daemon answers', status === 0, printed); … endOfChecks() → `N passed, N failed` and the exit status
 */

/** Tells whether something holds; `otherwise` is shown where it does not. */
export type Check = (what: string, holds: boolean, otherwise?: unknown) => void

let passed = 0
let failed = 0

export const check: Check = (what, holds, otherwise = '') => {
  if (holds) passed++
  else failed++
  console.log(holds ? `ok      ${what}` : `FAILED  ${what} ${String(otherwise)}`)
}

/** Runs everything; what is thrown counts as a failure. */
export async function checkAll(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    check('everything could be tried', false, error instanceof Error ? error.message : error)
  }
}

/** Prints the last line; the exit status is 1 if anything failed. */
export function endOfChecks(): void {
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
