/**
 * The executable as an administrator installs it, under a folder of a test's own.
 *
 *   const { executable, configuration, node } = installService(folder, parameters)
 *
 * A copy of dist/policyd-weight owned by root, a configuration, a cache directory and a log directory of polw, and a link
 * to Node in the place of /usr/bin/node. Needs root and the user polw.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXECUTABLE } from './executable.ts'
import type { Paths } from './master-cf-example.ts'
import { configurationText, type Parameters } from './policy-process.ts'

export interface Installation extends Paths {
  /** What $LOGFILE is set to unless the parameters say otherwise. */
  readonly log: string
}

/** Makes `node`, `policyd-weight`, `policyd-weight.conf`, `cache/` and `log/` in a folder any user may enter. */
export function installService(folder: string, parameters: Parameters): Installation {
  const node = join(folder, 'node')
  const executable = join(folder, 'policyd-weight')
  const configuration = join(folder, 'policyd-weight.conf')
  const log = join(folder, 'log', 'policy.log')
  cpSync(EXECUTABLE, executable)
  chmodSync(executable, 0o755)
  symlinkSync(process.execPath, node)
  makePolwDirectory(join(folder, 'log'))
  const cache = makePolwDirectory(join(folder, 'cache'))
  writeFileSync(configuration, configurationText({ LOCKPATH: `${cache}/`, LOGFILE: log, ...parameters }))
  return { node, executable, configuration, log }
}

/** Makes a directory that only polw may use; returns its path. */
export function makePolwDirectory(path: string): string {
  mkdirSync(path, { mode: 0o700 })
  chownSync(path, idOf('-u'), idOf('-g'))
  return path
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'polw'], { encoding: 'utf8' }))
}
