/**
 * A daemon that systemd runs: which unit it is, and how that is restarted.
 *
 *   restart.ts: process → unitOf → restartUnit
 *
 * A process is in the control group of whoever started it, of a session or of cron(8), too; it is a unit's daemon if that
 * names it as its main process.
 *
 * Failure: without systemd, undefined; DaemonError with what systemctl(1) says.
 * Sources: cgroups(7), systemctl(1).
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { DaemonError } from '../../daemon/daemon-error.ts'
import type { RunningProcess } from '../../daemon/process-table.ts'
import { EXIT_UNAVAILABLE } from '../../system/exit-status.ts'

/** systemd itself gives a stop and a start up before. */
const RESTART_MS = 200_000
const SHOW_MS = 5000

/** `'policyd-weight.service'`; undefined: systemd has not started it. */
export function unitOf({ pid }: RunningProcess): string | undefined {
  const unit = unitIn(groupsOf(pid))
  if (unit === undefined) return undefined
  const { stdout } = runSystemctl(['show', '--property=MainPID', '--value', unit], SHOW_MS)
  return stdout.trim() === String(pid) ? unit : undefined
}

/** `'0::/system.slice/policyd-weight.service\n'` → its name. */
export function unitIn(groups: string): string | undefined {
  return /\/([\w@:.\\-]+\.service)$/m.exec(groups)?.[1]
}

/** Restarts a unit; returns what to say. Throws DaemonError. */
export function restartUnit(unit: string): string {
  const { status, stderr } = runSystemctl(['restart', unit], RESTART_MS)
  if (status === 0) return `policyd-weight: restarted by systemd, ${unit}\n`
  throw new DaemonError(EXIT_UNAVAILABLE, `systemctl restart ${unit} has failed: ${stderr.trim().slice(0, 500)}`)
}

function groupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'latin1')
  } catch {
    return ''
  }
}

function runSystemctl(args: readonly string[], timeout: number) {
  const { status, stdout, stderr, error } = spawnSync('systemctl', args, {
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
    encoding: 'utf8',
    timeout,
    maxBuffer: 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return { status, stdout: stdout ?? '', stderr: error ? error.message : stderr }
}
