/**
 * Return codes of lists, as texts in the notation of filter.ts: `127.0.0.1`, `127.0.10.[0..255]`.
 *
 * Read only when a list has answered with an address, so nothing is read of them at a start. Pure, total.
 */
import { type AnswerFilter, matchesFilter, parseFilter } from './filter.ts'

/** Whether an address, or the name of a failure, is one of these codes. */
export function isAmong(codes: readonly string[], address: string): boolean {
  return codes.some(code => code === address || (code.includes('[') && matches(code, address)))
}

/** Whether an address of a code may pass a filter. */
export function mayPass(code: string, { octets }: AnswerFilter): boolean {
  const of = parseFilter(code)
  if (of.kind !== 'filter') return true
  return of.octets.every((ranges, index) =>
    ranges.some(one => octets[index]?.some(other => one.first <= other.last && other.first <= one.last)),
  )
}

function matches(code: string, address: string): boolean {
  const filter = parseFilter(code)
  return filter.kind === 'filter' && matchesFilter(filter, address)
}
