/**
 * Builds `dist/policyd-weight`, the one file that is deployed.
 *
 * Node reads the file as a whole, and V8 reads every function and checks every regular expression of it: 40 ns a byte, which
 * for yargs alone comes near to starting Node. So the code of the file is start.ts alone; what it starts stands in it
 * compressed, as a comment, which V8 merely passes over: main.ts, a program for each `import()` in the sources, and the
 * command line. `policyd-weight prepare` unpacks and compiles what a request needs once. (`npm run bench:spawn` shows
 * what a request costs beside bare Node.)
 *
 * CommonJS, because its modules stay unloaded until they are required; ES modules hoist their built-ins.
 * A `package.json` beside the file says so to Node, whatever the packages above it declare. The code cache for the
 * Node that builds is made last, by the executable itself.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, createBrotliCompress } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import { toPrintable } from '../src/printable.ts'
import { buildAddons } from './build-addon.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const MAIN = 'src/main.ts'
const COMMAND_LINE = 'src/cli/main.ts'
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
  // In the order in which they are found; main.ts, which is the first, is bundled last: only then is it known what
  // it hands over.
  const paths = [MAIN]
  const addProgram = (path: string): boolean => {
    if (path !== COMMAND_LINE && !paths.includes(path)) paths.push(path)
    return true
  }
  const core = await bundleProgram({ ...shared, entryPoints: [MAIN], plugins: [lazyPrograms(addProgram)] })
  const handedOver = new HandedOver(Object.keys(core.metafile.inputs))
  const texts: string[] = []
  for (let index = 1; index < paths.length; index++)
    texts[index] = await bundlePart('./entry', [
      await plainEntry(paths[index] as string),
      handedOver.plugin(),
      evaluatedAtBuild,
      lazyPrograms(addProgram),
    ])
  const commandLine = await bundleCommandLine(handedOver, path => paths.includes(path))
  texts[0] = await bundlePart('./main-with-exports', [handedOver.entry(), evaluatedAtBuild, lazyPrograms(addProgram)])
  const requestPath = await bundleProgram({ ...shared, entryPoints: [MAIN], external: ['./cli/main.ts'] })
  const index = (text: string): string => handedOver.withIndexes(withIndexes(text, [...paths, COMMAND_LINE]))
  const programs = texts.map(index)
  return {
    executable: await assemble(programs, index(commandLine.text), addons.files),
    requestPath: requestPath.metafile,
    commandLine: commandLine.metafile,
  }
}

/** The file: start.ts, and in front of it, as a comment in a function, unpack.ts and the parts, compressed together. */
async function assemble(
  programs: readonly string[],
  commandLine: string,
  addons: Readonly<Record<string, Buffer>>,
): Promise<string> {
  for (const text of [...programs, commandLine])
    if (/[^\x01-\x7f]/.test(text)) throw new Error('a program is not ASCII, or has a NUL in it')
  const text = Buffer.from(programs.join('\0'), 'latin1')
  const first = Buffer.concat([text, ...Object.values(addons)])
  const rest = Buffer.from(commandLine, 'latin1')
  const digest = createHash('sha256').update(first).update(rest).digest()
  const { packed, firstPackedBytes } = await pack(first, rest)
  let end = text.length
  const places = Object.entries(addons).map(([arch, addon]) => {
    const at = end
    end += addon.length
    return { arch, at, end }
  })
  const digests = Object.entries(addons).map(([arch, addon]) => [arch, hexDigest(addon)])
  const define = {
    PROGRAM_COUNT: JSON.stringify(programs.length),
    PACKED_BYTES: JSON.stringify(packed.length),
    FIRST_PACKED_BYTES: JSON.stringify(firstPackedBytes),
    FIRST_BYTES: JSON.stringify(first.length),
    PROGRAMS_BYTES: JSON.stringify(text.length),
    ADDONS: JSON.stringify(places),
    ADDON_DIGESTS: JSON.stringify(Object.fromEntries(digests)),
    BUILD_ID: JSON.stringify([digest.readInt32LE(0), digest.readInt32LE(4)]),
  }
  const start = await bundleProgram({ ...shared, entryPoints: ['src/start.ts'], define })
  const unpack = await bundleProgram({ ...shared, entryPoints: ['src/unpack.ts'], define })
  const unpacker = asFunction(unpack.text.trim(), '')
  if (/\n|\*\//.test(unpacker)) throw new Error('the program that unpacks is not one line that may stand in a comment')
  const code = `require=process.getBuiltinModule;${start.text}`
  return `#!/usr/bin/env node\nconst PARTS=()=>{/*\n${unpacker}\n${toPrintable(packed)}*/};\n${code}`
}

/** Compresses both together, so that `first` can be unpacked out of the first bytes alone. */
async function pack(first: Buffer, rest: Buffer): Promise<{ packed: Buffer; firstPackedBytes: number }> {
  const stream = createBrotliCompress()
  const chunks: Buffer[] = []
  stream.on('data', chunk => chunks.push(chunk))
  stream.write(first)
  await new Promise<void>(resolve => stream.flush(constants.BROTLI_OPERATION_FLUSH, resolve))
  const firstPackedBytes = Buffer.concat(chunks).length
  stream.end(rest)
  await once(stream, 'end')
  return { packed: Buffer.concat(chunks), firstPackedBytes }
}

/** 16 hex digits. */
function hexDigest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
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

/** A program of the request path as start.ts wants it: a function. */
async function bundlePart(path: string, plugins: Plugin[]): Promise<string> {
  const define = { NATIVE_PARTS: 'executable', PROGRAM: 'module' }
  const { text } = await bundleProgram({ ...shared, entryPoints: [path], plugins, define })
  return asFunction(text)
}

/** A program as start.ts wants it. The `end` is on a line of its own, for the last line of a bundle may be a comment. */
function asFunction(text: string, end = '\n'): string {
  return `(function(require,module,exports,executable){"use strict";${text}${end}})`
}

/** The command line as one program, with the licences of what is inside it and of what is not (its inputs include all of the request path's). */
async function bundleCommandLine(handedOver: HandedOver, isProgram: (path: string) => boolean): Promise<Program> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const bundleWith = (notices: string): Promise<Program> =>
    bundleProgram({
      ...shared,
      entryPoints: [COMMAND_LINE],
      plugins: [handedOver.plugin(HANDED_TO_COMMAND_LINE), lazyPrograms(isProgram), withoutUnusedParts],
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
  return { ...program, text: asFunction(program.text) }
}

/**
 * Leaves what is behind an `import()` to a program of its own, if it is one. The command line leaves what the request path
 * has, and holds the rest itself.
 */
function lazyPrograms(isProgram: (path: string) => boolean): Plugin {
  return {
    name: 'lazy-programs',
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const module = relative(root, join(resolveDir, path))
        return kind === 'dynamic-import' && isProgram(module)
          ? { external: true, path: `program:${module}` }
          : undefined
      })
    },
  }
}

