/**
 * The processes of a test: those that run a program of its own, and those of a process group.
 *
 * A process that has ended and waits for its parent to notice counts as gone: that parent may be the first process of a
 * container, which notices late or never.
 * Source: proc(5).
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the processes that were started as `INTERPRETER PATH …`; spawn(8) has the path further behind. */
export function processesRunning(path: string): number[] {
  return processes().filter(pid => read(pid, 'cmdline').split('\0')[1] === path)
}

/** Ids of the processes in a group. */
export function processesInGroup(group: number): number[] {
  return processes().filter(pid => {
    // `31958 (qmgr) S 1 31707 …`: the name may hold anything.
    const [state, , ofGroup] = read(pid, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(ofGroup) === group && state !== 'Z' && state !== 'X'
  })
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}

/** Empty for a process that has ended. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
