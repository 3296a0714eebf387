/**
 * V8's compiled code, kept beside the executable so that a start does not compile it again.
 *
 *   `policyd-weight prepare` → EXECUTABLE.VERSION-OF-V8.ARCH.cache → start.ts, program by program
 *
 * The file is code: it counts only if it belongs to root or to us and nobody else may write it, and only for the very
 * build and the version of V8 it was made for. V8 itself refuses it under other flags. It is written whole under
 * another name and renamed, so it is there or not. Deleting it is always safe.
 *
 * Layout: the id of the build (16 bytes), the length of each program's code (32-bit words, little-endian), the code.
 *
 * Failure: anything that is not as expected means no code cache: programs are compiled, which takes longer.
 * Source: Node's vm.Script, `cachedData`.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs'

const ID_BYTES = 16
const WRITABLE_BY_OTHERS = 0o022

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
export function openCodeCache(executable: string, buildId: string, count: number): CodeCache {
  try {
    const descriptor = openSync(codeCachePath(executable), 'r')
    const { uid, mode, size } = fstatSync(descriptor)
    const head = Buffer.allocUnsafe(ID_BYTES + 4 * count)
    const isWhole = readSync(descriptor, head, 0, head.length, 0) === head.length
    const places: number[] = [head.length]
    for (let at = ID_BYTES; at < head.length; at += 4)
      places.push((places[places.length - 1] as number) + head.readInt32LE(at))
    const isTrusted = (uid === 0 || uid === process.geteuid?.()) && (mode & WRITABLE_BY_OTHERS) === 0
    if (isWhole && isTrusted && places[count] === size && head.toString('latin1', 0, ID_BYTES) === buildId)
      return index => readProgram(descriptor, places, index)
    closeSync(descriptor)
  } catch {
    // There is none, or it cannot be read.
  }
  return NOTHING
}

/** Writes a code cache; `programs` by index. Throws the errors of the file system. */
export function writeCodeCache(executable: string, buildId: string, programs: readonly Buffer[]): string {
  const path = codeCachePath(executable)
  const lengths = Buffer.alloc(4 * programs.length)
  for (const [index, program] of programs.entries()) lengths.writeInt32LE(program.length, 4 * index)
  const descriptor = openSync(`${path}.new`, 'w', 0o644)
  try {
    for (const part of [Buffer.from(buildId, 'latin1'), lengths, ...programs]) writeSync(descriptor, part)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
  return path
}

function readProgram(descriptor: number, places: readonly number[], index: number): Buffer | undefined {
  const at = places[index]
  const end = places[index + 1]
  // As long as nothing: a program that is hardly ever needed.
  if (at === undefined || end === undefined || end <= at) return undefined
  const code = Buffer.allocUnsafe(end - at)
  return readSync(descriptor, code, 0, code.length, at) === code.length ? code : undefined
}
