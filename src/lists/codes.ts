/**
 * Return codes of lists, as texts in the notation of filter.ts: `127.0.0.1`, `127.0.10.[0..255]`.
 *
 * Read only when a list has answered with an address, so nothing is read of them at a start. Pure, total.
 */
import { matchesFilter, parseFilter } from './filter.ts'

/** Whether an address, or the name of a failure, is one of these codes. */
export function isAmong(codes: readonly string[], address: string): boolean {
  return codes.some(code => code === address || (code.includes('[') && matches(code, address)))
}

function matches(code: string, address: string): boolean {
  const filter = parseFilter(code)
  return filter.kind === 'filter' && matchesFilter(filter, address)
}
