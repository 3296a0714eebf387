/**
 * `--since`: how far back is looked, and points in time as they are shown.
 *
 * Pure over its arguments; the machine's time zone is that of whoever reads.
 */

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** `'90m'`, `'12h'`, `'2d'`, `'1w'` before `nowMs`; `'2026-01-31'`, `'2026-01-31 08:00'` by the clock of this machine; undefined: neither. */
export function parseSince(text: string, nowMs: number): number | undefined {
  const span = /^(\d{1,6})([mhdw])$/.exec(text)
  if (span) return nowMs - Number(span[1]) * (UNITS[span[2] as string] as number)
  const day = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d))?$/.exec(text)
  if (!day) return undefined
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = day.slice(1).map(part => Number(part ?? 0))
  const at = new Date(year, month - 1, date, hour, minute)
  const isReal = at.getMonth() === month - 1 && at.getDate() === date && hour < 24 && minute < 60
  return isReal ? at.getTime() : undefined
}

/** `'2026-01-31 08:15:02 +0100'`; what is no time as it is. */
export function localTime(time: string): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return time
  const two = (value: number): string => String(Math.trunc(Math.abs(value))).padStart(2, '0')
  const zone = -at.getTimezoneOffset()
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${day} ${clock} ${zone < 0 ? '-' : '+'}${two(zone / 60)}${two(zone % 60)}`
}
