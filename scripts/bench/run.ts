/**
 * The benchmarks: of this project beside bare Node and its peers, and of this project alone.
 *
 *   npm run bench            run.ts → install.ts → sandbox.sh (namespaces of its own) → measure.ts → bench/results.json, bench/RESULTS.md
 *   npm run bench:spawn      a process for one request, beside bare Node        (run.ts spawn)
 *   npm run bench:profiles   what the rules of the profile modern cost          (run.ts profiles)
 *   npm run bench:silence    what one silent list costs a mail                  (run.ts silence)
 *   npm run bench:memory     instances that wait, and a daemon's connections    (run.ts memory)
 *   npm run bench:postfix    what the service costs a real Postfix              (run.ts postfix)
 *
 *   --rounds N       instead of the usual number
 *   --dist FOLDER    where the executable lies that is measured, instead of dist/
 *   --quick, --table NAME   of `bench`: few rounds; only this table, may be repeated (tables.ts has the list)
 *   --mails N, --max-use N  of `bench:postfix`: in each round; connections that an smtpd(8) serves, instead of master.cf.example's
 *   --strict         of the others: exit status 1 if a target is missed, which is shown anyway: a benchmark says what is
 *
 * `bench` needs root (packages, namespaces, port 53, other users) and Debian; with --quick, --table, --rounds or --dist it prints
 * tables, and the files in bench/ stay as they are. Progress on standard error. Whatever was started ends with the run, by the
 * kernel: all of it lives in a process namespace that ends with measure.ts.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from './bench.ts'
import { installPackages } from '../debian-packages.ts'
import { compilePrograms, installNodes, PACKAGES } from './install.ts'
import type { SandboxPlan } from './measure.ts'
import { renderTable } from './results.ts'
import { OWN, TABLE_NAMES } from './tables.ts'

const NODE_MAJORS = [20, 22, 24, 26]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    dist: { type: 'string' },
    table: { type: 'string', multiple: true, default: [] },
    mails: { type: 'string', default: '200' },
    'max-use': { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
})
const dist = resolve(values.dist ?? join(ROOT, 'dist'))
const rounds = values.rounds === undefined ? undefined : Number(values.rounds)

async function measureOwn(name: string): Promise<void> {
  const measure = OWN.get(name)
  if (!measure) throw new Error(`no benchmark ${name}; there are ${[...OWN.keys()].join(', ')}`)
  const measured = await measure({ rounds, dist, mails: Number(values.mails), maxUse: values['max-use'] })
  console.log(renderTable(measured))
  for (const [target, isMet] of Object.entries(measured.targets ?? {})) {
    console.log(`${isMet ? 'ok  ' : 'MISS'} ${target}`)
    if (!isMet && values.strict) process.exitCode = 1
  }
}

function measureSideBySide(): void {
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
    process.stderr.write('installing packages and Node binaries\n')
    const plan: SandboxPlan = {
      isSandbox: true,
      packages: installPackages(PACKAGES),
      nodes: installNodes(NODE_MAJORS),
      programs: compilePrograms(folder),
      dist,
      folder: sandbox,
      rounds: rounds ?? (values.quick ? 3 : 30),
      isQuick: values.quick,
      tables: TABLE_NAMES.filter(name => values.table.length === 0 || values.table.includes(name)),
      isWhole: !values.quick && rounds === undefined && values.dist === undefined && values.table.length === 0,
    }
    const planFile = join(folder, 'plan.json')
    writeFileSync(planFile, JSON.stringify(plan))
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
    const scripts = join(ROOT, 'scripts', 'bench')
    const measure = [process.execPath, '--import', import.meta.resolve('tsx'), join(scripts, 'measure.ts'), planFile]
    const { status } = spawnSync('unshare', [...namespaces, 'sh', join(scripts, 'sandbox.sh'), sandbox, ...measure], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    process.exitCode = status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [name] = positionals
if (name === undefined) measureSideBySide()
else await measureOwn(name)
