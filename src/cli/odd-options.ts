/**
 * Options and words that mean nothing where no command is, or with this one, and a command that is said twice.
 *
 *   command-line.ts: parsed arguments → describeOddOptions → refused on a terminal; else done, and served with a line in the log
 *
 * A master.cf or a script of years may have them, and mail must not be deferred over one; somebody at a terminal has made a slip.
 *
 * Pure, total.
 */
import { maskText } from '../text/mask.ts'
import { type CommandName, OPTIONS, type Option } from './commands.ts'

/** What was given: options by their names, and what stands behind `--`. */
export interface GivenOptions {
  readonly [name: string]: unknown
  readonly _?: readonly (string | number)[]
}

/** `-D means nothing without a command`, `-k means nothing with check`; undefined: nothing of the kind is there. */
export function describeOddOptions(given: GivenOptions, command?: CommandName): string | undefined {
  const isOdd = ({ commands, needsCommand }: Option): boolean =>
    command === undefined ? needsCommand === true : commands?.includes(command) === false
  const words = command === undefined ? (given._ ?? []) : []
  const odd = [
    ...OPTIONS.filter(option => given[option.name] !== undefined && given[option.name] !== false && isOdd(option)).map(
      ({ name }) => (name.length === 1 ? `-${name}` : `--${name}`),
    ),
    ...words.map(word => `"${maskText(String(word))}" behind --`),
  ]
  if (odd.length === 0) return undefined
  const where = command === undefined ? 'without a command' : `with ${command}`
  return `${odd.join(' and ')} ${odd.length === 1 ? 'means' : 'mean'} nothing ${where}`
}

/**
 * Takes away a command `start` that is said again: `-D start start` → `-D start`. The unit of the Perl version in Debian 13 gives no
 * command, so its daemon ends at once where DAEMON_OPTS does not say it; our unit obeys that, and says it as well.
 */
export function withoutSecondStart(args: readonly string[]): string[] {
  const isStart = args.map((arg, index) => arg === 'start' && args[index - 1] !== '-f')
  return args.filter((_, index) => !isStart[index] || isStart.indexOf(true) === index)
}