/** `import("program:src/evaluate.ts")` → `executable.load(3)`. */
function withIndexes(text: string, paths: readonly string[]): string {
  return text.replace(/import\("program:([^"]+)"\)/g, (_, path: string) => `executable.load(${paths.indexOf(path)})`)
}

/**
 * Modules that main.ts holds anyway are not bundled into other programs once more: those find what they use of them
 * in one array, `executable.core`, by its index, which takes less to make, at each start, than an object of so many properties.
 */
class HandedOver {
  readonly #coreModules: ReadonlySet<string>
  readonly #exports = new Map<string, readonly string[]>()

  constructor(coreModules: readonly string[]) {
    this.#coreModules = new Set(coreModules)
  }

  /** For every program but main.ts. */
  plugin(modules: ReadonlySet<string> = this.#coreModules): Plugin {
    return {
      name: 'handed-over',
      setup: setup => {
        setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
          const module = relative(root, join(resolveDir, path))
          return kind === 'import-statement' && modules.has(module)
            ? { namespace: 'core', path: module, sideEffects: false }
            : undefined
        })
        setup.onLoad({ filter: /./, namespace: 'core' }, async ({ path }) => {
          const names = this.#exports.get(path) ?? (await exportsOf(path))
          this.#exports.set(path, names)
          return { contents: names.map(name => `export const ${name} = executable.core.${name}\n`).join('') }
        })
      },
    }
  }

  /** `executable.core.word16` → `executable.core[5]`, once it is known what is handed over. */
  withIndexes(text: string): string {
    const names = this.#names()
    return text.replace(/executable\.core\.([\w$]+)/g, (_, name: string) => {
      if (!names.includes(name)) throw new Error(`nothing hands over ${name}`)
      return `executable.core[${names.indexOf(name)}]`
    })
  }

  /** By path: they were asked for side by side, in any order, and the executable is to be the same each time. */
  #modules(): readonly (readonly [path: string, names: readonly string[]])[] {
    return [...this.#exports].toSorted(([one], [other]) => (one < other ? -1 : 1))
  }

  #names(): readonly string[] {
    const names = this.#modules().flatMap(([, exported]) => exported)
    if (new Set(names).size < names.length) throw new Error(`two modules hand over the same name: ${names}`)
    return names
  }

  /** The entry in the place of main.ts: hands over first, for main.ts begins to work as soon as it is evaluated. */
  entry(): Plugin {
    return {
      name: 'main-with-exports',
      setup: setup => {
        setup.onResolve({ filter: /^\.\/(?:main-with-exports|exports)$/ }, ({ path }) => ({ namespace: 'entry', path }))
        setup.onLoad({ filter: /main-with-exports$/, namespace: 'entry' }, () => {
          return { contents: `import './exports'; import './${MAIN}'`, resolveDir: root }
        })
        setup.onLoad({ filter: /\/exports$/, namespace: 'entry' }, () => {
          const imports = this.#modules().map(([path, names]) => `import { ${names.join(', ')} } from './${path}'\n`)
          return { contents: `${imports.join('')}executable.core = [${this.#names().join(', ')}]`, resolveDir: root }
        })
      },
    }
  }
}

