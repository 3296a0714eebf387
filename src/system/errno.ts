/**
 * What is said of an error, whoever threw it.
 *
 * Total.
 */

/** The code of a system call's or Node's error: `'ENOENT'`; undefined if it is something else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
