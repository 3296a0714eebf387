/**
 * What the side-by-side benchmark needs, and gets by itself: Debian packages, Node binaries, its own C programs.
 *
 *   run.ts → packages, nodes, programs → the plan
 *
 * Packages are installed without starting their services. Node binaries come as npm packages and are kept in
 * node_modules/.cache, so only the first run loads them. The C programs are compiled into the run's own folder.
 *
 * Failure: an error with the output of the command that failed. Not root: an error.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const nodeFolder = join(here, '..', '..', 'node_modules', '.cache', 'policyd-weight-bench')

const PACKAGES = ['policyd-weight', 'postfwd', 'mtpolicyd', 'strace', 'valgrind', 'linux-perf', 'gcc', 'libc6-dev']
const PROGRAMS = ['policy-clock', 'load', 'dns-server', 'log-sink'] as const
/** Asked by dpkg's maintainer scripts before they start a service; 101: no. */
const START_POLICY = '/usr/sbin/policy-rc.d'

/** The compiled C programs: paths by name. */
export type Programs = Readonly<Record<(typeof PROGRAMS)[number], string>>

/** The versions of Node to compare, each with its binary: `{ major: 22, version: 'v22.23.3', path: '/…/bin/node' }`. */
export interface NodeBinary {
  readonly major: number
  readonly version: string
  readonly path: string
}

/** Installs the Debian packages that are missing. Returns the version of each: `{ postfwd: '1.35-8' }`. */
export function installPackages(): Readonly<Record<string, string>> {
  const missing = PACKAGES.filter(name => versionOf(name) === '')
  if (missing.length > 0) {
    const hasPolicy = existsSync(START_POLICY)
    if (!hasPolicy) writeFileSync(START_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    try {
      run('apt-get', ['update', '-qq'])
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing])
    } finally {
      if (!hasPolicy) rmSync(START_POLICY)
    }
  }
  return Object.fromEntries(PACKAGES.map(name => [name, versionOf(name)]))
}

/** `'1.35-8'`; empty: not installed. */
function versionOf(name: string): string {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' })
  return /^Status: .* installed$/m.test(stdout) ? (/^Version: (.*)$/m.exec(stdout)?.[1] ?? '') : ''
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
  run('npm', ['pack', '--silent', '--pack-destination', folder, `${packageName}@${major}`])
  const archive = readdirSync(folder)[0]
  if (archive === undefined) throw new Error(`npm pack ${packageName}@${major} left nothing`)
  run('tar', ['-xzf', join(folder, archive), '-C', folder, '--strip-components=2', 'package/bin/node'])
  renameSync(join(folder, 'node'), target)
  rmSync(folder, { recursive: true })
  return target
}

/** Compiles them into a folder: `compilePrograms('/tmp/x').load` → '/tmp/x/load'. */
export function compilePrograms(folder: string): Programs {
  const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror']
  const paths = PROGRAMS.map(name => {
    const path = join(folder, name)
    run('cc', [...flags, '-o', path, join(here, `${name}.c`)])
    return [name, path] as const
  })
  return Object.fromEntries(paths) as Programs
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}