/**
 * An entry in the place of a module, whose exports are plain values: esbuild's own make a getter of each, twice. It calls
 * `module` PROGRAM, for esbuild would take it for a CommonJS module and wrap it up.
 */
async function plainEntry(path: string): Promise<Plugin> {
  const names = (await exportsOf(path)).join(', ')
  return {
    name: 'plain-entry',
    setup(setup) {
      setup.onResolve({ filter: /^\.\/entry$/ }, ({ path }) => ({ namespace: 'entry', path }))
      setup.onLoad({ filter: /./, namespace: 'entry' }, () => {
        return { contents: `import { ${names} } from './${path}'\nPROGRAM.exports = { ${names} }`, resolveDir: root }
      })
    },
  }
}

async function exportsOf(path: string): Promise<readonly string[]> {
  const { metafile } = await bundleProgram({
    ...shared,
    entryPoints: [path],
    plugins: [lazyPrograms(() => true)],
    format: 'esm',
  })
  return Object.values(metafile.outputs)[0]?.exports ?? []
}

/** What yargs brings for help in colours and in wide characters, and for a shell's completion: we have none of these. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'string-width': 'export default text => text.length',
  'ansi-styles': 'export default { codes: new Map() }',
  './completion-templates.js': "export const completionShTemplate = '', completionZshTemplate = ''",
}

const withoutUnusedParts: Plugin = {
  name: 'without-unused-parts',
  setup(setup) {
    setup.onResolve({ filter: /./ }, ({ path }) =>
      Object.hasOwn(LEFT_OUT, path) ? { namespace: 'left-out', path } : undefined,
    )
    setup.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({ contents: LEFT_OUT[path] ?? '' }))
  },
}

/** Puts the values of what is worked out from the tables of parameters and of lists in its place. */
const evaluatedAtBuild: Plugin = {
  name: 'evaluated-at-build',
  setup(setup) {
    setup.onLoad(
      { filter: /\/src\/(?:config\/(?:table|known-parameters)|lists\/(?:zone-rules|refusal-texts|secret-zones))\.ts$/ },
      async ({ path }) => {
        const values: Readonly<Record<string, unknown>> = await import(path)
        const contents = Object.entries(values).map(([name, value]) =>
          typeof value === 'function'
            ? `export const ${name} = () => (${toLiteral(value())})\n`
            : `export const ${name} = ${toLiteral(value)}\n`,
        )
        return { contents: contents.join('') }
      },
    )
  },
}

/** As JSON; an object without a prototype has none there either. */
function toLiteral(value: unknown): string {
  const json = JSON.stringify(value)
  const isBare = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
  return isBare ? `{__proto__:null,${json.slice(1)}` : json
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
