/**
 * What a parameter of the configuration is: the columns of the table in parameters/.
 *
 * A row says how a parameter is written (its kind), what it is worth when nobody sets it, and what it does. From the
 * rows come the type of the configuration (parameters.ts), the checks of the reader (value.ts), and what `defaults`
 * and the manual print; nothing of it is stated a second time.
 *
 * Invariant: the kind implies the sigil, `@` for `score-pair`, `lists`, `zones`, `patterns`, `labels` and `names`, `$` for all others, and
 * the unit of times, seconds. Numbers are finite and never -0.
 * Source: docs/behaviour/configuration.md#how-values-are-read.
 */
import type { KeyName } from '../findings/key-marks.ts'
import type { AnswerFilter } from '../../lists/filter.ts'
import type { ConfiguredZone } from '../../lists/zone.ts'
import type { Pattern } from '../../patterns/pattern.ts'

/** One list to ask: `zen.spamhaus.org=127.0.0.[2..9]`, 4.35, -1.5, `SBL_XBL_SPAMHAUS`. */
export interface ConfiguredList {
  /** The zone, without the filter, lower case, without trailing dot. */
  readonly host: string
  /** The answers that count; undefined: all of them. */
  readonly filter: AnswerFilter | undefined
  /** Score when listed. */
  readonly hit: number
  /** Score when not listed, or when the list gives no answer. */
  readonly miss: number
  /** Its name in answers and logs, without blanks. */
  readonly label: string
}

/** A score for the bad case (usually above 0) and one for the good case (usually below 0). */
export interface ScorePair {
  readonly bad: number
  readonly good: number
}

/** The kinds, and what the program reads of each. */
export interface ValueOfKind {
  /** Written 0 or 1; on is what equals 1. */
  switch: boolean
  /** A whole number. */
  count: number
  score: number
  /** A number of seconds. */
  seconds: number
  /** Written `90`, `'90s'`, `'15m'`, `'3h'` or `'1d'`; read in seconds. */
  duration: number
  text: string
  /** What Postfix is answered with: an action of access(5), or `rc:` and a restriction class. */
  message: string
  /** Written as one text, separated by blanks. */
  words: readonly string[]
  'score-pair': ScorePair
  /** Written four by four: host, hit score, miss score, label. */
  lists: readonly ConfiguredList[]
  /** Written two by two: zone, and what is known of it. */
  zones: readonly ConfiguredZone[]
  /** Written as `qr/…/`. */
  patterns: readonly Pattern[]
  /** Labels of entries of lists. */
  labels: readonly string[]
  /** Addresses, IPv4 or IPv6, and domains. */
  names: readonly string[]
}

export type ParameterKind = keyof ValueOfKind

/** The default of a parameter that follows another: that one's value, whoever set it, with `append` behind. */
export interface DerivedDefault {
  readonly from: string
  readonly append: string
}

type DefaultOfKind<K extends ParameterKind> = ValueOfKind[K] | (K extends 'text' | 'message' ? DerivedDefault : never)

interface ParameterOfKind<K extends ParameterKind> {
  /** The reference's own spelling, without sigil. */
  readonly name: string
  readonly kind: K
  /** Without a file and in the profile `classic`: as the reference has it, or off. */
  readonly default: DefaultOfKind<K>
  /** In the profile `modern`; absent: the same. */
  readonly modern?: ValueOfKind[K]
  /**
   * Whether another value can lead to another verdict on a mail, or to one that is remembered for another time or not at
   * all: what the cache keeps of verdicts is good only where it is the same (verdict-hash.ts). Not for what is merely
   * said, or where, or how the DNS is asked. `temporary`: of a message counts only whether it is for good.
   */
  readonly verdict: boolean | 'temporary'
  /** What a count counts, for the manual: `'entries'`. */
  readonly unit?: string
  /** The least and the greatest number allowed; where there is none, the kind's own bounds hold (value.ts). */
  readonly range?: readonly [least: number, greatest: number]
  /** The usual words for a text; another one is a warning. */
  readonly choices?: readonly string[]
  /** The only values of a text. */
  readonly oneOf?: readonly string[]
  /** Words that are addresses of name servers; commas between them are as good as blanks. */
  readonly servers?: true
  /** A switch that is on whatever its value, unless that is empty or 0. */
  readonly isOnUnlessEmpty?: true
  /** Empty, it has its default. */
  readonly emptyIsDefault?: true
  /** What takes the place of a value that cannot be used, where the default might reject mail: one that rejects none. */
  readonly ifUnusable?: number
  /** A message that always gets a text behind it: `blank` apart from it, `glued` to it. A code alone will do, then. */
  readonly extended?: 'blank' | 'glued'
  /** A message that may be empty; the doc says what that means. */
  readonly emptyAllowed?: true
  /** A text that takes the place of a message's first word: one that puts mail off. */
  readonly defers?: true
  /** A text that is the permissions of a file, in octal digits. */
  readonly mode?: true
  /** A text that is an address of this machine, or a word for several. */
  readonly address?: true
  /** A text that is the path of a file with a subscriber's key, which other values have by this name. */
  readonly key?: KeyName
  /** The version of this project that brought it; absent: the reference has it. */
  readonly since?: string
  /** What it does, in one or two sentences. */
  readonly doc: string
}

/** No score comes near it, and no number of lists: both are below 1e9 each. */
export const REJECTS_NOTHING = 1e15

/** A row of the table. */
export type Parameter = { [K in ParameterKind]: ParameterOfKind<K> }[ParameterKind]

const LISTS: ReadonlySet<ParameterKind> = new Set(['score-pair', 'lists', 'zones', 'patterns', 'labels', 'names'])

/** The sigil a kind is written with. */
export function sigilOf(kind: ParameterKind): '$' | '@' {
  return LISTS.has(kind) ? '@' : '$'
}

/** What a parameter follows unless it is set; undefined for most. */
export function derivedDefault(parameter: Parameter): DerivedDefault | undefined {
  const isText = parameter.kind === 'text' || parameter.kind === 'message'
  return isText && typeof parameter.default === 'object' ? parameter.default : undefined
}
