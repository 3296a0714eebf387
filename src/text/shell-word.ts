/**
 * A word of a command that is printed for somebody to paste into a shell.
 *
 *   config/own-command.ts, cli/doctor/: word → quote → command
 *
 * Pure, total.
 */

/** As it is, or in single quotes. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
