/**
 * Builds `dist/policyd-weight`, the one file that is deployed.
 *
 * V8 reads every function and checks every regular expression of a file it loads: 40 ns a byte, which for yargs
 * alone comes near to starting Node. So the file itself is start.ts alone; what it starts stands behind it in comments,
 * which V8 merely passes over, and is compiled when it is reached: main.ts, and a chunk for each `import()` in the
 * sources, a program of its own. The command line comes last and compressed: its start-up is of no account. (`npm run
 * bench:spawn` shows what a request costs beside bare Node.)
 *
 * CommonJS, because its modules stay unloaded until they are required; ES modules hoist their built-ins.
 * A `package.json` beside the file says so to Node, whatever the packages above it declare. The code cache for the
 * Node that builds is made last, by the executable itself.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import type { Parameter } from '../src/config/parameter.ts'
import { buildAddons } from './build-addon.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const MAIN = 'src/main.ts'
const COMMAND_LINE = 'src/cli/main.ts'
/** Room for start.ts, so that the places of what stands behind it are known before it is put together. */
const START_BYTES = 2048
/** The command line has modules of its own, with all documentation, but there is one copy of the native part. */
const HANDED_TO_COMMAND_LINE: ReadonlySet<string> = new Set(['src/native/native.ts'])
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  charset: 'ascii',
  legalComments: 'none',
  write: false,
  metafile: true,
  logLevel: 'warning',
} satisfies BuildOptions

/** What the executable is made of; `check-imports` reads the metafiles. */
export interface Bundles {
  readonly executable: string
  /** Everything but the command line, as one program. */
  readonly requestPath: Metafile
  readonly commandLine: Metafile
}

/** Bundles in memory. Throws esbuild's error, with its message already printed, when a source is wrong. */
export async function bundle(): Promise<Bundles> {
  const addons = buildAddons()
  for (const note of addons.notes) console.log(note)
  const core = await bundleProgram({ ...shared, entryPoints: [MAIN], plugins: [withoutChunks] })
  const programs = new ProgramTable()
  programs.core = new Set(Object.keys(core.metafile.inputs))
  await programs.add(MAIN, [withoutDocumentation], { NATIVE_ADDONS: JSON.stringify(addons.base64) })
  const commandLine = await bundleCommandLine()
  const requestPath = await bundleProgram({ ...shared, entryPoints: [MAIN], external: ['./cli/main.ts'] })
  return {
    executable: await assemble(programs.texts(brotliCompressSync(commandLine.text).toString('base64'))),
    requestPath: requestPath.metafile,
    commandLine: commandLine.metafile,
  }
}

/** The file: start.ts, then each program as a comment of one line. */
async function assemble(programs: readonly string[]): Promise<string> {
  const lines = programs.map(text => `//${text}\n`)
  const places = programs.map((text, index) => {
    const before = lines.slice(0, index).join('').length
    return [START_BYTES + before + '//'.length, text.length]
  })
  const define = {
    PROGRAMS: JSON.stringify(places),
    BUILD_ID: JSON.stringify(createHash('sha256').update(lines.join('')).digest('hex').slice(0, 16)),
  }
  const banner = { js: '#!/usr/bin/env node' }
  const { text } = await bundleProgram({ ...shared, entryPoints: ['src/start.ts'], define, banner })
  const start = text.trimEnd().padEnd(START_BYTES - 1)
  if (start.length >= START_BYTES) throw new Error(`start.ts takes ${start.length} of ${START_BYTES - 1} bytes`)
  return `${start}\n${lines.join('')}`
}

/** A program of the executable: its place, and the modules of main.ts it is handed, `core:INDEX`. */
interface Chunk {
  readonly index: number
  readonly handedOver: string[]
}

/** The programs of the executable, each bundled once: main.ts, and every chunk that an `import()` leads to. */
class ProgramTable {
  /** Modules main.ts holds anyway. */
  core: ReadonlySet<string> = new Set()
  readonly #chunks = new Map<string, Chunk>()
  readonly #texts: string[] = []

