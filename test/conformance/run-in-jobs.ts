/**
 * Things to do, some at once: cases that wait for processes and name servers more than they work.
 *
 * Failure: the first that rejects rejects all; what has begun comes to its end.
 */

/** So many that no core is idle while cases wait for silent name servers, and few enough that none is late with a reply. */
export const JOBS = 8

/** Runs `work` for each item, so many at a time, in their order. Resolves when all are done. */
export async function runInJobs<T>(items: readonly T[], jobs: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const job = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: jobs }, job))
}
