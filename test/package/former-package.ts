/**
 * The package of version 0.2.0, built from this repository's own history.
 *
 *   buildFormerPackage(folder) → path of the .deb → upgrade-of-ours.ts, in a clean root
 *
 * It was built with the packages that are here now (package.json is the same), so its sources are taken out of git, and its own
 * scripts build it.
 *
 * Failure: undefined where the history does not reach that far (a shallow clone); a build that fails is an exception.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The last commit of version 0.2.0. */
export const FORMER_COMMIT = '66de234153fef43b48faad78a0b5700a67f1a0b0'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export function buildFormerPackage(folder: string): string | undefined {
  if (spawnSync('git', ['cat-file', '-e', `${FORMER_COMMIT}^{commit}`], { cwd: root }).status !== 0) return undefined
  mkdirSync(folder, { recursive: true })
  execFileSync('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', FORMER_COMMIT, folder], { cwd: root })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  // The same commit gives the same files; there is no git there to ask for its time.
  const date = execFileSync('git', ['log', '-1', '--format=%ct', FORMER_COMMIT], { cwd: root, encoding: 'utf8' }).trim()
  for (const script of ['scripts/build.ts', 'scripts/package/build.ts'])
    execFileSync(process.execPath, ['--import', 'tsx', script], {
      cwd: folder,
      env: { ...process.env, SOURCE_DATE_EPOCH: date },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const [deb] = readdirSync(join(folder, 'build')).filter(name => name.endsWith('.deb'))
  if (deb === undefined) throw new Error(`version 0.2.0 was built without a package in ${folder}/build`)
  return join(folder, 'build', deb)
}
