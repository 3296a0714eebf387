/**
 * The first lines of the executable: hands out the programs and other parts that stand behind them in the file.
 *
 *   node policyd-weight → start → what `policyd-weight prepare` left, or else the parts → main.ts, and from there each
 *   program when it is reached
 *
 * The parts stand in the file compressed, in a comment in a function that nobody calls: each start reads all of the file,
 * whatever it needs of it, and V8 passes over a comment nearly for nothing, while it reads every function of what is
 * code. What serves requests comes first, and can be unpacked without the command line. What is prepared for this very build and this version of V8 needs no unpacking: prepared.ts finds the text of
 * a program with its compiled code.
 *
 * Failure: none of its own; without anything prepared a start takes some milliseconds longer.
 */
import { Script } from 'node:vm'
import { latin1Text } from './bytes.ts'
import { openPrepared } from './prepared.ts'
import { fromPrintable, printableLength } from './printable.ts'

/** The parts, put here by the build: the programs, with a NUL between them; the native parts; the command line. */
declare const PARTS: () => void
/** Of all parts as they are packed, of those before the command line, and of these once they are unpacked; of the programs. */
declare const PACKED_BYTES: number
declare const FIRST_PACKED_BYTES: number
declare const FIRST_BYTES: number
declare const PROGRAMS_BYTES: number
declare const PROGRAM_COUNT: number
/** The native parts, and where they are among the parts. */
declare const ADDONS: readonly {
  readonly arch: string
  readonly digest: string
  readonly at: number
  readonly end: number
}[]
declare const BUILD_ID: readonly [number, number]

/** A program: a CommonJS module that can ask for further programs and parts. */
type Program = (
  require: NodeJS.Require,
  module: { exports: unknown },
  exports: unknown,
  parts: typeof executable,
) => void

const COMMENT_BEGIN = '()=>{/*'

const prepared = openPrepared(__filename, BUILD_ID, PROGRAM_COUNT)
const loaded: unknown[] = []
let first: Buffer | undefined
let texts: readonly string[] | undefined

/** The text of a program, by its index; behind the last program, that of the command line. */
function part(index: number): string {
  if (index === PROGRAM_COUNT) {
    const all = unpack(PACKED_BYTES)
    return latin1Text(all, FIRST_BYTES, all.length)
  }
  texts ??= latin1Text(unpackFirst(), 0, PROGRAMS_BYTES).split('\0')
  return texts[index] as string
}

function unpackFirst(): Buffer {
  first ??= unpack(FIRST_PACKED_BYTES)
  return first
}

/** Unpacks no more than a start needs: that is a third of it all. */
function unpack(packedBytes: number): Buffer {
  const { brotliDecompressSync, constants } = require('node:zlib')
  const end = COMMENT_BEGIN.length + printableLength(packedBytes)
  const packed = fromPrintable(String(PARTS).slice(COMMENT_BEGIN.length, end)).subarray(0, packedBytes)
  return brotliDecompressSync(packed, { finishFlush: constants.BROTLI_OPERATION_FLUSH })
}

/** Runs a program, once: Node's own `import()` of a module, as the sources have it, means the same. */
async function load(index: number): Promise<unknown> {
  loaded[index] ??= run(index)
  return loaded[index]
}

function run(index: number): unknown {
  const { text = part(index), code } = prepared(index)
  const script = new Script(text, { filename: `policyd-weight:${index}`, cachedData: code })
  const module = { exports: {} }
  const program: Program = script.runInThisContext()
  program(require, module, module.exports, executable)
  return module.exports
}

const executable = {
  path: __filename,
  buildId: BUILD_ID,
  programCount: PROGRAM_COUNT,
  part,
  load,
  /** The native part for an architecture; undefined: there is none. */
  addon(arch: string): Uint8Array | undefined {
    const addon = ADDONS.find(addon => addon.arch === arch)
    return addon && unpackFirst().subarray(addon.at, addon.end)
  },
  /** Where `policyd-weight prepare` puts it: `/usr/local/bin/policyd-weight.0123456789abcdef.x64.node`. */
  addonFile(arch: string): string | undefined {
    const digest = ADDONS.find(addon => addon.arch === arch)?.digest
    return digest && `${__filename}.${digest}.${arch}.node`
  },
}

run(0)
