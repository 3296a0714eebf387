/**
 * The clock of deadlines: milliseconds that never jump, from a point in time that means nothing.
 *
 * Read by whoever sets a deadline (evaluate.ts) and whoever keeps it (resolver.ts, fan-out.ts): it must be one clock.
 * Not `performance.now()`, which counts from another point and whose first use loads 0.6 ms of Node (20.20); not
 * `Date.now()`, which an administrator or NTP may set back.
 */

/** Now, in milliseconds with fractions. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
