/**
 * Our own side: configuration, cache, journal, compiled code.
 *
 *   what `check` finds, advice on cache and journal, the state of the code cache → diagnoses
 *
 * Pure, total. Sources: cli/check.ts, cli/advice/, cli/prepare.ts.
 */
import type { Finding } from '../../config/findings/finding.ts'
import type { LoadedConfig } from '../../config/loaded.ts'
import { adviseOn } from '../advice/advice.ts'
import type { CacheAdvice } from '../advice/cache-advice.ts'
import type { JournalAdvice } from '../advice/journal-advice.ts'
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'
import { quote } from '../../text/shell-word.ts'

/** What `policyd-weight check` finds, without the positions' own lines. */
export function checkConfigurationFile(loaded: LoadedConfig): Diagnosis[] {
  const { path, config } = loaded
  const then = config.faulty ? 'the built-in defaults serve' : 'what has an error is not used'
  if (path === undefined) return [ok('configuration', 'no file; the built-in defaults serve')]
  const findings = [...loaded.findings, ...adviseOn(loaded)]
  if (findings.length === 0) return [ok('configuration', path)]
  return findings.map(({ severity, text }) =>
    severity === 'error'
      ? failure('configuration', 'configuration', `${text}; ${then}`)
      : warning('configuration', 'configuration', text),
  )
}

/** `inTheWay`: why the service's user cannot read the file. */
export function checkReadable(path: string, user: string, group: string, inTheWay: string | undefined): Diagnosis[] {
  if (inTheWay === undefined) return []
  return [
    failure(
      'configuration-unreadable',
      'configuration',
      `user ${user} cannot read ${path}: ${inTheWay}; the built-in defaults serve`,
      `chgrp ${quote(group)} ${quote(path)} && chmod 640 ${quote(path)}`,
    ),
  ]
}

/** What the user may not do; `untried`: why that was judged by owner and mode alone. */
export function checkRights(findings: readonly Finding[], user: string, untried: string | undefined): Diagnosis[] {
  const found = findings.map(({ file, message }) => warning('user-rights', file, message))
  return untried === undefined ? found : [...found, note('not-looked-at', `user ${user}`, untried)]
}

export function checkCache({ findings, notes, remedy = [] }: CacheAdvice, path: string): Diagnosis[] {
  const found = findings.map(({ code, file, message }) =>
    code === 'cache-directory'
      ? warning('cache', file, message.replace(/\. (?:As root|In the configuration): .*/, ''), ...remedy)
      : warning('cache', file, message),
  )
  if (found.length > 0) return found
  return diagnosesOf(notes, path)
}

/** Where decisions are written down, and how far they reach back. */
export function checkJournal({ findings, remedies, notes }: JournalAdvice, path: string): Diagnosis[] {
  const found = findings.map(({ file, message }, index) =>
    warning(
      'journal',
      file,
      message.replace(/\. (?:As root|In the configuration): .*/, ''),
      ...(remedies[index] ?? []),
    ),
  )
  return [...found, ...diagnosesOf(notes, path)]
}

/** What could not be looked at, or else how things are. */
function diagnosesOf(notes: readonly string[], path: string): Diagnosis[] {
  const hidden = notes.find(text => text.includes('cannot be looked at'))
  if (hidden !== undefined)
    return [note('not-looked-at', path, hidden.replace(/^.*?: note: /, '').replace('run check', 'run doctor'))]
  return notes.map(text => ok(path, text.replace(/^.*?: note: /, '')))
}

export function checkCodeCache(
  program: string,
  node: string,
  state: 'ready' | 'missing' | 'outdated' | 'unknown',
): Diagnosis[] {
  if (state === 'ready') return [ok('code cache', `prepared for ${program}`)]
  if (state === 'unknown') return []
  const what = state === 'missing' ? 'is not there' : 'belongs to another build'
  return [
    note(
      'code-cache',
      'code cache',
      `${what}: each start takes some milliseconds longer`,
      `${node} ${program} prepare`,
    ),
  ]
}
