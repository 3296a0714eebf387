/**
 * What accepted mail says of a configuration some of which cannot be used.
 *
 *   reader.ts: names, lines → Config.configError → text/message.ts
 *
 * It stands where ` using builtin defaults due to config-error` does when nothing of a file is used, and is one line of
 * bounded length.
 *
 * Total, no errors.
 */

/** Parameters and lines that are named. */
const MAX_NAMED = 3

/** `['$NTTL', '@helo_score']`, [12] → `default for $NTTL, @helo_score, without line 12 due to config-error`. */
export function describeErrors(names: readonly string[], lines: readonly number[]): string {
  const parts: string[] = []
  if (names.length > 0) parts.push(`default for ${list(names)}`)
  if (lines.length > 0) parts.push(`without line ${list(lines)}`)
  return parts.length === 0 ? '' : `${parts.join(', ')} due to config-error`
}

function list(things: readonly (string | number)[]): string {
  const named = things.slice(0, MAX_NAMED).join(', ')
  return things.length > MAX_NAMED ? `${named} and ${things.length - MAX_NAMED} more` : named
}
