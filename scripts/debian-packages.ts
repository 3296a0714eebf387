/**
 * Debian's packages, for what measures and tries this program beside others.
 *
 *   installPackages(['postfwd']) → { postfwd: '1.35-8' }
 *
 * Installed is what is missing, without starting its services or asking anything. Failure: an error with the output of the
 * command that failed; not root, where something is missing, is one.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** Asked by dpkg's maintainer scripts before they start a service; 101: no. */
const START_POLICY = '/usr/sbin/policy-rc.d'
const ANSWERS = 'postfix postfix/main_mailer_type select No configuration\n'

/** Returns the version of each. */
export function installPackages(names: readonly string[]): Readonly<Record<string, string>> {
  const missing = names.filter(name => versionOf(name) === '')
  if (missing.length > 0) {
    const hasPolicy = existsSync(START_POLICY)
    if (!hasPolicy) writeFileSync(START_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
    const run = (command: string, args: readonly string[], input = ''): void => {
      execFileSync(command, args, { input, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    }
    try {
      run('debconf-set-selections', [], ANSWERS)
      run('apt-get', ['update', '-qq'])
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing])
    } finally {
      if (!hasPolicy) rmSync(START_POLICY)
    }
  }
  return Object.fromEntries(names.map(name => [name, versionOf(name)]))
}

/** `'1.35-8'`; empty: not installed. */
function versionOf(name: string): string {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' })
  return /^Status: .* installed$/m.test(stdout) ? (/^Version: (.*)$/m.exec(stdout)?.[1] ?? '') : ''
}
