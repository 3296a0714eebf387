/**
 * The side-by-side benchmark (`npm run bench`): this project, bare Node, and its peers in one run.
 *
 *   run.ts → install.ts → sandbox.sh (namespaces of its own) → measure.ts → bench/results.json → bench/RESULTS.md
 *
 *   --quick          few rounds; tables are printed, the files in bench/ stay as they are
 *   --table NAME     only this one, may be repeated (plan.ts has the list); likewise
 *   --rounds N       instead of 30; likewise
 *   --dist FOLDER    where the executable lies that is measured, instead of dist/; likewise
 *
 * Needs root (packages, namespaces, port 53, other users) and Debian. Progress on standard error. Whatever was started
 * ends with the run, by the kernel: all of it lives in a process namespace that ends with measure.ts.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compilePrograms, installNodes, installPackages } from './install.ts'
import { type Plan, TABLE_NAMES } from './plan.ts'

const here = dirname(fileURLToPath(import.meta.url))
const NODE_MAJORS = [20, 22, 24, 26]

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    dist: { type: 'string' },
    table: { type: 'string', multiple: true, default: [] },
  },
})
const unknown = values.table.find(name => !TABLE_NAMES.some(known => known === name))
if (unknown !== undefined) throw new Error(`no table ${unknown}; there are ${TABLE_NAMES.join(', ')}`)
if (process.getuid?.() !== 0) throw new Error('the benchmark needs root: it installs packages and makes namespaces')

process.umask(0o022)
const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
const sandbox = join(folder, 'sandbox')
try {
  // Contenders run as other users and read what lies in it.
  chmodSync(folder, 0o755)
  mkdirSync(sandbox)
  mkdirSync(join(folder, 'bin'))
  process.stderr.write('installing packages and Node binaries\n')
  const plan: Plan = {
    packages: installPackages(),
    nodes: installNodes(NODE_MAJORS),
    programs: compilePrograms(join(folder, 'bin')),
    dist: resolve(values.dist ?? join(here, '..', '..', '..', 'dist')),
    folder: sandbox,
    rounds: Number(values.rounds ?? (values.quick ? 3 : 30)),
    isQuick: values.quick,
    tables: TABLE_NAMES.filter(name => values.table.length === 0 || values.table.includes(name)),
    isWhole: Object.values(values).every(value => !value || (Array.isArray(value) && value.length === 0)),
  }
  const planFile = join(folder, 'plan.json')
  writeFileSync(planFile, JSON.stringify(plan))
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const measure = [process.execPath, '--import', import.meta.resolve('tsx'), join(here, 'measure.ts'), planFile]
  const { status } = spawnSync('unshare', [...namespaces, 'sh', join(here, 'sandbox.sh'), sandbox, ...measure], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
