/**
 * Programs as a start wants them, kept beside the executable: their text, and V8's compiled code for it.
 *
 *   `policyd-weight prepare` → EXECUTABLE.VERSION-OF-V8.ARCH.cache → start.ts, program by program
 *
 * The file is code: it counts only if it belongs to root or to us and nobody else may write it, and only for the very
 * build and the version of V8 it was made for. V8 itself refuses compiled code under other flags, and then compiles the
 * text. It is written whole under another name and renamed, so it is there or not. Deleting it is always safe.
 *
 * Layout, in 32-bit words of the machine's order: the id of the build (two), then for each program the length of its
 * code and of its text in bytes; then code and text of each. Code comes first, so that in memory it begins where an allocation
 * does: V8 makes a copy of code that does not begin at a multiple of 8.
 *
 * Failure: anything that is not as expected means that nothing is prepared: programs are unpacked and compiled, which
 * takes longer.
 * Source: Node's vm.Script, `cachedData`.
 */
import { closeSync, fstatSync, fsyncSync, openSync, readvSync, renameSync, writeSync } from 'node:fs'
import { latin1Text } from './bytes.ts'

const ID_WORDS = 2
const WRITABLE_BY_OTHERS = 0o022

/** Two words out of the digest of everything that is in an executable. */
export type BuildId = readonly [number, number]

/** A program: its text in ASCII; code that is absent has to be compiled. */
export interface PreparedProgram {
  readonly text?: string
  readonly code?: Uint8Array
}

/** What is prepared of a program, by its index; nothing: it has to be unpacked. */
export type Prepared = (index: number) => PreparedProgram

const NOTHING: PreparedProgram = {}

/** Where it is for this version of V8: `/usr/local/bin/policyd-weight.11.3.244.8-node.33.x64.cache`. */
export function preparedPath(executable: string): string {
  return `${executable}.${process.versions.v8}.${process.arch}.cache`
}

/**
 * Opens what is prepared of a build of `count` programs; never throws. The descriptor stays open as long as the process
 * lives. (Few functions, and plain loops: what runs here is itself compiled at each start.)
 */
export function openPrepared(executable: string, buildId: BuildId, count: number): Prepared {
  try {
    const descriptor = openSync(preparedPath(executable), 'r')
    const { uid, mode, size } = fstatSync(descriptor)
    const head = new Int32Array(ID_WORDS + 2 * count)
    readvSync(descriptor, [head], 0)
    let end = head.byteLength
    // The word of each length becomes the place behind what it is the length of.
    for (let i = ID_WORDS; i < head.length; i++) head[i] = end += head[i] as number
    const isTrusted = (uid === 0 || uid === process.geteuid?.()) && (mode & WRITABLE_BY_OTHERS) === 0
    if (isTrusted && end === size && head[0] === buildId[0] && head[1] === buildId[1])
      return index => readProgram(descriptor, head, index)
    closeSync(descriptor)
  } catch {
    // There is nothing, or it cannot be read.
  }
  return () => NOTHING
}

/** Writes the file; `programs` by index. Throws the errors of the file system. */
export function writePrepared(
  executable: string,
  buildId: BuildId,
  programs: readonly { readonly text: string; readonly code: Uint8Array }[],
): string {
  const path = preparedPath(executable)
  const head = Int32Array.from([...buildId, ...programs.flatMap(({ text, code }) => [code.length, text.length])])
  const descriptor = openSync(`${path}.new`, 'w', 0o644)
  try {
    writeSync(descriptor, head)
    for (const { text, code } of programs) {
      writeSync(descriptor, code)
      writeSync(descriptor, Buffer.from(text, 'latin1'))
    }
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${path}.new`, path)
  return path
}

function readProgram(descriptor: number, places: Int32Array, index: number): PreparedProgram {
  const word = ID_WORDS + 2 * index
  const at = index === 0 ? places.byteLength : places[word - 1]
  const textAt = places[word]
  const end = places[word + 1]
  // The command line is not prepared; neither is what damage made of a length.
  if (at === undefined || textAt === undefined || end === undefined || textAt < at || end <= textAt) return NOTHING
  const bytes = new Uint8Array(end - at)
  if (readvSync(descriptor, [bytes], at) !== bytes.length) return NOTHING
  const text = latin1Text(bytes, textAt - at, bytes.length)
  // Hardly ever needed, so never seen when it was prepared.
  return textAt === at ? { text } : { text, code: bytes.subarray(0, textAt - at) }
}
