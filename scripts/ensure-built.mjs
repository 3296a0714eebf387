/**
 * Makes a fresh clone ready to run: `npm run demo` and the benchmarks call it first.
 *
 * Installs what package-lock.json names if node_modules is missing or older, then builds dist/policyd-weight if it is
 * missing or older than its sources. One line for each step that is needed, none if there is nothing to do.
 *
 * Plain JavaScript, built-in modules only: it runs before anything is installed. "Older" is by modification time;
 * npm writes node_modules/.package-lock.json last of all, so an installation that was cut off counts as missing.
 *
 * Failure: the output of the step that failed is shown, exit status 1.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const executable = 'dist/policyd-weight'
const buildScripts = ['scripts/build.ts', 'scripts/third-party-notices.ts', 'package.json']

if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json'))
  runStep('npm ci: installing the packages of package-lock.json', ['ci', '--loglevel=error'])
if (modifiedMs(executable) < Math.max(...[...filesIn('src'), ...buildScripts].map(modifiedMs)))
  runStep(`npm run build: building ${executable}`, ['run', 'build'])

/** Milliseconds since 1970; 0 for a file that does not exist. */
function modifiedMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true }).map(name => join(folder, name))
}

function runStep(what, npmArguments) {
  const startMs = Date.now()
  process.stdout.write(`${what} ... `)
  const { status, stdout, stderr, error } = spawnSync('npm', npmArguments, { cwd: root, encoding: 'utf8' })
  if (status === 0) {
    console.log(`${((Date.now() - startMs) / 1000).toFixed(1)} s`)
    return
  }
  console.log('failed')
  console.error(error ? error.message : stdout + stderr)
  process.exit(1)
}
