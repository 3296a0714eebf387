/**
 * Installs the Debian package in a clean root directory, uses it, and removes it: `npm run test:package`.
 *
 * Needs root, Debian's debootstrap and util-linux, and a way to Debian's packages; the packages themselves have been
 * built (`npm run package`). All the rest happens in inside.ts, in namespaces of its own: no network but a
 * loopback of its own, and no process outlives it. Whatever was made is removed.
 *
 * Failure: exit status 1 and what went wrong; the last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCleanRoot } from './clean-root.ts'

const here = dirname(fileURLToPath(import.meta.url))
const output = join(here, '..', '..', 'build')

function newestPackage(): string {
  const names = readdirSync(output).filter(name => name.endsWith('.deb'))
  const [only] = names
  if (only === undefined || names.length > 1)
    throw new Error(`build/ has ${names.length} packages, not one; empty it and run: npm run package`)
  return join(output, only)
}

function main(): number {
  if (process.getuid?.() !== 0) {
    console.error('test:package makes a root directory and needs root')
    return 1
  }
  if (spawnSync('debootstrap', ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.error('there is no debootstrap: apt-get install debootstrap')
    return 1
  }
  const deb = newestPackage()
  const startMs = Date.now()
  const seconds = (): string => `${((Date.now() - startMs) / 1000).toFixed(0)} s`
  const root = makeCleanRoot(mkdtempSync(join(tmpdir(), 'policyd-weight-root-')), [
    'nodejs',
    'man-db',
    'policyd-weight',
    'postfix',
    'swaks',
  ])
  try {
    console.log(`# ${root.path}: a clean root directory, ${seconds()}`)
    copyFileSync(deb, join(root.path, 'policyd-weight.deb'))
    const node = [process.execPath, '--import', 'tsx', join(here, 'inside.ts'), root.path]
    const { status } = spawnSync(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--', ...node],
      { stdio: 'inherit' },
    )
    console.log(`# ${seconds()}`)
    return status ?? 1
  } finally {
    root.remove()
  }
}

process.exitCode = main()
