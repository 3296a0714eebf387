/**
 * What start.ts runs where nothing is prepared: unpacks the parts that stand in the executable.
 *
 *   a line of the executable's comment → openParts → the text of a program, the native part
 *
 * Stands in that comment itself, as it is: the other starts have nothing to read of it. Unpacks no more than is asked
 * for: what serves requests comes first, a third of it all, and can be unpacked without the command line.
 *
 * Failure: none of its own; a damaged executable is an exception of zlib's.
 */
import { latin1Text } from './bytes.ts'
import { fromPrintable, printableLength } from './printable.ts'

/** Put here by the build. Of all parts as they are packed, of those before the command line, and of these once they are unpacked; of the programs. */
declare const PACKED_BYTES: number
declare const FIRST_PACKED_BYTES: number
declare const FIRST_BYTES: number
declare const PROGRAMS_BYTES: number
declare const PROGRAM_COUNT: number
/** The native parts: where they are among the parts. */
declare const ADDONS: readonly { readonly arch: string; readonly at: number; readonly end: number }[]

/** What there is in an executable. */
export interface Parts {
  /** The text of a program, by its index; behind the last program, that of the command line. */
  program(index: number): string
  /** The native part for an architecture; undefined: there is none. */
  addon(arch: string): Uint8Array | undefined
}

/** The parts that are packed in a text, which may go on behind them. */
export function openParts(printable: string): Parts {
  let first: Buffer | undefined
  let programs: readonly string[] | undefined
  const unpack = (packedBytes: number): Buffer => {
    const { brotliDecompressSync, constants } = require('node:zlib')
    const packed = fromPrintable(printable.slice(0, printableLength(packedBytes))).subarray(0, packedBytes)
    return brotliDecompressSync(packed, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
  }
  const unpackFirst = (): Buffer => (first ??= unpack(FIRST_PACKED_BYTES))
  return {
    program(index) {
      if (index === PROGRAM_COUNT) {
        const all = unpack(PACKED_BYTES)
        return latin1Text(all, FIRST_BYTES, all.length)
      }
      programs ??= latin1Text(unpackFirst(), 0, PROGRAMS_BYTES).split('\0')
      return programs[index] as string
    },
    addon(arch) {
      const addon = ADDONS.find(addon => addon.arch === arch)
      return addon && unpackFirst().subarray(addon.at, addon.end)
    },
  }
}
