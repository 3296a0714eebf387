/**
 * The clock of deadlines: milliseconds that never jump, from a point in time that means nothing.
 *
 * Read by whoever sets a deadline (evaluate.ts) and whoever keeps it (resolver.ts, fan-out.ts): it must be one clock.
 * Not `performance.now()`, which counts from another point and whose first use loads 0.6 ms of Node (20.20); not
 * `Date.now()`, which an administrator or NTP may set back.
 */

/** Now, in milliseconds with fractions. */
export function monotonicMs(): number {
  // Not taken apart as [seconds, nanoseconds], which is compiled to four times as much.
  const time = process.hrtime()
  return time[0] * 1000 + time[1] / 1e6
}
