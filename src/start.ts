/**
 * The first lines of the executable: hands out the programs and other parts that stand behind them in the file.
 *
 *   node policyd-weight → start → what `policyd-weight prepare` left, or else the parts → main.ts, and from there each
 *   program when it is reached
 *
 * The parts stand in the file compressed, in a comment in a function that nobody calls: each start reads all of the file,
 * whatever it needs of it, and V8 passes over a comment nearly for nothing, while it reads every function of what is
 * code. What is prepared for this very build and this version of V8 needs no unpacking: prepared.ts finds the text of
 * a program with its compiled code.
 *
 * Failure: none of its own; without anything prepared a start takes some milliseconds longer.
 */
import { Script } from 'node:vm'
import { openPrepared } from './prepared.ts'

/** The parts, put here by the build: programs first, then the command line, then the native parts in base64. */
declare const PARTS: () => void
declare const PROGRAM_COUNT: number
/** The native parts, in the order in which they stand behind the command line. */
declare const ADDONS: readonly { readonly arch: string; readonly digest: string }[]
declare const BUILD_ID: readonly [number, number]

/** A program: a CommonJS module that can ask for further programs and parts. */
type Program = (
  require: NodeJS.Require,
  module: { exports: unknown },
  exports: unknown,
  parts: typeof executable,
) => void

const COMMENT_BEGIN = '()=>{/*'
const COMMENT_END = '*/}'

const prepared = openPrepared(__filename, BUILD_ID, PROGRAM_COUNT)
const loaded: unknown[] = []
let unpacked: readonly string[] | undefined

function part(index: number): string {
  unpacked ??= unpack()
  return unpacked[index] as string
}

function unpack(): readonly string[] {
  const packed = String(PARTS).slice(COMMENT_BEGIN.length, -COMMENT_END.length)
  const bytes: Buffer = require('node:zlib').brotliDecompressSync(Buffer.from(packed, 'base64'))
  return bytes.toString('latin1').split('\0')
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
  /** The native part for an architecture, in base64; undefined: there is none. */
  addon(arch: string): string | undefined {
    const index = ADDONS.findIndex(addon => addon.arch === arch)
    return index < 0 ? undefined : part(PROGRAM_COUNT + 1 + index)
  },
  /** Where `policyd-weight prepare` puts it: `/usr/local/bin/policyd-weight.0123456789abcdef.x64.node`. */
  addonFile(arch: string): string | undefined {
    const digest = ADDONS.find(addon => addon.arch === arch)?.digest
    return digest && `${__filename}.${digest}.${arch}.node`
  },
}

run(0)
