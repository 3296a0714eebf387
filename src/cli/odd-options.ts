/**
 * Options and words that mean nothing where no command is, or with this one, and a command that is said twice.
 *
 *   command-line.ts: parsed arguments → describeOddOptions → refused; where requests are served, a line in the log
 *   command-line.ts: a command's options → isOdd → those that its help leaves out
 *
 * A master.cf or the options of a service may have had them for years, and mail must not be deferred over one: without a command, and
 * with start, only who sits at a terminal is refused. With other commands they are always: a script would believe that was done which it
 * asked for.
 *
 * Pure, total.
 */
import { maskText } from '../text/mask.ts'
import type { CommandName } from './commands.ts'
import { OPTIONS, type Option } from './options.ts'

/** What was given: options by their names, and what stands behind `--`. */
export interface GivenOptions {
  readonly [name: string]: unknown
  readonly _?: readonly (string | number)[]
}

/** Whether an option means nothing with a command, or without one. */
export function isOdd({ commands, needsCommand }: Option, command: CommandName | undefined): boolean {
  return command === undefined ? needsCommand === true : commands?.includes(command) === false
}

/** `-D means nothing without a command`, `-k means nothing with check`; undefined: nothing of the kind is there. */
export function describeOddOptions(given: GivenOptions, command?: CommandName): string | undefined {
  const words = command === undefined ? (given._ ?? []) : []
  const odd = [
    ...OPTIONS.filter(
      option => given[option.name] !== undefined && given[option.name] !== false && isOdd(option, command),
    ).map(({ name }) => (name.length === 1 ? `-${name}` : `--${name}`)),
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
