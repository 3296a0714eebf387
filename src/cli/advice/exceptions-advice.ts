/**
 * What is wrong with `$EXCEPTIONS`: lines that are not used or have no effect, or the whole file.
 *
 *   run-check.ts: loaded configuration → adviseOnExceptions → warnings → check.ts
 *
 * Failure: none; a file that is not there is in order.
 */
import { type Finding, makeFinding } from '../../config/findings/finding.ts'
import type { LoadedConfig } from '../../config/loaded.ts'
import { ownersBeside, readExceptionsFile } from '../../exceptions/exceptions-file.ts'
import { readExceptions } from '../../exceptions/read-exceptions.ts'

export function adviseOnExceptions({ config, path }: Pick<LoadedConfig, 'config' | 'path'>): readonly Finding[] {
  const { EXCEPTIONS: file } = config
  const read = file === '' ? undefined : readExceptionsFile(file, ownersBeside(path))
  if (read === undefined) return []
  if (read.kind === 'refused') return [makeFinding('warning', read.code, file, undefined, read.message)]
  return readExceptions(read.text, file).findings
}
