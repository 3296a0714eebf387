/**
 * Points in time as the log file writes them.
 *
 * Written by hand because the first `Date` of a process makes V8 look up the machine's time zone, a dozen system calls,
 * which a time in UTC does not need.
 *
 * Pure, total for times from 1970 to 9999.
 * Source: ISO 8601; the conversion of days is by eras of 400 years, 146097 days each, that begin in March.
 */

const DAY_MS = 86_400_000

/** Milliseconds since the epoch in UTC: `0` → `'1970-01-01T00:00:00.000Z'`. */
export function formatTimestamp(ms: number): string {
  const days = Math.floor(ms / DAY_MS)
  const rest = ms - days * DAY_MS
  const sinceMarchOfYear0 = days + 719_468
  const era = Math.floor(sinceMarchOfYear0 / 146_097)
  const dayOfEra = sinceMarchOfYear0 - era * 146_097
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
  const time = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1000) % 60].map(part => pad(Math.floor(part), 2))
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time.join(':')}.${pad(Math.floor(rest % 1000), 3)}Z`
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
