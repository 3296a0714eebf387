/**
 * Builds `dist/policyd-weight`, the one file that is deployed.
 *
 * Node reads the file as a whole, and V8 reads every function and checks every regular expression of it: 40 ns a byte, which
 * for yargs alone comes near to starting Node. So the code of the file is loader.ts alone; what it starts stands in it
 * as a comment, which V8 merely passes over: main.ts and a program for each `import()` in the sources, as text; the
 * native part, in base64; the command line, compressed as well, for no mail needs it. `policyd-weight prepare` compiles once what a
 * request needs. (`npm run bench:spawn` shows what a request costs beside bare Node.)
 *
 * Each program holds all modules it needs, even those that another one holds as well: that costs bytes of the file, and
 * nothing at a start, for V8 compiles what is called and nothing else. Such a module must not keep anything for the process;
 * what there may be only one of is handed from program to program.
 *
 * CommonJS, because its modules stay unloaded until they are required; ES modules hoist their built-ins.
 * A `package.json` beside the file says so to Node, whatever the packages above it declare. The code cache for the
 * Node that builds is made last, by the executable itself.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { ADDON } from '../src/system/executable.ts'
import { buildAddons } from './build-addon.ts'
import { evaluatedAtBuild, lazyPrograms } from './build-plugins.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const MAIN = 'src/main.ts'
const COMMAND_LINE = 'src/cli/command-line.ts'
const PACKAGED_UNIT = 'scripts/package/debian/policyd-weight.service'
/** What ends a comment is written like this in one. */
const COMMENT_END = '*<>/'
const SEPARATOR = '\n//: '
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  minify: true,
  charset: 'ascii',
  legalComments: 'none',
  define: { POLICYD_WEIGHT_VERSION: JSON.stringify(version) },
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
  const paths = [MAIN]
  const programs: Record<string, string> = {}
  // Each may lead to further ones, which esbuild comes upon in any order.
  for (const path of paths) {
    const found = new Set<string>()
    const find = (other: string): boolean => {
      found.add(other)
      return true
    }
    const plugins = [evaluatedAtBuild, lazyPrograms(find)]
    programs[path] = asProgram((await bundleProgram({ ...shared, ...(await providing(path)), plugins })).text)
    paths.push(...[...found].filter(other => other !== COMMAND_LINE && !paths.includes(other)).sort())
  }
  const commandLine = await bundleCommandLine(path => paths.includes(path))
  const requestPath = await bundleProgram({ ...shared, entryPoints: [MAIN], external: ['./cli/command-line.ts'] })
  return {
    executable: await assemble(programs, asProgram(commandLine.text), addons.files),
    requestPath: requestPath.metafile,
    commandLine: commandLine.metafile,
  }
}

/** The file: a head for people, the parts as a comment in a function, and loader.ts. */
async function assemble(
  programs: Readonly<Record<string, string>>,
  commandLine: string,
  addons: Readonly<Record<string, Buffer>>,
): Promise<string> {
  const parts = Object.entries(programs).map(
    ([path, text]) => `${path}\n${SELDOM.has(path) ? brotliCompressSync(text).toString('base64') : asComment(text)}`,
  )
  parts.push(`${COMMAND_LINE}\n${brotliCompressSync(commandLine).toString('base64')}`)
  for (const [arch, addon] of Object.entries(addons)) parts.push(`${ADDON}${arch}\n${addon.toString('base64')}`)
  const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()
  const digest = sha256(parts.join(SEPARATOR))
  const digests = Object.entries(addons).map(([arch, addon]) => [arch, sha256(addon).toString('hex').slice(0, 16)])
  const define = {
    ...shared.define,
    ADDON_DIGESTS: JSON.stringify(Object.fromEntries(digests)),
    BUILD_ID: JSON.stringify([digest.readInt32LE(0), digest.readInt32LE(4)]),
    COMMENT_END: JSON.stringify(COMMENT_END),
  }
  const start = await bundleProgram({ ...shared, entryPoints: ['src/boot/loader.ts'], define })
  const comment = `const PARTS=()=>{/*${['', ...parts, ''].join(SEPARATOR)}*/};`
  return `${HEAD}${comment}\nrequire=process.getBuiltinModule;${start.text}`
}

