/**
 * One line of `$EXCEPTIONS`, read: whom it is for, what is done, and until when.
 *
 *   who.ts, exception-line.ts → Exception → compile-exceptions.ts, cli/exempt/
 *
 * A key is what a line is looked up by, one text for whatever may be asked about. Its first character says what is asked about:
 *
 *   4, 6  a client's address; a network's is kept as ranges (client-networks.ts)
 *   n     the client's confirmed name: `nmail.example.org`; of a domain and all below, `n.example.org`
 *   h     HELO: `hmail.example.org`
 *   r     the recipient: `ra@example.org`, `ra@`, `r.example.org`
 *   s, t  the sender, with `sender:` and with `sender!:`
 *
 * Data only. Source: docs/exceptions.md.
 */

/** What is done: scored, and accepted all the same; not scored; scored, and never refused. */
export const EXCEPTION_ACTIONS = ['ACCEPT', 'SKIP', 'DRY'] as const
export type ExceptionAction = (typeof EXCEPTION_ACTIONS)[number]

/** What of a request is asked about. */
export type NameKind = 'n' | 'h' | 'r' | 's' | 't'

/** How whom a line is for begins in the file. */
export const PREFIXES: Readonly<Record<NameKind, string>> = {
  n: '',
  h: 'helo:',
  r: 'recipient:',
  s: 'sender:',
  t: 'sender!:',
}

/** Addresses from the first to the last, as numbers. */
export interface Network {
  readonly version: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

/** Whom a line is for: the text, in lower case, and what it is found by. */
export type Who =
  | { readonly kind: 'network'; readonly text: string; readonly network: Network }
  | { readonly kind: 'name'; readonly text: string; readonly key: string }

export interface Exception {
  readonly who: Who
  readonly action: ExceptionAction
  /** `'2027-01-31'`: it counts to the end of that day, UTC; undefined: for good. */
  readonly until: string | undefined
  /** What stands behind the `#`. */
  readonly note: string
}

const DAY_MS = 86_400_000

/** The first moment in which it counts no more, in milliseconds; infinite for one without an end. */
export function endMs({ until }: Pick<Exception, 'until'>): number {
  return until === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${until}T00:00:00Z`) + DAY_MS
}

/** The same for two lines that are for the same clients, names or addresses, however these are written. */
export function identityOfWho(who: Who): string {
  return who.kind === 'name' ? who.key : `${who.network.version} ${who.network.first} ${who.network.last}`
}
