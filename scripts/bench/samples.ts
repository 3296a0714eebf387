/**
 * Samples of contenders that take turns, and what is said of them.
 *
 *   takeTurns(30, { bare, ours, original }) → samples of each → quantile, mean → figures
 *
 * All see the same machine: whatever else it does meets each of them alike. The order of a round is turned round in every
 * second one, so that none always runs behind the same other. Pure but for the tasks.
 */

/** One measurement, or several of one go. */
export type Task = () => Promise<number | readonly number[]>

/** Runs every task once a round. Rejects with the error of a task that fails. */
export async function takeTurns<Name extends string>(
  rounds: number,
  tasks: Readonly<Record<Name, Task>>,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(tasks) as [Name, Task][]
  const samples = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round < rounds; round++)
    for (const [name, task] of round % 2 === 0 ? entries : entries.toReversed())
      samples[name].push(...[await task()].flat())
  return samples
}

/** The value below which a share of the values lies: `([1, 2, 3], 0.5)` → 2; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
