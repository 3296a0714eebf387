/**
 * Installs the Debian package in clean root directories, uses it, and removes it: `npm run test:package [-- --suite trixie]`.
 *
 * One of Debian 12, one of Debian 13, behind one another.
 *
 * Needs root, Debian's debootstrap and util-linux, and a way to Debian's packages; the packages themselves have been
 * built (`npm run package`). All the rest happens in inside.ts, in namespaces of its own: no network but a
 * loopback of its own, and no process outlives it. Whatever was made is removed.
 *
 * Failure: exit status 1 and what went wrong; the last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeCleanRoot, NODE_PACKAGE, SUITES, type Suite } from './clean-root.ts'
import { buildFormerPackage, FORMER_COMMIT } from './former-package.ts'
import { FORMER_PACKAGE } from './upgrade-of-ours.ts'

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
  const { values } = parseArgs({ options: { suite: { type: 'string' } } })
  const suites = Object.values(SUITES).filter(suite => (values.suite ?? suite) === suite)
  if (suites.length === 0) throw new Error(`no suite ${values.suite}; there are ${Object.values(SUITES).join(', ')}`)
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-former-'))
  let counts: (readonly [passed: number, failed: number])[]
  try {
    const former = buildFormerPackage(folder)
    if (former === undefined)
      console.log(`# not tried: the upgrade from 0.2.0; this clone does not have ${FORMER_COMMIT}`)
    counts = suites.map(suite => tryIn(suite, former))
  } finally {
    rmSync(folder, { recursive: true })
  }
  const [passed, failed] = [0, 1].map(i => counts.reduce((sum, count) => sum + (count[i] as number), 0))
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** Tries it in a root of one release; how many things held, and how many did not. */
function tryIn(suite: Suite, former: string | undefined): readonly [passed: number, failed: number] {
  const deb = newestPackage()
  const startMs = Date.now()
  const seconds = (): string => `${((Date.now() - startMs) / 1000).toFixed(0)} s`
  const packages = ['man-db', 'adduser', 'policyd-weight', 'postfix', 'swaks', 'libstdc++6']
  const own = NODE_PACKAGE[suite].startsWith('/') ? [] : [NODE_PACKAGE[suite]]
  const root = makeCleanRoot(mkdtempSync(join(tmpdir(), 'policyd-weight-root-')), suite, [...own, ...packages])
  try {
    console.log(`# ${root.path}: a clean root directory of ${suite}, ${seconds()}`)
    copyFileSync(deb, join(root.path, 'policyd-weight.deb'))
    if (former !== undefined) copyFileSync(former, join(root.path, FORMER_PACKAGE))
    const node = [process.execPath, '--import', 'tsx', join(here, 'inside.ts'), root.path, suite]
    const { stdout } = spawnSync(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--', ...node],
      { stdio: ['inherit', 'pipe', 'inherit'], encoding: 'utf8' },
    )
    const [, passed = '0', failed = '1'] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? []
    console.log(stdout.replace(/^\d+ passed, .*\n/m, `# ${seconds()}\n`).trimEnd())
    return [Number(passed), Number(failed)]
  } finally {
    root.remove()
  }
}

process.exitCode = main()