  /** Bundles a program under the next index. */
  async add(path: string, plugins: Plugin[], define: Record<string, string> = {}): Promise<Chunk> {
    const chunk: Chunk = { index: this.#chunks.size, handedOver: [] }
    this.#chunks.set(path, chunk)
    if (path !== MAIN) plugins.push(handOver(this.core, chunk.handedOver))
    const { text } = await bundleProgram({
      ...shared,
      entryPoints: [path],
      plugins: [...plugins, chunks(this)],
      define,
      // The only literals with line ends in them.
      supported: { 'template-literal': false },
    })
    const body = text.trimEnd()
    if (body.includes('\n')) throw new Error(`${path} does not fit into one line`)
    this.#texts[chunk.index] = `(function(require,module,exports,compileProgram){${body}})`
    return chunk
  }

  /** A chunk, bundled now if it is new. */
  async chunk(path: string): Promise<Chunk> {
    return this.#chunks.get(path) ?? (await this.add(path, []))
  }

  /** All texts, the command line's last. */
  texts(commandLine: string): string[] {
    return [...this.#texts, commandLine]
  }
}

interface Program {
  readonly text: string
  readonly metafile: Metafile
}

async function bundleProgram(options: BuildOptions): Promise<Program> {
  const { outputFiles, metafile } = await build(options)
  const text = outputFiles?.[0]?.text
  if (text === undefined || !metafile) throw new Error(`esbuild wrote nothing for ${options.entryPoints}`)
  return { text, metafile }
}

/** The command line as one program, with the licences of what is inside it and of what is not (its inputs include all of the request path's). */
async function bundleCommandLine(): Promise<Program> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const bundleWith = (notices: string): Promise<Program> =>
    bundleProgram({
      ...shared,
      entryPoints: [COMMAND_LINE],
      plugins: [handOver(HANDED_TO_COMMAND_LINE, [])],
      // yargs asks for the URL of its own module; compiled from a string, that is the executable.
      banner: { js: 'const ownUrl = require("node:url").pathToFileURL(process.argv[1]).href;' },
      define: {
        POLICYD_WEIGHT_VERSION: JSON.stringify(version),
        THIRD_PARTY_NOTICES: JSON.stringify(notices),
        'import.meta.url': 'ownUrl',
      },
    })
  const { metafile } = await bundleWith('')
  const program = await bundleWith(thirdPartyNotices(metafile))
  return { ...program, text: `(function(require,module,exports,compileProgram){${program.text}\n})` }
}

/** Leaves everything behind an `import()` out. */
const withoutChunks: Plugin = {
  name: 'without-chunks',
  setup(setup) {
    setup.onResolve({ filter: /^\./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { external: true, path } : undefined,
    )
  },
}

/**
 * Turns every `import()` of a source file into a chunk. Modules that main.ts holds anyway are not bundled into chunks
 * once more; those they use are handed to them.
 */
function chunks(programs: ProgramTable): Plugin {
  return {
    name: 'chunks',
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' ? { namespace: 'chunk', path: relative(root, join(resolveDir, path)) } : undefined,
      )
      setup.onLoad({ filter: /./, namespace: 'chunk' }, async ({ path }) => {
        return { contents: await chunkModule(path, programs), resolveDir: root }
      })
    },
  }
}

/** The module that stands for a chunk: compiles it when it is reached, and exports what it exports. */
async function chunkModule(path: string, programs: ProgramTable): Promise<string> {
  const isCommandLine = path === COMMAND_LINE
  const chunk = isCommandLine ? undefined : await programs.chunk(path)
  const handedOver = chunk?.handedOver ?? [...HANDED_TO_COMMAND_LINE]
  const names = isCommandLine ? [] : await exportsOf(path)
  return `
    ${handedOver.map((module, index) => `import * as core${index} from './${module}'`).join('\n')}
    const core = [${handedOver.map((_, index) => `core${index}`)}]
    const module = { exports: {} }
    const load = id => id.startsWith('core:') ? core[id.slice(5)] : require(id)
    compileProgram(${chunk?.index ?? 'compileProgram.commandLine'})(load, module, module.exports, compileProgram)
    export const { ${names.join(', ')} } = module.exports
  `
}

async function exportsOf(path: string): Promise<readonly string[]> {
  const { metafile } = await bundleProgram({ ...shared, entryPoints: [path], plugins: [withoutChunks], format: 'esm' })
  return Object.values(metafile.outputs)[0]?.exports ?? []
}

/** Leaves the core's modules out of a chunk; `handedOver` gets those that it imports, which become `core:INDEX`. */
function handOver(coreModules: ReadonlySet<string>, handedOver: string[]): Plugin {
  return {
    name: 'hand-over',
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const module = relative(root, join(resolveDir, path))
        if (kind !== 'import-statement' || !coreModules.has(module)) return undefined
        if (!handedOver.includes(module)) handedOver.push(module)
        return { external: true, path: `core:${handedOver.indexOf(module)}` }
      })
    },
  }
}

/** Leaves out of the table of parameters what only the command line prints of it. */
const withoutDocumentation: Plugin = {
  name: 'without-documentation',
  setup(setup) {
    setup.onLoad({ filter: /\/src\/config\/parameters\/[^/]*\.ts$/ }, async ({ path }) => {
      const tables: Record<string, readonly Parameter[]> = await import(path)
      const rows = (table: readonly Parameter[]): string =>
        JSON.stringify(table.map(({ doc: _doc, since: _since, unit: _unit, ...row }) => row))
      const contents = Object.entries(tables).map(([name, table]) => `export const ${name} = ${rows(table)}\n`)
      return { contents: contents.join('') }
    })
  },
}

async function main(): Promise<void> {
  const { executable } = await bundle()
  const target = join(root, 'dist', 'policyd-weight')
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(join(root, 'dist', 'package.json'), '{ "type": "commonjs" }\n')
  // Renamed into place: a process that starts while the build runs sees the old file or the new one, whole.
  writeFileSync(`${target}.new`, executable)
  chmodSync(`${target}.new`, 0o755)
  renameSync(`${target}.new`, target)
  console.log(`dist/policyd-weight: ${statSync(target).size} bytes`)
  // It says itself what is wrong if it cannot; the executable works without.
  spawnSync(process.execPath, [target, 'prepare'], { stdio: 'inherit' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
