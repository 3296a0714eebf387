/**
 * Why a list gives no usable answer, in words: what the code means and what helps.
 *
 *   host, trouble → refusal-texts.ts → cache/list-remarks.ts, doctor
 *
 * Loaded only when there is such a list to talk about. A code that no operator explains says only that it is a refusal.
 *
 * Pure, total.
 * Source: docs/behaviour/dns-and-lists.md#lists-that-are-skipped.
 */
import type { ListTrouble } from './classify.ts'
import { isAmong } from './codes.ts'
import { REFUSAL_TEXTS } from './refusal-texts.ts'
import type { ConfiguredZone } from './zone.ts'

/** `what`: the code or the failure, `127.255.255.254`, `SERVFAIL`, `no answer`. */
export interface Explanation {
  readonly what: string
  readonly meaning: string | undefined
  readonly remedy: string | undefined
}

const REFUSES_US = {
  meaning: 'the list refuses this resolver',
  remedy: "use a resolver of your own, or ask the list's operator",
}

/** `('zen.spamhaus.org', { kind: 'blocked', code: '127.255.255.254' })` → `public or cloud resolver` and what helps. */
export function explainTrouble(host: string, trouble: ListTrouble, configured: readonly ConfiguredZone[]): Explanation {
  const what = nameOf(trouble)
  for (let name = host; ; name = name.slice(name.indexOf('.') + 1)) {
    if (configured.some(({ zone }) => zone === name)) break
    const texts = REFUSAL_TEXTS.find(({ zones }) => zones.includes(name))
    const known = texts?.refusals.find(({ code }) => isAmong([code], what))
    if (known) return { what, meaning: known.meaning, remedy: known.remedy }
    if (!name.includes('.')) break
  }
  if (trouble.kind === 'blocked') return { what, ...REFUSES_US }
  if (trouble.kind === 'broken' && trouble.why === 'outside-127')
    return { what, meaning: 'its domain may have expired', remedy: 'look whether the list still exists' }
  return { what, meaning: undefined, remedy: undefined }
}

function nameOf(trouble: ListTrouble): string {
  switch (trouble.kind) {
    case 'blocked':
      return trouble.code
    case 'timeout':
      return 'no answer'
    case 'broken':
      return NAMES[trouble.why]
  }
}

const NAMES: Readonly<Record<Extract<ListTrouble, { kind: 'broken' }>['why'], string>> = {
  servfail: 'SERVFAIL',
  refused: 'REFUSED',
  formerr: 'FORMERR',
  notimp: 'NOTIMP',
  malformed: 'an answer nobody can read',
  'other-rcode': 'an error',
  'outside-127': 'an address outside of 127/8',
}
