/**
 * The code of the executable that each start runs: hands out the programs and other parts that stand in front of it in
 * the file.
 *
 *   node policyd-weight → start → what `policyd-weight prepare` left, or else unpack.ts → main.ts, and from there each
 *   program when it is reached
 *
 * The parts stand in the file as a comment in a function that nobody calls: each start reads all of the file, whatever
 * it needs of it, and V8 passes over a comment nearly for nothing, while it reads every function of what is code. So
 * there is as little here as can be; what is prepared for this very build and this version of V8 needs no unpacking.
 *
 * Nothing is required by Node's `require`, neither here (the build sees to it) nor by the programs: it makes of each
 * built-in module a module for `import` as well, which takes longer than opening a file.
 *
 * Failure: none of its own; without anything prepared a start takes some milliseconds longer.
 */
import { Script } from 'node:vm'
import { openPrepared } from './prepared.ts'
import type { Parts } from './unpack.ts'

/**
 * Put here by the build: a function of three lines. The second is the program that unpacks, the third what it unpacks. (A
 * comment that begins with the end of a line is passed over in half the time: V8 need not look for one any more.)
 */
declare const PARTS: () => void
declare const PROGRAM_COUNT: number
declare const BUILD_ID: readonly [number, number]
/** The digests of the native parts, by `process.arch`. */
declare const ADDON_DIGESTS: Readonly<Record<string, string>>

/** A program: a CommonJS module that can ask for built-in modules, further programs and parts. */
type Program = (
  require: typeof process.getBuiltinModule,
  module: { exports: unknown },
  exports: unknown,
  parts: typeof executable,
) => void

const prepared = openPrepared(__filename, BUILD_ID, PROGRAM_COUNT)
const loaded: unknown[] = []
let parts: Parts | undefined

function unpacked(): Parts {
  if (!parts) {
    const [, unpacker, packed] = String(PARTS).split('\n')
    parts = (run('unpack', unpacker as string) as typeof import('./unpack.ts')).openParts(packed as string)
  }
  return parts
}

function runProgram(index: number): unknown {
  const { text = unpacked().program(index), code } = prepared(index)
  return run(index, text, code)
}

function run(name: number | string, text: string, cachedData?: Uint8Array): unknown {
  const module = { exports: {} }
  const script = new Script(text, { filename: `policyd-weight:${name}`, cachedData })
  const program: Program = script.runInThisContext()
  program(process.getBuiltinModule, module, module.exports, executable)
  return module.exports
}

const executable = {
  path: __filename,
  buildId: BUILD_ID,
  programCount: PROGRAM_COUNT,
  unpacked,
  /** Runs a program, once: Node's own `import()` of a module, as the sources have it, means the same. */
  load: async (index: number): Promise<unknown> => (loaded[index] ??= runProgram(index)),
  /** Where `policyd-weight prepare` puts it: `/usr/local/bin/policyd-weight.0123456789abcdef.x64.node`. */
  addonFile: (arch: string): string | undefined =>
    ADDON_DIGESTS[arch] && `${__filename}.${ADDON_DIGESTS[arch]}.${arch}.node`,
}

runProgram(0)
