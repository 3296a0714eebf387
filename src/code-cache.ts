/**
 * V8's compiled code, kept beside the executable so that a start does not compile it again.
 *
 *   `policyd-weight prepare` → EXECUTABLE.VERSION-OF-V8.ARCH.cache → start.ts, program by program
 *
 * The file is code: it counts only if it belongs to root or to us and nobody else may write it, and only for the very
 * build and the version of V8 it was made for. V8 itself refuses it under other flags. It is written whole under
 * another name and renamed, so it is there or not. Deleting it is always safe.
 *
 * Layout, in 32-bit words of the machine's order: the id of the build (two), the length of each program's code in
 * bytes; then the code.
 *
 * Failure: anything that is not as expected means no code cache: programs are compiled, which takes longer.
 * Source: Node's vm.Script, `cachedData`.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'

const ID_WORDS = 2
const WRITABLE_BY_OTHERS = 0o022

/** Two words out of the digest of everything that is in an executable. */
export type BuildId = readonly [number, number]

/** The code of a program, by its index; undefined: it has to be compiled. */
export type CodeCache = (index: number) => Buffer | undefined

const NOTHING: CodeCache = () => undefined

/** Where the code cache of an executable is for this version of V8: `/usr/local/bin/policyd-weight.11.3.244.8-node.33.x64.cache`. */
export function codeCachePath(executable: string): string {
  return `${executable}.${process.versions.v8}.${process.arch}.cache`
}

/**
 * Opens the code cache of a build of `count` programs; never throws. The descriptor stays open as long as the process
 * lives. (One function with plain loops: what runs here is itself compiled at each start.)
 */
export function openCodeCache(executable: string, buildId: BuildId, count: number): CodeCache {
  try {
    const descriptor = openSync(codeCachePath(executable), 'r')
    const { uid, mode, size } = fstatSync(descriptor)
    const head = new Int32Array(ID_WORDS + count)
    readSync(descriptor, head, 0, head.byteLength, 0)
    let end = head.byteLength
    // The word of each length becomes the place behind that program.
    for (let i = ID_WORDS; i < head.length; i++) head[i] = end += head[i] as number
    const isTrusted = (uid === 0 || uid === process.geteuid?.()) && (mode & WRITABLE_BY_OTHERS) === 0
    if (isTrusted && end === size && head[0] === buildId[0] && head[1] === buildId[1])
      return index => readProgram(descriptor, head, index)
    closeSync(descriptor)
  } catch {
    // There is none, or it cannot be read.
  }
  return NOTHING
}

/** Writes a code cache; `programs` by index. Throws the errors of the file system. */
export function writeCodeCache(executable: string, buildId: BuildId, programs: readonly Buffer[]): string {
  const path = codeCachePath(executable)
  const head = Int32Array.from([...buildId, ...programs.map(program => program.length)])
  const descriptor = openSync(`${path}.new`, 'w', 0o644)
  try {
    for (const part of [head, ...programs]) writeSync(descriptor, part)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
  return path
}

function readProgram(descriptor: number, places: Int32Array, index: number): Buffer | undefined {
  const at = index === 0 ? places.byteLength : places[ID_WORDS + index - 1]
  const end = places[ID_WORDS + index]
  // As long as nothing: a program that is hardly ever needed.
  if (at === undefined || end === undefined || end <= at) return undefined
  const code = Buffer.allocUnsafe(end - at)
  return readSync(descriptor, code, 0, code.length, at) === code.length ? code : undefined
}
