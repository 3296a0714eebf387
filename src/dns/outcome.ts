/**
 * What a DNS lookup is asked with and what can come of it.
 *
 * The vocabulary between the fan-out (which produces outcomes) and everything that reads them: list
 * classification, scoring, the `-d` report. Pure data; the wire format is known to wire.ts alone.
 *
 * Guarantee: every question that was started ends in exactly one outcome. A failure is an outcome,
 * never an exception; who reads it decides what it means (a list: `ERR`; a name the client chose: an
 * error that counts towards `$MAXDNSERR`).
 *
 * Sources: RFC 1035 4.1.1 (return codes), docs/behaviour/dns-and-lists.md#what-a-lists-answer-means,
 * docs/behaviour/scoring.md#lookups-that-fail.
 */

/** The record types this project asks for; `NS` for CONTROL alone. */
export type RecordType = 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT' | 'NS'

/** One question: `{ type: 'MX', name: 'example.org' }`. The name is lower case, without trailing dot. */
export interface Question {
  readonly type: RecordType
  readonly name: string
  /** What a list is asked: until its answer is there, it is read as "no records", which then says nothing new. */
  readonly ofList?: true
  /** Of a list: whether silence can be held against anybody, for the client has no hand in it. */
  readonly counts?: boolean
  /** The list that is asked, by its host: for the count of what each is sent (cache/ledger.ts). */
  readonly list?: string | undefined
}

/** Who serves the root: every resolver knows, and nobody's choice of names keeps it from saying so. Any reply will do. */
export const CONTROL: Question = { type: 'NS', name: '' }

/** Whether the client chose the name: one that is neither a list's nor the control question's. */
export function isOfClient({ type, ofList }: Question): boolean {
  return !ofList && type !== 'NS'
}

/** Why a lookup has no usable answer. `timeout`: no answer after all tries. `malformed`: an answer nobody can read. */
export type FailureReason =
  | 'timeout'
  | 'servfail'
  | 'refused'
  | 'formerr'
  | 'notimp'
  | 'malformed'
  | 'unreachable'
  | 'other-rcode'

/**
 * What came of a question.
 *
 * - `found`: `values` holds at least one value, in the order received: dotted quads (A), addresses in full
 *   form, eight groups of four hex digits (AAAA), exchanges (MX; the null exchange `.` is `''`) or names
 *   (PTR), both lower case without trailing dot; texts (TXT), a record's strings joined without blanks, as they came.
 * - `nodata`: the name exists, the type does not (RFC 2308 2.2).
 * - `nxdomain`: the name does not exist (RFC 2308 2.1), or cannot exist, or not in the DNS, and was never asked for (D3).
 * - `failed`: anything else.
 */
export type Outcome =
  | { readonly kind: 'found'; readonly values: readonly string[] }
  | { readonly kind: 'nodata' }
  | { readonly kind: 'nxdomain' }
  | { readonly kind: 'failed'; readonly reason: FailureReason }

/** The key under which an outcome is kept: `{ type: 'MX', name: 'example.org' }` → `'MX example.org'`. */
export function questionKey(question: Question): string {
  return `${question.type} ${question.name}`
}

/** Whether nobody has replied, or nobody is there to. */
export function isSilence(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && (outcome.reason === 'timeout' || outcome.reason === 'unreachable')
}

/** Where whoever judges a request reads the outcome of a lookup; undefined: not there yet. */
export interface Answers {
  get(question: Question): Outcome | undefined
}
