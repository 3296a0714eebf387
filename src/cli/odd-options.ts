/**
 * Options and words that mean nothing where no command is, and a command that is said twice.
 *
 *   command-line.ts: parsed arguments → describeOddOptions → refused on a terminal; else served, with a line in the log
 *
 * A master.cf of years may have them, and mail must not be deferred over one; somebody at a terminal has made a slip.
 *
 * Pure, total.
 */
import { maskText } from '../text/mask.ts'

/** Options of the command line that belong to commands alone, and what stands behind `--`. */
export interface OddOptions {
  readonly D?: boolean
  readonly changed?: boolean
  readonly full?: boolean
  readonly profile?: 'classic' | 'modern'
  readonly postfix?: string
  readonly _?: readonly (string | number)[]
}

/** `-D means nothing without a command`; undefined: nothing of the kind is there. */
export function describeOddOptions({
  D,
  changed,
  full,
  profile,
  postfix,
  _: words = [],
}: OddOptions): string | undefined {
  const odd = [
    ...(D ? ['-D'] : []),
    ...(changed ? ['--changed'] : []),
    ...(full ? ['--full'] : []),
    ...(profile === undefined ? [] : ['--profile']),
    ...(postfix === undefined ? [] : ['--postfix']),
    ...words.map(word => `"${maskText(String(word))}" behind --`),
  ]
  if (odd.length === 0) return undefined
  return `${odd.join(' and ')} ${odd.length === 1 ? 'means' : 'mean'} nothing without a command`
}

/**
 * Takes away a command `start` that is said again: `-D start start` → `-D start`. The unit of the Perl version in Debian 13 gives no
 * command, so its daemon ends at once where DAEMON_OPTS does not say it; our unit obeys that, and says it as well.
 */
export function withoutSecondStart(args: readonly string[]): string[] {
  const isStart = args.map((arg, index) => arg === 'start' && args[index - 1] !== '-f')
  return args.filter((_, index) => !isStart[index] || isStart.indexOf(true) === index)
}
