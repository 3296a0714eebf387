/**
 * The first lines of the executable: hands out the programs that stand behind them in the file.
 *
 *   node policyd-weight → start → (code cache) → main.ts, and from there each chunk when it is reached
 *
 * The programs stand in comments, one a line, because V8 passes over a comment nearly for nothing, while it reads every
 * function of what is code. They are read from there and compiled, or, if code-cache.ts finds what `policyd-weight
 * prepare` left for this very build and this version of V8, merely unpacked.
 *
 * Failure: none of its own; without a code cache a start takes longer.
 */
import { openSync, readSync } from 'node:fs'
import { Script } from 'node:vm'
import { openCodeCache } from './code-cache.ts'

/** The programs, put here by the build: where each begins in the file, and its length, in bytes. */
declare const PROGRAMS: readonly (readonly [at: number, length: number])[]
declare const BUILD_ID: string

/** A program: a CommonJS module that can ask for further programs. */
type Program = (
  require: NodeJS.Require,
  module: { exports: unknown },
  exports: unknown,
  compileProgram: (index: number) => Program,
) => void

/** The last program is the command line, compressed. */
const COMMAND_LINE = PROGRAMS.length - 1

const descriptor = openSync(__filename, 'r')
const cached = openCodeCache(__filename, BUILD_ID, COMMAND_LINE)

function readProgram(index: number): string {
  const [at, length] = PROGRAMS[index] as readonly [number, number]
  const bytes = Buffer.allocUnsafe(length)
  readSync(descriptor, bytes, 0, length, at)
  const text = bytes.toString('latin1')
  return index === COMMAND_LINE
    ? require('node:zlib').brotliDecompressSync(Buffer.from(text, 'base64')).toString()
    : text
}

function compileProgram(index: number): Program {
  const script = new Script(readProgram(index), { filename: `policyd-weight:${index}`, cachedData: cached(index) })
  return script.runInThisContext()
}
compileProgram.commandLine = COMMAND_LINE
compileProgram.executable = __filename
compileProgram.buildId = BUILD_ID

compileProgram(0)(require, module, exports, compileProgram)
