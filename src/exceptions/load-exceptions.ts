/**
 * Makes `$EXCEPTIONS` ready to be asked: out of what is kept of it, else by compiling it.
 *
 *   exceptions.ts: the file has changed, or is looked at first → loadExceptions → kept-exceptions.ts | compile-exceptions.ts → LoadedExceptions
 *
 * Failure: a text that says why the file is not used.
 */
import { statSync } from 'node:fs'
import { keptPlaces } from '../config/kept.ts'
import type { KeepOutcome } from '../config/keep.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { codeOf } from '../system/errno.ts'
import { DamagedTable, type ExceptionTable } from './exception-table.ts'
import { ownersBeside, unreadable, whyRefused } from './exceptions-file.ts'
import { type AskedAbout, findException, type Match } from './find-exception.ts'
import { openKept } from './kept-exceptions.ts'

export interface LoadedExceptions {
  /** Whether it has what counts at that time. */
  readonly isOfTime: (nowMs: number) => boolean
  /** What is wrong with lines of the file, for the log. */
  readonly fault: string | undefined
  /** Keeps it for those who come after; absent: it is. It can wait. */
  readonly keep?: () => KeepOutcome
  /** Throws DamagedTable. */
  readonly find: (request: AskedAbout) => Match | undefined
  readonly close: () => void
}

export interface LoadExceptions {
  readonly path: string
  readonly identity: string
  readonly nowMs: number
  /** The path of the configuration that names the file. */
  readonly configuration: string | undefined
  /** Whether what is kept was found damaged. */
  readonly mustCompile: boolean
  /** For tests. */
  readonly places?: readonly string[] | undefined
}

/** Undefined: there is no such file. A text: why it is not used. */
export async function loadExceptions(options: LoadExceptions): Promise<LoadedExceptions | string | undefined> {
  const { path, nowMs, mustCompile, places = keptPlaces(path, 'exceptions') } = options
  const owners = (): readonly number[] => ownersBeside(options.configuration)
  try {
    const refusal = whyRefused(statSync(path), owners)
    if (refusal) return refusal.message
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return code === 'ENOENT' ? undefined : unreadable(code).message
  }
  const kept = mustCompile || !path.startsWith('/') ? undefined : openKept(options, places)
  if (kept) {
    const find = (request: AskedAbout): Match | undefined => {
      try {
        return findException(kept.table, request)
      } catch (error) {
        if (error instanceof DamagedTable) EXECUTABLE?.damaged.push(kept.place)
        throw error
      }
    }
    return ready(kept.table, find, kept.close)
  }
  const { compileExceptions } = await import('./compile-exceptions.ts')
  const compiled = compileExceptions(path, owners(), nowMs, places)
  if (compiled?.kind !== 'compiled') return compiled?.message
  const find = (request: AskedAbout): Match | undefined => findException(compiled.table, request)
  return ready(compiled.table, find, () => {}, compiled.keep)
}

function ready(
  table: ExceptionTable,
  find: LoadedExceptions['find'],
  close: () => void,
  keep?: () => KeepOutcome,
): LoadedExceptions {
  const isOfTime = (nowMs: number): boolean => table.isOfTime(nowMs)
  const loaded = { isOfTime, fault: table.head.fault ?? undefined, find, close }
  return keep ? { ...loaded, keep } : loaded
}
