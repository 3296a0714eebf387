/**
 * A release, up to what a person has to look at (`npm run release -- 0.3.0 [--skip-ci]`).
 *
 *   checkout that is clean → everything CI runs → version in package.json, date in CHANGELOG.md, pages → what is left to do
 *
 * Nothing is committed, tagged or sent. `--skip-ci`: everything has run on this very commit already.
 * Failure: a message and status 1; nothing is written before all checks have passed.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { withRelease } from './release/changelog.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { 'skip-ci': { type: 'boolean', default: false } },
})

function run(command: string, ...args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) fail(`${[command, ...args].join(' ')} has failed`)
}

function fail(why: string): never {
  console.error(`release: ${why}`)
  process.exit(1)
}

const [version] = positionals
if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version)) fail('which version? npm run release -- 0.3.0')
const { stdout: changes } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' })
if (changes.trim() !== '') fail('the checkout has changes; commit or stash them first')

const file = join(root, 'CHANGELOG.md')
const changelog = withRelease(readFileSync(file, 'utf8'), version, new Date().toISOString().slice(0, 10))
if (typeof changelog !== 'string') fail(changelog.fault)
if (!values['skip-ci']) run('bash', '.ci/run')

run('npm', 'version', '--no-git-tag-version', '--allow-same-version', version)
writeFileSync(file, changelog)
run('npm', 'run', '--silent', 'docs')
run('npm', 'run', '--silent', 'package')
console.log(`
${version} is written. Left to do:
  git diff                       look at it, above all at README.md and docs/ where a file name has the version
  git commit -am 'Release ${version}' && git tag -s v${version}
  attach what is in build/`)
