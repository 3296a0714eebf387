/**
 * `policyd-weight check`: is the configuration in order, and what does the shared cache find here?
 *
 * Loaded configuration, advice on the cache → what to print, and the exit status → handlers.ts. One line for a finding, in
 * the form that editors and compilers agree on, so that it can be jumped to; or JSON for programs, whose names are stable.
 *
 * Pure, no errors.
 */
import type { Finding } from '../config/findings/finding.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import { EXIT_CONFIG, EXIT_OK } from '../system/exit-status.ts'
import { maskText } from '../text/mask.ts'
import { adviseOn } from './advice/advice.ts'
import type { CacheAdvice } from './advice/cache-advice.ts'

const NO_ADVICE: CacheAdvice = { findings: [], notes: [] }

/** Whoever has tried enough may have forgotten it. */
const DRY_RUN = 'dry run: no mail is refused, deferred or held, $DRY_RUN is 1'

/** What to print, and 0, or 78 if there is an error; warnings do not count. `json`: as one line of it. */
export function checkConfiguration(
  loaded: LoadedConfig,
  cache: CacheAdvice = NO_ADVICE,
  json = false,
): { readonly text: string; readonly status: number } {
  const ofFile = [...withRemarks(loaded), ...adviseOn(loaded)].sort(byPosition)
  const findings = [...ofFile, ...cache.findings]
  const errors = findings.filter(finding => finding.severity === 'error').length
  const notes = [...cache.notes.map(maskText), ...(loaded.config.DRY_RUN ? [DRY_RUN] : [])]
  const status = errors > 0 ? EXIT_CONFIG : EXIT_OK
  if (json) return { text: renderJson(loaded, findings, notes, errors), status }
  const lines = [...notes, describeProfile(loaded), summarize(loaded, errors, findings.length - errors)].map(
    line => `${line}\n`,
  )
  return { text: `${renderFindings(findings)}${lines.join('')}`, status }
}

/** `{ "file": …, "serves": "file", "profile": "classic", "errors": 0, "warnings": 1, "findings": [{ "severity": …, "code": …, … }], "notes": [] }`. */
function renderJson(
  { path, config }: LoadedConfig,
  findings: readonly Finding[],
  notes: readonly string[],
  errors: number,
): string {
  const report = {
    file: path === undefined ? null : maskText(path),
    // What is right in a file with errors serves, unless none of it can be used.
    serves: path === undefined || config.faulty ? 'defaults' : 'file',
    profile: config.PROFILE,
    errors,
    warnings: findings.length - errors,
    findings: findings.map(({ severity, code, file, position, message }) => ({
      severity,
      code,
      file: maskText(file),
      ...position,
      message,
    })),
    notes,
  }
  return `${JSON.stringify(report)}\n`
}

/** A line each: `/etc/policyd-weight.conf:12:1: error: …`. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings
    .map(({ file, position, severity, message }) => {
      const where = position ? `${file}:${position.line}:${position.column}` : file
      return `${maskText(where)}: ${severity}: ${message}\n`
    })
    .join('')
}

/** A remark on what is told anyway goes with it. */
function withRemarks({ findings, remarks = [] }: LoadedConfig): readonly Finding[] {
  const isAt =
    ({ position }: Finding) =>
    (other: Finding): boolean =>
      position?.line === other.position?.line && position?.column === other.position?.column
  const alone = remarks.filter(remark => !findings.some(isAt(remark)))
  const together = findings.map(finding => {
    const remark = remarks.find(isAt(finding))
    return remark ? { ...finding, message: `${finding.message}; ${remark.message}` } : finding
  })
  return [...together, ...alone]
}

function summarize({ path, config }: LoadedConfig, errors: number, warnings: number): string {
  if (path === undefined) return 'no configuration file; the built-in defaults serve'
  const counts = `${maskText(path)}: ${count(errors, 'error')}, ${count(warnings, 'warning')}`
  if (config.faulty) return `${counts}; the file is not used, the built-in defaults serve`
  return config.configError === '' ? counts : `${counts}; what has an error is not used, everything else is`
}

/** Which defaults serve for what is not set, and why. */
function describeProfile({ path, config, setAt, unusable }: LoadedConfig): string {
  const position = setAt?.get('PROFILE')
  const why =
    path === undefined || config.faulty
      ? 'no file says otherwise'
      : position
        ? `line ${position.line} ${unusable?.has('$PROFILE') ? 'cannot be used' : 'says so'}`
        : "the file names none; $PROFILE = 'modern'; would bring the defaults that fit the mail of today"
  return `profile ${config.PROFILE}: ${why}`
}

function count(number: number, what: string): string {
  return `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`
}

function byPosition(a: Finding, b: Finding): number {
  return (a.position?.line ?? 0) - (b.position?.line ?? 0) || (a.position?.column ?? 0) - (b.position?.column ?? 0)
}
