/**
 * A file of configuration before and after it is read: the words that load.ts, the full reader and all who use a configuration
 * share.
 */
import type { Finding, Position } from './findings/finding.ts'
import type { KeyName } from './findings/key-marks.ts'
import type { KeepOutcome } from './keep.ts'
import type { Config } from './parameters/parameters.ts'

/** A file that was read. */
export interface FileText {
  readonly kind: 'text'
  readonly path: string
  readonly text: string
  /** Which file it was, behind the last byte (kept.ts), and when it was about to be opened. */
  readonly identity: string
  readonly beganMs: number
  /** Whose it is. */
  readonly uid: number
}

/** What serves, where it comes from, and what is wrong with it. */
export interface LoadedConfig {
  readonly config: Config
  /** The file that was read or refused; undefined if there is none. */
  readonly path: string | undefined
  readonly findings: readonly Finding[]
  /** What only whoever reads the file wants to know; found with the origins. */
  readonly remarks?: readonly Finding[]
  /** Where each parameter was set last, with a value that can be used or not. */
  readonly setAt?: ReadonlyMap<string, Position>
  /** Parameters whose value cannot be used, with their sigils. */
  readonly unusable?: ReadonlySet<string>
  /** Where the file sets parameters: `dnsbl_score` → the place of each host. Empty without a file, or if not wanted. */
  readonly origins: ReadonlyMap<string, readonly Position[]>
  /** The subscribers' keys that were read, which stand in hosts of lists. */
  readonly keys?: ReadonlyMap<KeyName, string>
  /** Keeps it for those who come after; absent: it is, or there is nothing to keep. It can wait. */
  readonly keep?: () => KeepOutcome
}
