/**
 * Runs a program of the tests beside a clean root directory of each release of Debian.
 *
 *   tryEachSuite({ name: 'test:package', inside: '/…/inside.ts', packages: ['postfix'], atOnce: 2 }) → exit status
 *
 * `--suite trixie` on the command line is that one alone. Needs root, Debian's debootstrap and util-linux, and a way to
 * Debian's packages; our package has been built (`npm run package`) and lies in the root as /policyd-weight.deb. The program is
 * started as `inside.ts ROOT SUITE` in namespaces of its own: no network but a loopback of its own, and no process outlives
 * it. Its last line is `N passed, N failed`. Whatever was made is removed.
 *
 * Failure: exit status 1 and what went wrong; the last line is `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runInJobs } from '../conformance/run-in-jobs.ts'
import { makeCleanRoot, NODE_PACKAGE, SUITES, type Suite } from './clean-root.ts'

/** A program that hangs is ended then, with all that it has started. */
const LIMIT_MS = 20 * 60_000
const output = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'build')

export interface Trial {
  /** Of the npm script, for messages. */
  readonly name: string
  readonly inside: string
  /** Installed from the start. */
  readonly included?: readonly string[]
  /** Downloaded, for the program to install. */
  readonly packages: readonly string[]
  /** Programs it needs on this machine, and the Debian package that has each. */
  readonly tools?: Readonly<Record<string, string>>
  /** Releases at the same time: much of it is waiting for packages. */
  readonly atOnce: number
  /** Puts in a root what else the program needs. */
  readonly prepare?: (root: string) => void
}

/** The exit status. */
export async function tryEachSuite(trial: Trial): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error(`${trial.name} makes a root directory and needs root`)
    return 1
  }
  for (const [tool, from] of Object.entries({ debootstrap: 'debootstrap', ...trial.tools }))
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0) {
      console.error(`there is no ${tool}: apt-get install ${from}`)
      return 1
    }
  const { values } = parseArgs({ options: { suite: { type: 'string' } } })
  const suites = Object.values(SUITES).filter(suite => (values.suite ?? suite) === suite)
  if (suites.length === 0) throw new Error(`no suite ${values.suite}; there are ${Object.values(SUITES).join(', ')}`)
  let [passed, failed] = [0, 0]
  await runInJobs(suites, trial.atOnce, async suite => {
    try {
      const [held, didNot] = await tryIn(suite, trial)
      passed += held
      failed += didNot
    } catch (error) {
      // The other release comes to its end, and what was made for it is removed.
      console.error(error)
      failed++
    }
  })
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** Tries it in a root of one release; how many things held, and how many did not. */
async function tryIn(
  suite: Suite,
  { inside, included = [], packages, prepare }: Trial,
): Promise<readonly [passed: number, failed: number]> {
  const deb = newestPackage()
  const startMs = Date.now()
  const seconds = (): string => `${((Date.now() - startMs) / 1000).toFixed(0)} s`
  const own = NODE_PACKAGE[suite].startsWith('/') ? [] : [NODE_PACKAGE[suite]]
  const path = mkdtempSync(join(tmpdir(), 'policyd-weight-root-'))
  const root = await makeCleanRoot(path, suite, { included, downloaded: [...own, ...packages] })
  try {
    console.log(`# ${root.path}: a clean root directory of ${suite}, ${seconds()}`)
    copyFileSync(deb, join(root.path, 'policyd-weight.deb'))
    prepare?.(root.path)
    const node = [process.execPath, '--import', 'tsx', inside, root.path, suite]
    const { stdout } = spawn(
      'unshare',
      ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--', ...node],
      { stdio: ['inherit', 'pipe', 'inherit'], timeout: LIMIT_MS },
    )
    const printed = await text(stdout)
    const [, passed = '0', failed = '1'] = /^(\d+) passed, (\d+) failed$/m.exec(printed) ?? []
    console.log(printed.replace(/^\d+ passed, .*\n/m, `# ${seconds()}\n`).trimEnd())
    return [Number(passed), Number(failed)]
  } finally {
    root.remove()
  }
}

function newestPackage(): string {
  const names = readdirSync(output).filter(name => name.endsWith('.deb'))
  const [only] = names
  if (only === undefined || names.length > 1)
    throw new Error(`build/ has ${names.length} packages, not one; empty it and run: npm run package`)
  return join(output, only)
}
