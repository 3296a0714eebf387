/**
 * V8's compiled code of the programs, kept beside the executable.
 *
 *   `policyd-weight prepare` → EXECUTABLE.VERSION-OF-V8.ARCH.cache → loader.ts, program by program
 *
 * The file is code: it counts only if it belongs to root or to us and nobody else may write it, only for the very build
 * and the version of V8 it was made for, and only as far as its checksums are right, which are compared for the head and
 * for each program that is run: V8 believes whatever it is given. V8 itself refuses code that was compiled under other
 * flags. It is written whole under another name and renamed, so it is there or not. Deleting it is always safe.
 *
 * Layout, in 32-bit words of the machine's order: the id of the build (two), the sum of the words behind it, then for each
 * part of the executable where its code ends, in bytes, and the sum of its code; then the code of each.
 *
 * Failure: anything that is not as expected means that nothing is prepared: programs are compiled, which takes longer. Damage is
 * reported once.
 * Source: Node's vm.Script, `cachedData`.
 */
import { readBytes } from '../system/bytes.ts'
import type { BuildId } from '../system/executable.ts'
import { openTrusted } from '../system/ownership.ts'

const HEAD_WORDS = 3

type Sum = (bytes: Uint8Array) => number

/** The code of a part, by its index; undefined: it has to be compiled. */
export type Prepared = (index: number) => Uint8Array | undefined

/** Where it is for this version of V8: `/usr/local/bin/policyd-weight.11.3.244.8-node.33.x64.cache`. */
export function preparedPath(executable: string): string {
  return `${executable}.${process.versions.v8}.${process.arch}.cache`
}

/** Bytes at a place of a file; fewer if it ends, or cannot be read. */
function read(descriptor: number, at: number, length: number): Uint8Array {
  try {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, readBytes(descriptor, bytes, at))
  } catch {
    return new Uint8Array(0)
  }
}

/**
 * Opens what is prepared of a build with so many parts; never throws. The descriptor stays open as long as the process
 * lives.
 */
export function openPrepared(
  executable: string,
  [idHigh, idLow]: BuildId,
  count: number,
  sum: Sum,
  reportDamage: () => void,
): Prepared | undefined {
  const file = openTrusted(preparedPath(executable))
  if (!file) return undefined
  const { descriptor, size } = file
  const headBytes = 4 * (HEAD_WORDS + 2 * count)
  const bytes = read(descriptor, 0, headBytes)
  const head = new Int32Array(bytes.buffer)
  if (bytes.length === headBytes && (head[0] !== idHigh || head[1] !== idLow)) return undefined
  let isDamaged = false
  const damage = (): undefined => {
    if (!isDamaged) reportDamage()
    isDamaged = true
  }
  if (bytes.length < headBytes || sum(bytes.subarray(4 * HEAD_WORDS)) !== head[2] || head.at(-2) !== size)
    return damage()
  return index => {
    const at = HEAD_WORDS + 2 * index
    const start = index === 0 ? headBytes : (head[at - 2] as number)
    const length = (head[at] as number) - start
    // Of the command line there is none.
    if (length === 0) return undefined
    const code = read(descriptor, start, length)
    return code.length === length && sum(code) === head[at + 1] ? code : damage()
  }
}

/** The file's bytes, out of the code of each part. */
export function renderPrepared(buildId: BuildId, codes: readonly Uint8Array[], sum: Sum): Uint8Array {
  const head = new Int32Array(HEAD_WORDS + 2 * codes.length)
  let end = head.byteLength
  codes.forEach((code, index) => {
    end += code.length
    head.set([end, sum(code)], HEAD_WORDS + 2 * index)
  })
  head.set(buildId)
  head[2] = sum(new Uint8Array(head.buffer, 4 * HEAD_WORDS))
  return Buffer.concat([new Uint8Array(head.buffer), ...codes])
}
