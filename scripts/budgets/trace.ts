/**
 * Counts system calls in what `strace -f -o` writes. Pure.
 *
 *   "7 openat(AT_FDCWD, …) = 3\n7 futex(… <unfinished ...>\n" → { all: 2, own: 1, opens: 1 }
 *
 * A call that another thread interrupts stands on two lines, `<unfinished ...>` and `resumed`; the first counts.
 */

export interface CallCounts {
  readonly all: number
  /** Without what threads say to each other and to the memory manager, which varies from run to run. */
  readonly own: number
  /** Attempts to open a file. */
  readonly opens: number
}

const VARYING: ReadonlySet<string> = new Set(['futex', 'madvise', 'mprotect', 'munmap', 'sched_yield'])
const OPENING: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat'])

export function countCalls(trace: string): CallCounts {
  const names = Array.from(trace.matchAll(/^(?:\d+ +)?(\w+)\(/gm), ([, name = '']) => name)
  return {
    all: names.length,
    own: names.filter(name => !VARYING.has(name)).length,
    opens: names.filter(name => OPENING.has(name)).length,
  }
}
