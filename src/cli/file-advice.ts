/**
 * What `check` says of the configuration file itself, beside what keeps it from being used (config/load.ts).
 *
 *   main.ts: path → adviseOnFile → findings, for check.ts to print
 *
 * Whoever may write the file decides about all mail, and root acts on it: that should be few, and known.
 *
 * Failure: a file that cannot be looked at has been told already.
 */
import { statSync } from 'node:fs'
import { type Finding, makeFinding } from '../config/finding.ts'

const WRITABLE_BY_GROUP = 0o020

export function adviseOnFile(path: string | undefined): Finding[] {
  try {
    if (path === undefined || (statSync(path).mode & WRITABLE_BY_GROUP) === 0) return []
  } catch {
    return []
  }
  const message = 'a whole group may write to this file, and decide about all mail; take that away with chmod g-w'
  return [makeFinding('warning', 'file-group-writable', path, undefined, message)]
}