/**
 * Programs that hardly a start needs, which stand compressed: each start reads all of the file, whatever it needs of it. 70 KB less
 * are 0.3 ms less of each, 3 ms more where one of these is loaded: for a configuration that was changed a moment ago, or lists that
 * are probed every ten minutes.
 */
const SELDOM: ReadonlySet<string> = new Set([
  'src/background-probes.ts',
  'src/config/full.ts',
  'src/exceptions/compile-exceptions.ts',
  'src/boot/hint.ts',
  'src/cache/list-remarks.ts',
  'src/dns/event-transport.ts',
  'src/dns/tcp.ts',
  'src/dry-run.ts',
  'src/journal/hidden-addresses.ts',
  'src/log/logger.ts',
  'src/turn/server-trouble.ts',
])

const HEAD = `#!/usr/bin/env node
// policyd-weight ${version}, a policy server for Postfix, GPL-2.0-or-later: all of it, but for Node.js.
// Made by scripts/build.ts of its sources, which are the source: the folder src/, to which the names below lead.
// To read it: behind each "//: NAME" is a program, without blanks; esbuild --pretty or prettier put them in again.
// "${COMMENT_END}" in it stands for the end of a comment. The command line and what hardly a start needs are compressed, the native
// part is in base64:
//   sed -n '\\,^//: src/cli/command-line,{n;p}' policyd-weight | base64 -d | brotli -d
// What Node runs stands behind all that: src/boot/loader.ts.
`

/** A text as it may stand in a comment. */
function asComment(text: string): string {
  if (/[^\x01-\x7f]/.test(text) || text.includes(COMMENT_END) || text.includes(SEPARATOR))
    throw new Error('a program is not ASCII, or has what stands for something else in the executable')
  return text.replaceAll('*/', COMMENT_END)
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

/** An entry point that hands over what a module exports: as a CommonJS module it would do so by half a kilobyte of helpers. */
async function providing(path: string): Promise<BuildOptions> {
  const { metafile } = await bundleProgram({ ...shared, entryPoints: [path], format: 'esm', bundle: false })
  const names = Object.values(metafile.outputs).flatMap(output => output.exports)
  const contents = `import { ${names} } from './${path}'\nObject.assign(provided, { ${names} })`
  return { stdin: { contents, resolveDir: root } }
}

/** A bundle as loader.ts wants it: a function. Its end is on a line of its own, for the last line of a bundle may be a comment. */
function asProgram(text: string): string {
  const loading = text.replaceAll('import("program:', 'executable.load("')
  return `(function(require,provided,executable){"use strict";${loading}\n})`
}

/** The command line as one program, with the licences of what is inside it and of what is not (its inputs include all of the request path's). */
async function bundleCommandLine(isProgram: (path: string) => boolean): Promise<Program> {
  const bundleWith = (notices: string): Promise<Program> =>
    bundleProgram({
      ...shared,
      entryPoints: [COMMAND_LINE],
      plugins: [lazyPrograms(isProgram)],
      // yargs asks for the URL of its own module; compiled from a string, that is the executable.
      banner: { js: 'const ownUrl = require("node:url").pathToFileURL(process.argv[1]).href;' },
      define: {
        ...shared.define,
        THIRD_PARTY_NOTICES: JSON.stringify(notices),
        SERVICE_UNIT: JSON.stringify(readFileSync(join(root, PACKAGED_UNIT), 'utf8')),
        'import.meta.url': 'ownUrl',
      },
    })
  const { metafile } = await bundleWith('')
  return bundleWith(thirdPartyNotices(metafile))
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
