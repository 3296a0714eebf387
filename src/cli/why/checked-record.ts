/**
 * What is read as a decision, if all of it has the types that it should have.
 *
 *   read-journal.ts, a line of JSON → checkRecord → DecisionRecord → find-decisions.ts
 *
 * A journal may have been copied from another host, or written by another version: whoever explains a record may rest on the types of
 * what comes out. The texts in it are strangers'.
 *
 * Pure, total: undefined is what cannot be used.
 */
import type { DecisionRecord, LookupOfRecord } from '../../journal/decision-record.ts'
import type { Fate } from '../../score/fate.ts'

type Fields = Readonly<Record<string, unknown>>

const FATES: ReadonlySet<unknown> = new Set<Fate>(['accepted', 'deferred', 'rejected'])

/** The value of a line of JSON → the record that it is. */
export function checkRecord(value: unknown): DecisionRecord | undefined {
  return isRecord(value) ? value : undefined
}

function isRecord(value: unknown): value is DecisionRecord {
  if (!isFields(value) || value.v !== 1) return false
  const { id, time, config, action, ms, request, rules, lookups, known, exempt } = value
  if (![id, time, config, action].every(isText) || typeof ms !== 'number' || !isFields(request)) return false
  return (
    Object.values(request).every(isText) &&
    ['by', 'repeats', 'why', 'reasons', 'would'].every(name => value[name] === undefined || isText(value[name])) &&
    (value.fate === undefined || FATES.has(value.fate)) &&
    (value.exempt === undefined || isException(value.exempt)) &&
    (value.rate === undefined || typeof value.rate === 'number') &&
    isListOf(rules, isRule) &&
    isListOf(lookups, isLookup) &&
    (known === undefined || isKnown(known)) &&
    (exempt === undefined || (isFields(exempt) && isText(exempt.who) && isText(exempt.action)))
  )
}

function isException(value: unknown): boolean {
  return isFields(value) && isText(value.who) && isText(value.action)
}

function isRule(value: unknown): boolean {
  return isFields(value) && isText(value.rule) && typeof value.score === 'number' && typeof value.rate === 'number'
}

function isLookup(value: unknown): value is LookupOfRecord {
  if (!isFields(value) || !isText(value.type) || !isText(value.name)) return false
  const { answer, ms, list, server } = value
  if (![list, server].every(each => each === undefined || isText(each))) return false
  if (ms !== undefined && typeof ms !== 'number') return false
  return answer === undefined || isAnswer(answer)
}

function isAnswer(value: unknown): boolean {
  if (!isFields(value)) return false
  const { kind, values, reason } = value
  if (kind === 'found') return Array.isArray(values) && values.every(isText)
  return kind === 'failed' ? isText(reason) : kind === 'nodata' || kind === 'nxdomain'
}

function isKnown(value: unknown): boolean {
  if (!isFields(value)) return false
  const { ham, pattern, skipped } = value
  return [ham, pattern].every(each => each === undefined || typeof each === 'number') && isListOf(skipped, isText)
}

/** Whether it is a list of these, or not there. */
function isListOf(value: unknown, isEach: (each: unknown) => boolean): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isEach))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
