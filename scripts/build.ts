/**
 * Builds `dist/policyd-weight`, the one file that is deployed.
 *
 * V8 reads every function and checks every regular expression of a file it loads: 40 ns a byte, which for yargs
 * alone comes near to starting Node. So the file itself holds only what every request needs. Each `import()` in the
 * sources begins a chunk: a program of its own, bundled apart and put into the file as a string literal, which V8
 * merely skips over, and compiled when the `import()` is reached. The command line is a chunk too, but compressed, as
 * a comment in the last line, since its start-up is of no account. (`npm run bench:spawn` shows what a request costs
 * beside bare Node.)
 *
 * CommonJS, because its modules stay unloaded until they are required; ES modules hoist their built-ins.
 * A `package.json` beside the file says so to Node, whatever the packages above it declare.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import type { Parameter } from '../src/config/parameter.ts'
import { buildAddons } from './build-addon.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const COMMAND_LINE = 'src/cli/main.ts'
/** The command line has modules of its own, with all documentation, but there is one copy of the native part. */
const HANDED_TO_COMMAND_LINE: ReadonlySet<string> = new Set(['src/native/native.ts'])
/** In the executable: the text behind the last `//` of its own file, decompressed. */
const LAST_LINE =
  "require('node:zlib').brotliDecompressSync(Buffer.from(require('node:fs').readFileSync(__filename, 'latin1').trimEnd().split('\\n').pop().slice(2), 'base64')).toString()"

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
  const commandLine = await bundleCommandLine()
  const core = await bundleProgram({ ...shared, entryPoints: ['src/main.ts'], plugins: [withoutChunks] })
  const executable = await bundleProgram({
    ...shared,
    entryPoints: ['src/main.ts'],
    plugins: [chunks(new Set(Object.keys(core.metafile.inputs))), withoutDocumentation],
    define: { NATIVE_ADDONS: JSON.stringify(addons.base64) },
    banner: { js: '#!/usr/bin/env node' },
    footer: { js: `//${brotliCompressSync(commandLine.text).toString('base64')}` },
  })
  const requestPath = await bundleProgram({
    ...shared,
    entryPoints: ['src/main.ts'],
    external: ['./cli/main.ts'],
  })
  return { executable: executable.text, requestPath: requestPath.metafile, commandLine: commandLine.metafile }
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
  return bundleWith(thirdPartyNotices(metafile))
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
 * Turns every `import()` of a source file into a chunk. Modules that the file itself holds anyway are not bundled into
 * chunks once more; those they use are handed to them.
 */
function chunks(coreModules: ReadonlySet<string>): Plugin {
  return {
    name: 'chunks',
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
        kind === 'dynamic-import' ? { namespace: 'chunk', path: relative(root, join(resolveDir, path)) } : undefined,
      )
      setup.onLoad({ filter: /./, namespace: 'chunk' }, async ({ path }) => {
        return { contents: await chunkModule(path, coreModules), resolveDir: root }
      })
    },
  }
}

/** The module that stands for a chunk: compiles it when it is reached, and exports what it exports. */
async function chunkModule(path: string, coreModules: ReadonlySet<string>): Promise<string> {
  if (path === COMMAND_LINE) return stubModule(path, LAST_LINE, [...HANDED_TO_COMMAND_LINE], [])
  const handedOver: string[] = []
  const plugins = [handOver(coreModules, handedOver), chunks(new Set())]
  const { text } = await bundleProgram({ ...shared, entryPoints: [path], plugins })
  const { metafile } = await bundleProgram({ ...shared, entryPoints: [path], plugins, format: 'esm' })
  const [output] = Object.values(metafile.outputs)
  return stubModule(path, JSON.stringify(text), handedOver, output?.exports ?? [])
}

/** `source` is an expression for the chunk's text; `exported` are the names it exports. */
function stubModule(path: string, source: string, handedOver: readonly string[], exported: readonly string[]): string {
  return `
    ${handedOver.map((module, index) => `import * as core${index} from './${module}'`).join('\n')}
    const core = [${handedOver.map((_, index) => `core${index}`)}]
    const module = { exports: {} }
    const load = id => id.startsWith('core:') ? core[id.slice(5)] : require(id)
    require('node:vm').compileFunction(${source}, ['require', 'module', 'exports'], {
      filename: ${JSON.stringify(`policyd-weight:${path}`)},
    })(load, module, module.exports)
    export const { ${exported.join(', ')} } = module.exports
  `
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
  console.log(`dist/policyd-weight  ${statSync(target).size} bytes`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
