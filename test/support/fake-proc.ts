/**
 * A proc(5) of a test's own, with processes of its making.
 *
 *   const proc = makeProc(folder); proc.add({ pid: 812, name: 'master', unit: 'postfix.service', seccomp: 2, ageSeconds: 60 })
 *
 * Files have the form that Linux 6 gives them, as far as they are read here.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const UPTIME_SECONDS = 1_000_000

export interface FakeProcess {
  readonly pid: number
  readonly name: string
  readonly ageSeconds: number
  /** 0: no filter, 2: one. */
  readonly seccomp?: number
  readonly unit?: string
}

export interface FakeProc {
  readonly path: string
  add(process: FakeProcess): void
}

export function makeProc(path: string): FakeProc {
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'uptime'), `${UPTIME_SECONDS}.00 0.00\n`)
  writeFileSync(join(path, 'stat'), `cpu 0 0\nbtime ${Math.floor(Date.now() / 1000) - UPTIME_SECONDS}\n`)
  return {
    path,
    add({ pid, name, ageSeconds, seccomp = 0, unit }) {
      const folder = join(path, String(pid))
      mkdirSync(folder, { recursive: true })
      const file = (file: string, text: string): void => writeFileSync(join(folder, file), text)
      const between = Array.from({ length: 18 }, () => '0').join(' ')
      file('stat', `${pid} (${name}) S ${between} ${(UPTIME_SECONDS - ageSeconds) * 100} 0 0\n`)
      file('cmdline', `/usr/lib/postfix/sbin/${name}\0-w\0`)
      file('status', `Name:\t${name}\nUid:\t0\t0\t0\t0\nSeccomp:\t${seccomp}\nSeccomp_filters:\t${seccomp}\n`)
      const group = unit === undefined ? '/user.slice/session-1.scope' : `/system.slice/${unit}`
      // Of both versions, as on hosts that have both.
      file('cgroup', `2:pids:${group}\n1:name=systemd:${group}\n0::${group}\n`)
    },
  }
}
