/**
 * A line that says who is being asked, for whoever waits at a terminal.
 *
 *   doctor.ts, run-check.ts, lists/show-lists.ts: where to write → showProgress → what takes it back
 *
 * Nothing is said within the first second. Failure: none.
 */
const PROGRESS_AFTER_MS = 1000
const CLEAR_LINE = '\r\x1b[K'

/** On a terminal, once it takes longer than a second. Returns how to take it back. */
export function showProgress(
  write: ((text: string) => void) | undefined,
  what = 'the name servers, the lists and the service',
): () => void {
  if (!write) return () => {}
  let isShown = false
  const timer = setTimeout(() => {
    isShown = true
    write(`asking ${what} ...`)
  }, PROGRESS_AFTER_MS)
  return () => {
    clearTimeout(timer)
    if (isShown) write(CLEAR_LINE)
  }
}
