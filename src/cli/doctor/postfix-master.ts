/**
 * The master(8) of Postfix that runs: which process, since when, in which unit of systemd, and whether a seccomp filter
 * confines it.
 *
 *   queue directory, what systemd says of Postfix's units → PostfixMaster → check-confinement.ts, check-answers.ts
 *
 * A filter is for the life of a process and of all it starts: what a unit's file says now is what the next master will have,
 * not the one that runs. Its number is in pid/master.pid of the queue directory, which is root's to read; systemd may know it.
 *
 * Failure: undefined; none runs, or it is not to be seen.
 * Sources: master(8); proc_pid_status(5), "Seccomp"; cgroups(7).
 */
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ageSeconds, findProcess } from '../../daemon/process-table.ts'
import { unitIn } from '../daemon/systemd-unit.ts'
import { attempt } from '../rights/look-files.ts'

export interface PostfixMaster {
  readonly pid: number
  readonly startedMs: number
  /** Whether it has a seccomp filter. */
  readonly isFiltered: boolean
  /** `postfix.service`; undefined: it was started in a session, or there is no systemd. */
  readonly unit: string | undefined
}

/** `mainPids`: those that systemd takes for it. `proc`: where proc(5) is. */
export function findMaster(queue: string, mainPids: readonly number[], proc = '/proc'): PostfixMaster | undefined {
  const written = read(join(queue, 'pid', 'master.pid'))
  for (const pid of written === undefined ? mainPids : [Number(written)]) {
    const status = pid > 0 ? read(`${proc}/${pid}/status`) : undefined
    const process = findProcess(pid, proc)
    // The file stays when Postfix ends, and its number is somebody else's some day.
    if (status === undefined || process === undefined || !/^Name:\s*master$/m.test(status)) continue
    return {
      pid,
      startedMs: Date.now() - 1000 * ageSeconds(process, proc),
      isFiltered: /^Seccomp:\s*2$/m.test(status),
      unit: unitIn(read(`${proc}/${pid}/cgroup`) ?? ''),
    }
  }
  return undefined
}

/** When a drop-in got to where it is, if it is about what Node.js needs; packages keep older times of the text itself. */
export function rulesPutThereMs(dropIn: string): number | undefined {
  if (!/^\s*(?:MemoryDenyWriteExecute|SystemCallFilter)\s*=/m.test(read(dropIn) ?? '')) return undefined
  return attempt(() => lstatSync(dropIn).ctimeMs)
}

function read(path: string): string | undefined {
  return attempt(() => readFileSync(path, 'latin1'))
}
