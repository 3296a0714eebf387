/**
 * What `doctor` says of one thing it looked at.
 *
 *   checks (check-*.ts) → Diagnosis → report.ts → lines or JSON, exit status
 *
 * A `Finding` (config/findings/finding.ts) is about a place in our own file; a diagnosis is about anything, also about what is
 * in order, and carries the commands that change it. `note`: worth knowing, nothing to do for mail to be served.
 *
 * Invariant: `about` and `text` are one line of printable ASCII once report.ts has masked them. A remedy is one line: a
 * command for root's shell, or a line as it should stand in a file.
 * Pure, no errors. The codes are listed with their meaning in docs/doctor.md; a test holds the two together.
 */

export type Level = 'ok' | 'note' | 'warning' | 'error'

/** Every code of a diagnosis that is not `ok`. */
export const CODES = [
  'postfix-missing',
  'postconf-failed',
  'not-looked-at',
  'service-missing',
  'service-not-spawn',
  'chrooted',
  'unprivileged',
  'process-limit',
  'confined',
  'service-user-missing',
  'service-user-unknown',
  'service-user-refused',
  'service-user-shared',
  'user-differs',
  'argv-relative',
  'argv-no-file',
  'argv-unreachable',
  'argv-other-program',
  'not-asked',
  'never-reached',
  'endpoint-unknown',
  'open-relay',
  'asked-before-relay-check',
  'asked-too-early',
  'asked-too-late',
  'asked-twice',
  'own-users-scored',
  'only-warns',
  'default-action-loses-mail',
  'default-action-accepts',
  'default-action-unknown',
  'one-try',
  'tries-too-long',
  'retry-delay',
  'request-limit',
  'second-request-waits',
  'short-connections',
  'timeout-below-budget',
  'time-limit-below-budget',
  'time-limit-too-short',
  'configuration',
  'configuration-unreadable',
  'user-rights',
  'journal',
  'cache',
  'code-cache',
  'name-server-silent',
  'name-server-fails',
  'no-name-server',
  'list-silent',
  'list-blocks',
  'list-fails',
  'list-empty',
  'lists-everybody',
  'answers-filtered',
  'nxdomain-rewritten',
  'public-resolver',
  'list-quarantined',
  'list-skipped',
  'list-no-key',
  'list-limit',
  'ledger',
  'service-down',
  'socket-closed',
  'service-silent',
  'service-answers-otherwise',
  'service-other-version',
] as const

export type DiagnosisCode = (typeof CODES)[number]

/** One line of the report. Tests match `code`, people read `text`. */
export interface Diagnosis {
  readonly level: Level
  /** Undefined exactly if the level is `ok`. */
  readonly code: DiagnosisCode | undefined
  /** What was looked at: `policy/unix`, `smtpd_recipient_restrictions`, `zen.spamhaus.org`. */
  readonly about: string
  readonly text: string
  readonly remedy: readonly string[]
}

export function ok(about: string, text: string): Diagnosis {
  return { level: 'ok', code: undefined, about, text, remedy: [] }
}

export function note(code: DiagnosisCode, about: string, text: string, ...remedy: readonly string[]): Diagnosis {
  return { level: 'note', code, about, text, remedy }
}

export function warning(code: DiagnosisCode, about: string, text: string, ...remedy: readonly string[]): Diagnosis {
  return { level: 'warning', code, about, text, remedy }
}

export function failure(code: DiagnosisCode, about: string, text: string, ...remedy: readonly string[]): Diagnosis {
  return { level: 'error', code, about, text, remedy }
}
