/**
 * The code of the executable that each start runs: hands out the parts that stand in front of it in the file.
 *
 *   node policyd-weight → start → src/main.ts, and from there each program when it is reached, with the compiled code that
 *   `policyd-weight prepare` left beside the executable, if it did
 *
 * The parts stand in the file as a comment in a function that nobody calls: each start reads all of the file, whatever
 * it needs of it, and V8 passes over a comment nearly for nothing, while it reads every function of what is code. So
 * there is as little here as can be. Programs stand there as text, the native part in base64, the command line and what
 * hardly a start needs compressed as well.
 *
 * What lies beside the executable is code. It counts only if it belongs to root or to us, nobody else may write it, and it is
 * undamaged: the native part is compared with the one in here, and then sums up the rest, for which JavaScript would take
 * milliseconds (sum.ts, prepared.ts). Without the native part nothing is prepared.
 *
 * Nothing is required by Node's `require`, neither here (the build sees to it) nor by the programs: it makes of each
 * built-in module a module for `import` as well, which takes longer than opening a file.
 *
 * Failure: none of its own; what is damaged is noted for the log, and what the executable holds serves, milliseconds later.
 */
import { Script } from 'node:vm'
import { closeSync } from 'node:fs'
import { base64Text, readBytes } from '../system/bytes.ts'
import { ADDON, type BuildId, type Executable } from '../system/executable.ts'
import { openTrusted } from '../system/ownership.ts'
import { openPrepared, preparedPath } from './prepared.ts'
import { sumOf } from '../system/sum.ts'

/** Put here by the build: in a comment the parts, each behind a line `//: NAME`. */
declare const PARTS: () => void
declare const BUILD_ID: BuildId
/** What the native part for an architecture is called: 16 hex digits of its digest. */
declare const ADDON_DIGESTS: Readonly<Record<string, string>>
/** What ends a comment is written like this in it. */
declare const COMMENT_END: string

/** A program: it can ask for built-in modules, further programs and parts, and puts what it exports into `provided`. */
type Program = (require: typeof process.getBuiltinModule, provided: object, executable: Executable) => void

const parts = String(PARTS).split('\n//: ').slice(1, -1)
const names = parts.map(part => part.slice(0, part.indexOf('\n')))
const loaded: unknown[] = []
const damaged: string[] = []
const digest = ADDON_DIGESTS[process.arch]
const addonPath = digest && `${__filename}.${digest}.${process.arch}.node`
const native = openNative()
const sum = native?.sum ?? sumOf
const prepared =
  native && openPrepared(__filename, BUILD_ID, names.length, sum, () => damaged.push(preparedPath(__filename)))

/** What stands behind the name of a part: a program's text, or base64. */
function contentOf(name: string): string {
  return (parts[names.indexOf(name)] as string).slice(name.length + 1)
}

function unpack(name: string): Buffer {
  return Buffer.from(contentOf(name), 'base64')
}

/** The native part beside the executable; not one that differs from the one inside. */
function openNative(): { readonly sum: Executable['sum'] } | undefined {
  const file = addonPath === undefined ? undefined : openTrusted(addonPath)
  if (addonPath === undefined || file === undefined) return undefined
  const module: { exports: { sum?: Executable['sum'] } } = { exports: {} }
  try {
    const bytes = new Uint8Array(file.size)
    readBytes(file.descriptor, bytes, 0)
    // Not by its name, which might be that of something else by now.
    if (base64Text(bytes) === contentOf(`${ADDON}${process.arch}`))
      process.dlopen(module, `/proc/self/fd/${file.descriptor}`)
    else damaged.push(addonPath)
  } catch {
    // Nothing may be run from there: the one inside is tried (native.ts), which says why it cannot be.
  }
  closeSync(file.descriptor)
  return module.exports.sum && (module.exports as { readonly sum: Executable['sum'] })
}

function run(name: string): unknown {
  const content = contentOf(name)
  // The command line is compressed, which no mail needs, and so is what few mails do (scripts/build.ts).
  const text =
    content[0] === '('
      ? content.replaceAll(COMMENT_END, '*/')
      : process.getBuiltinModule('node:zlib').brotliDecompressSync(unpack(name)).toString('latin1')
  const provided = {}
  const cachedData = prepared?.(names.indexOf(name))
  const program: Program = new Script(text, { filename: `policyd-weight:${name}`, cachedData }).runInThisContext()
  program(process.getBuiltinModule, provided, executable)
  return provided
}

const executable: Executable = {
  path: __filename,
  buildId: BUILD_ID,
  names,
  // Node's own `import()` of a module, as the sources have it, means the same.
  load: async name => (loaded[names.indexOf(name)] ??= run(name)),
  unpack: name => (names.includes(name) ? unpack(name) : undefined),
  native,
  addonPath,
  sum,
  damaged,
}

void executable.load(names[0] as string)
