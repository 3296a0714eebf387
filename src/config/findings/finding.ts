/**
 * What is wrong with a configuration, and where.
 *
 * Made by read.ts (about the text) and load.ts (about the file); errors are logged by serve.ts, all are printed by
 * cli/check.ts. An `error` in the text means that this statement or value is not used and everything else is; one about the
 * file itself that it is not used at all and the built-in defaults serve. A `warning` changes nothing.
 *
 * Invariant: `text` is one line of printable ASCII: `FILE:LINE:COLUMN: MESSAGE`, or `FILE: MESSAGE` where the file
 * itself is the trouble.
 * Source: docs/behaviour/configuration.md#what-one-slip-costs.
 */
import { maskText } from '../../text/mask.ts'

/** A place in a text; both count from 1, columns in characters (UTF-16 units). */
export interface Position {
  readonly line: number
  readonly column: number
}

export type FindingCode =
  // The file itself.
  | 'file-missing'
  | 'file-unreadable'
  | 'file-not-regular'
  | 'file-world-writable'
  | 'file-group-writable'
  | 'file-owner'
  | 'file-too-large'
  | 'file-binary'
  // Its syntax.
  | 'syntax'
  | 'missing-semicolon'
  | 'typographic'
  | 'code'
  | 'too-many-findings'
  | 'array-in-text'
  | 'set-twice'
  | 'unused-before'
  // Its names.
  | 'unknown-parameter'
  | 'wrong-sigil'
  | 'bad-reference'
  // Its values.
  | 'too-long'
  | 'bad-value'
  | 'out-of-range'
  | 'unknown-unit'
  | 'list-length'
  | 'bad-list-entry'
  | 'bad-filter'
  | 'key-file'
  | 'key-missing'
  | 'bad-pattern'
  | 'bounded-pattern'
  | 'bad-message'
  | 'odd-value'
  // The lines of $EXCEPTIONS (exceptions/read-exceptions.ts).
  | 'bad-exception'
  // What it leads to (cli/advice/advice.ts).
  | 'dead-list'
  | 'unsuitable-list'
  | 'duplicate-list'
  | 'no-such-label'
  | 'cache-sizes'
  | 'repeats-classic'
  | 'relative-path'
  | 'odd-placeholder'
  // What it meets on this machine (cli/advice/cache-advice.ts).
  | 'native-missing'
  | 'service-user'
  | 'cache-directory'
  | 'cache-file'
  | 'cache-space'
  // The journal on this machine (cli/advice/journal-advice.ts).
  | 'journal'
  // What the service's user may not do (cli/advice/rights-advice.ts).
  | 'user-rights'
  // What name servers and lists say (cli/run-check.ts).
  | 'dns'

/** One finding. Tests match `code`, people read `message`. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** Absent when the finding is about the file itself. */
  readonly position?: Position
  /** What was found, what was expected, what to do. */
  readonly message: string
  /** File, position and message: a log line. */
  readonly text: string
}

/** Puts a finding together; whatever the file or its name hold is masked. */
export function makeFinding(
  severity: Finding['severity'],
  code: FindingCode,
  file: string,
  position: Position | undefined,
  message: string,
): Finding {
  const where = position ? `${file}:${position.line}:${position.column}` : file
  const finding = { code, severity, file, message: maskText(message), text: maskText(`${where}: ${message}`) }
  return position ? { ...finding, position } : finding
}

/** Whether anything is not used. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'error')
}
