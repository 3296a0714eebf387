/**
 * Builds the native part, src/system/native/*.c, for each architecture there is a compiler for.
 *
 *   addon.c and what it names → cc → dist/native/linux-x64.node, linux-arm64.node → build.ts puts them into the executable, as text
 *
 * The compiler of this machine's own architecture is `cc`; the other one's is Debian's cross compiler, if it is
 * installed. The addons are linked with nothing (-nostdlib): their symbols are found in the node process that loads
 * them. They are kept small because each start carries them: no build id, no tables for exceptions, which C has none of, no
 * page of its own for code, and no RELRO, which on arm64 alone is 60 KB of padding. They are optimised as one, by the linker:
 * compiled each by itself, the files come to 1.6 KB more on arm64. Sections are left out.
 *
 * Failure: without a compiler, or on another system than Linux, that architecture is left out and a note says so; the
 * executable then works without the shared cache. An error the compiler reports is thrown, its text having been shown.
 * Sources: src/system/native/addon.c; elf(5).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const sources = join(root, 'src', 'system', 'native')

const ARCHITECTURES = [
  { arch: 'x64', crossCompiler: 'x86_64-linux-gnu-gcc', link: [] },
  // Its pages may have so much: the data begins on another one anyway, and need not in the file.
  { arch: 'arm64', crossCompiler: 'aarch64-linux-gnu-gcc', link: ['-Wl,-z,common-page-size=65536'] },
] as const

// Fortified calls (__syslog_chk) exist in glibc only.
const COMPILE =
  '-std=c11 -D_GNU_SOURCE -U_FORTIFY_SOURCE -Wall -Wextra -Werror -Os -fPIC -fvisibility=hidden ' +
  '-flto -fno-plt -fno-ident -fno-asynchronous-unwind-tables -fno-unwind-tables'
const LINK = '-shared -nostdlib -s -Wl,-z,now -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,--build-id=none'

/** What was built. */
export interface Addons {
  /** `process.arch` → the addon. What native.ts is handed. */
  readonly files: Readonly<Record<string, Buffer>>
  /** A line for each architecture: its size, or why it was left out. */
  readonly notes: readonly string[]
}

/** The file an addon is built into: `'x64'` → `…/dist/native/linux-x64.node`. */
export function addonFile(arch: string): string {
  return join(root, 'dist', 'native', `linux-${arch}.node`)
}

/** Builds all it can. Throws when a compiler finds a fault. */
export function buildAddons(): Addons {
  const files: Record<string, Buffer> = {}
  const notes: string[] = []
  for (const { arch, crossCompiler, link } of ARCHITECTURES) {
    const compiler = arch === process.arch && process.platform === 'linux' ? 'cc' : crossCompiler
    const file = addonFile(arch)
    if (compile(compiler, file, link)) {
      const bytes = readFileSync(file)
      files[arch] = bytes
      notes.push(`native part, linux ${arch}: ${bytes.length} bytes`)
    } else notes.push(`native part, linux ${arch}: left out, there is no ${compiler}`)
  }
  return { files, notes }
}

/** False: there is no such compiler. */
function compile(compiler: string, file: string, link: readonly string[]): boolean {
  mkdirSync(dirname(file), { recursive: true })
  const headers = join(root, 'node_modules', 'node-api-headers', 'include')
  const flags = [...COMPILE.split(' '), `-I${headers}`, ...LINK.split(' '), ...link]
  // Renamed into place: a process may have the old file mapped. The number keeps two builds at once apart.
  const built = `${file}.${process.pid}`
  const files = readdirSync(sources).filter(name => name.endsWith('.c'))
  try {
    execFileSync(compiler, [...flags, '-o', built, ...files.sort()], { cwd: sources, stdio: 'inherit' })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
  writeFileSync(built, withoutSections(readFileSync(built)))
  renameSync(built, file)
  return true
}

/** What dlopen(3) maps, and no more: a kilobyte less. The names and places of sections are for linkers and debuggers. */
function withoutSections(file: Buffer): Buffer {
  const [sections, count, names] = [0x28, 0x3c, 0x3e]
  const [segments, segmentBytes] = [Number(file.readBigUInt64LE(0x20)), file.readUInt16LE(0x36)]
  const ends = Array.from({ length: file.readUInt16LE(0x38) }, (_, index) => {
    const at = segments + index * segmentBytes
    return Number(file.readBigUInt64LE(at + 0x08) + file.readBigUInt64LE(at + 0x20))
  })
  file.writeBigUInt64LE(0n, sections)
  file.writeUInt16LE(0, count)
  file.writeUInt16LE(0, names)
  return file.subarray(0, Math.max(...ends))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const note of buildAddons().notes) console.log(note)
