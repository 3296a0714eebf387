/**
 * Processes as /proc shows them: is that one still the one it was?
 *
 *   pid-file.ts, cli/: pid → what runs there, since when; inheritance.ts, privileges.ts, who-listens.ts: what descriptors are
 *
 * A number alone says nothing: it is given to another process some time after the first one has ended. The time a process
 * was started, in ticks since the machine was, tells the two apart and does not change with the clock.
 *
 * Failure: a process that is not there, or not to be seen, is undefined.
 * Source: proc(5).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process: `{ pid: 4711, title: 'policyd-weight (master)', startTicks: 123456 }`. */
export interface RunningProcess {
  readonly pid: number
  /** Its command line, up to the first NUL: what it is, or calls itself. */
  readonly title: string
  /** When it was started, in hundredths of a second since the machine was. */
  readonly startTicks: number
}

export const MASTER_TITLE = 'policyd-weight (master)'
const TICKS_PER_SECOND = 100

/** Looks a process up; one that has ended and waits for its parent is not there. `proc`: where proc(5) is. */
export function findProcess(pid: number, proc = '/proc'): RunningProcess | undefined {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, 'latin1')
    // The second field is a name in parentheses that may hold anything, blanks and parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    const [title = ''] = readFileSync(`${proc}/${pid}/cmdline`, 'latin1').split('\0', 1)
    return { pid, title, startTicks: Number(fields[19]) }
  } catch {
    return undefined
  }
}

/** Ids of the processes one has started and that live. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    return []
  }
}

/** For how many seconds a process has been running. */
export function ageSeconds({ startTicks }: RunningProcess, proc = '/proc'): number {
  const uptimeSeconds = Number(readFileSync(`${proc}/uptime`, 'latin1').split(' ', 1)[0])
  return Math.max(0, uptimeSeconds - startTicks / TICKS_PER_SECOND)
}

/** What is in a directory of proc(5); nothing, if it is not to be seen. */
export function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Where a link leads, such as a descriptor's; undefined: it is gone, or not to be seen. */
export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
