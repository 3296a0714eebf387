/**
 * Makes a fresh clone ready to run: `npm run demo` and the benchmarks call it first.
 *
 * Installs what package-lock.json names if node_modules is missing or older, then builds dist/policyd-weight if it is
 * missing or older than its sources. One line for each step that is needed, which shows that it goes on; none if there is
 * nothing to do.
 *
 * Plain JavaScript, built-in modules only: it runs before anything is installed. "Older" is by modification time;
 * npm writes node_modules/.package-lock.json last of all, so an installation that was cut off counts as missing.
 *
 * Failure: the output of the step that failed is shown, exit status 1.
 */
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const executable = 'dist/policyd-weight'
const buildScripts = ['build.ts', 'build-addon.ts', 'build-plugins.ts', 'third-party-notices.ts'].map(
  name => `scripts/${name}`,
)

if (modifiedMs('node_modules/.package-lock.json') < modifiedMs('package-lock.json'))
  await runStep('npm ci: installing the packages of package-lock.json', ['ci', '--loglevel=error'])
if (modifiedMs(executable) < Math.max(...[...filesIn('src'), ...buildScripts, 'package.json'].map(modifiedMs)))
  await runStep(`npm run build: building ${executable}`, ['run', 'build'])

/** Milliseconds since 1970; 0 for a file that does not exist. */
function modifiedMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true }).map(name => join(folder, name))
}

async function runStep(what, npmArguments) {
  const startMs = performance.now()
  const seconds = () => `${((performance.now() - startMs) / 1000).toFixed(0)} s`
  process.stdout.write(`${what} ... `)
  // A terminal shows the seconds in their place, a log a dot for every five.
  const show = process.stdout.isTTY
    ? () => process.stdout.write(`\r${what} ... ${seconds()} `)
    : () => process.stdout.write('.')
  const timer = setInterval(show, process.stdout.isTTY ? 1000 : 5000)
  const { status, output } = await run('npm', npmArguments)
  clearInterval(timer)
  if (process.stdout.isTTY) process.stdout.write(`\r${what} ... `)
  console.log(status === 0 ? ` ${seconds()}` : ' failed')
  if (status === 0) return
  console.error(output)
  process.exit(1)
}

/** Resolves when it has ended, to its status and all it printed. */
function run(command, commandArguments) {
  return new Promise(resolve => {
    const child = spawn(command, commandArguments, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
    child.on('error', error => resolve({ status: 1, output: error.message }))
    child.on('close', status => resolve({ status, output }))
  })
}
