/**
 * The values of `@dnsbl_score` and `@rhsbl_score`: host, hit score, miss score, label, four by four.
 *
 *   evaluated values → list entries → value.ts
 *
 * One forgotten value shifts all that follow, so the first value that does not fit its place is named: it is next to
 * the slip, while the length is known to be wrong only at the end.
 *
 * Labels may have blanks, as the reference's may, with a warning.
 *
 * Failure: one fault for the list, at that value; or at the first value of an entry that is not complete.
 * Source: docs/behaviour/configuration.md#how-values-are-read.
 */
import { type Fault, valueFault } from '../language/fault.ts'
import { holdsKey } from '../findings/key-marks.ts'
import { parseListHost } from './list-entry.ts'
import type { ConfiguredList } from '../parameters/parameter.ts'
import { numberOf, type Scalar, toText } from '../language/scalar.ts'
import type { AssignedValues, Value, Warn } from './assigned.ts'

const GREATEST_SCORE = 1e9

/** `('bl.example=127.0.0.2', 3, -1, 'BL')` → one entry. */
export function readLists({ scalars, at, end }: AssignedValues, warn: Warn): Value | Fault {
  const wrongLength =
    scalars.length % 4 === 0 ? '' : `; the list has ${scalars.length} values, which is no multiple of four`
  const entries: ConfiguredList[] = []
  for (let index = 0; index < scalars.length; index += 4) {
    const row = scalars.slice(index, index + 4)
    const entry = readEntry(row, warn)
    if ('host' in entry) entries.push(entry)
    else {
      const extent = entry.code === 'list-length' ? { at: row[0]?.at ?? at, end: row.at(-1)?.end ?? end } : {}
      return { ...entry, ...extent, remark: wrongLength }
    }
  }
  return { value: entries }
}

function readEntry(
  [hostValue, hitValue, missValue, labelValue]: readonly Scalar[],
  warn: Warn,
): ConfiguredList | Fault {
  const whole = 'host, score if listed, score if not and label, four by four'
  const missing = (what: string): Fault => valueFault('list-length', { at: 0, end: 0 }, `${what} behind this: ${whole}`)
  if (!hostValue) return missing('a host')
  const { value: hostText, textAt } = hostValue
  if (typeof hostText !== 'string') return valueFault('bad-list-entry', hostValue, `the host of a list: ${whole}`)
  const host = parseListHost(hostText)
  if (host.kind !== 'list-host') {
    const where =
      textAt === undefined || hostText === '' ? hostValue : { at: textAt + host.at, end: textAt + hostText.length }
    return { ...valueFault(host.kind, where, host.expected), within: hostText }
  }
  if (!hitValue) return missing('the score if listed')
  const hit = scoreOf(hitValue)
  if (hit === undefined) return valueFault('bad-list-entry', hitValue, `the score if listed: ${whole}`)
  if (!missValue) return missing('the score if not listed')
  const miss = scoreOf(missValue)
  if (miss === undefined) return valueFault('bad-list-entry', missValue, `the score if not listed: ${whole}`)
  if (!labelValue) return missing('a label')
  const label = typeof labelValue.value === 'object' ? undefined : toText(labelValue.value)
  if (label === undefined || /[\x00-\x1f\x7f]/.test(label) || holdsKey(label))
    return valueFault('bad-list-entry', labelValue, `a label: ${whole}`)
  if (!/^[\x21-\x7e]+$/.test(label)) warn(labelValue, 'is an odd label: it is a word in answers and log lines')
  if (!host.host.includes('.')) warn(hostValue, 'is a host name of one label, which is odd for a list')
  return { host: host.host, filter: host.filter, hit, miss, label }
}

function scoreOf(scalar: Scalar): number | undefined {
  const score = scalar.value === undefined ? undefined : numberOf(scalar)
  return score !== undefined && Math.abs(score) <= GREATEST_SCORE ? score : undefined
}
