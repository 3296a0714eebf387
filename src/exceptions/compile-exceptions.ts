/**
 * Compiles `$EXCEPTIONS`: reads all of it, and makes what requests search.
 *
 *   load-exceptions.ts: path → readExceptionsFile → readExceptions → renderTable → ExceptionTable, and how to keep it
 *
 * A program of its own, with the library that reads networks; a start that finds what is kept (kept-exceptions.ts) does without it.
 *
 * Failure: a file that is not used is a value.
 */
import { type KeepOutcome, keepBytes } from '../config/keep.ts'
import { BUILD } from '../config/kept.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { sumOf } from '../system/sum.ts'
import { type ExceptionTable, openTable } from './exception-table.ts'
import { type Refused, readExceptionsFile } from './exceptions-file.ts'
import { openKept } from './kept-exceptions.ts'
import { readExceptions } from './read-exceptions.ts'
import { renderTable } from './render-exceptions.ts'

export interface Compiled {
  readonly kind: 'compiled'
  readonly table: ExceptionTable
  readonly keep: () => KeepOutcome
}

/**
 * The file at a path, for requests from `nowMs` on; undefined: there is none. `places`: where the result may be kept; `isSettled`: nobody
 * else changes the file, so it may be young.
 */
export function compileExceptions(
  path: string,
  owners: readonly number[],
  nowMs: number,
  places: readonly string[],
  isSettled = false,
): Compiled | Refused | undefined {
  const file = readExceptionsFile(path, owners)
  if (file?.kind !== 'text') return file
  const { text, identity, beganMs } = file
  const { exceptions, findings } = readExceptions(text, path)
  const [first, another] = findings.filter(({ code }) => code === 'bad-exception')
  const more = another ? ', and it is not the only one: policyd-weight check' : ''
  const fault = first ? `${first.text}; the line is not used${more}` : null
  const sum = EXECUTABLE?.sum ?? sumOf
  const bytes = renderTable(exceptions, { build: BUILD, path, identity, fault }, nowMs, sum)
  const table = openTable((offset, length) => bytes.slice(offset, offset + length), sum)
  if (!table) throw new Error('a table of exceptions cannot be read back')
  const isPresent = (): boolean => {
    const kept = openKept({ path, identity, nowMs }, places, () => {})
    kept?.close()
    return kept !== undefined
  }
  return {
    kind: 'compiled',
    table,
    keep: () =>
      keepBytes(() => bytes, [{ path, identity }], isSettled ? Number.POSITIVE_INFINITY : beganMs, places, isPresent),
  }
}
