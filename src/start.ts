/**
 * The first lines of the executable: hands out the parts that stand around them in the file.
 *
 *   node policyd-weight → start → (code cache) → main.ts, and from there each program when it is reached
 *
 * A part is a comment in a function that nobody calls. V8 passes over a comment nearly for nothing, while it reads every
 * function of what is code; and it has the file's text anyway, so a part is cut out of that without reading
 * anything again. A program is then compiled, or, if code-cache.ts finds what `policyd-weight prepare` left for this
 * very build and this version of V8, merely unpacked.
 *
 * Failure: none of its own; without a code cache a start takes longer.
 */
import { Script } from 'node:vm'
import { openCodeCache } from './code-cache.ts'

/** The parts, put here by the build: programs first, then the command line, compressed, then whatever else. */
declare const PARTS: readonly (() => void)[]
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

const PART_BEGIN = '()=>{/*'
const PART_END = '*/}'

const cached = openCodeCache(__filename, BUILD_ID, PROGRAM_COUNT)

function readPart(index: number): string {
  return String(PARTS[index]).slice(PART_BEGIN.length, -PART_END.length)
}

/** Runs a program, once: Node's own `import()` of a module, as the sources have it, means the same. */
async function load(index: number): Promise<unknown> {
  loaded[index] ??= run(index)
  return loaded[index]
}

const loaded: unknown[] = []

function run(index: number): unknown {
  const isCommandLine = index === PROGRAM_COUNT
  const text = isCommandLine
    ? require('node:zlib')
        .brotliDecompressSync(Buffer.from(readPart(index), 'base64'))
        .toString()
    : readPart(index)
  const script = new Script(text, { filename: `policyd-weight:${index}`, cachedData: cached(index) })
  const module = { exports: {} }
  const program: Program = script.runInThisContext()
  program(require, module, module.exports, executable)
  return module.exports
}

const executable = {
  path: __filename,
  buildId: BUILD_ID,
  programCount: PROGRAM_COUNT,
  load,
  /** The native part for an architecture, in base64; undefined: there is none. */
  addon(arch: string): string | undefined {
    const index = ADDONS.findIndex(addon => addon.arch === arch)
    return index < 0 ? undefined : readPart(PROGRAM_COUNT + 1 + index)
  },
  /** Where `policyd-weight prepare` puts it: `/usr/local/bin/policyd-weight.0123456789abcdef.x64.node`. */
  addonFile(arch: string): string | undefined {
    const digest = ADDONS.find(addon => addon.arch === arch)?.digest
    return digest && `${__filename}.${digest}.${arch}.node`
  },
}

run(0)
