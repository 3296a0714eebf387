/**
 * What is wrong with a command line, in words that say what to type instead.
 *
 *   command-line.ts: what yargs says, arguments → describeUsageFault → standard error, with status 64
 *
 * Pure, total: a message that is not known stays as it is.
 */
import { COMMANDS, type Command, synopsisOf } from './commands.ts'
import { OPTIONS } from './options.ts'

const LIST: readonly Command[] = COMMANDS
/** Letters that a word may be away from a command that is proposed. */
const MOST_SLIPS = 2

/** `'Unknown argument: chekc'` → two lines: `there is no command chekc; perhaps check?`, and where there is help. */
export function describeUsageFault(message: string, args: readonly string[]): string {
  const words = args.filter((_, index) => args[index - 1] !== '-f')
  const command = LIST.find(({ name }) => name === words.find(word => !word.startsWith('-')))
  const help = command === undefined ? 'policyd-weight -h' : `policyd-weight ${command.name} --help`
  return `${wordsOf(message, command, words)}\nUsage: policyd-weight [-f FILE] [COMMAND]; try: ${help}\n`
}

function wordsOf(message: string, command: Command | undefined, words: readonly string[]): string {
  const option = /^Not enough arguments following: (.+)$/.exec(message)?.[1]
  const argument = OPTIONS.find(({ name }) => name === option)?.argument
  if (option !== undefined && argument !== undefined)
    return `${option.length === 1 ? '-' : '--'}${option} needs ${argument}`
  if (/^Not enough non-option arguments/.test(message) && command?.arguments)
    return `${command.name} needs ${command.arguments.map(synopsisOf).join(' ')}`
  const unknown = /^Unknown arguments?: ([^\s,]+)/.exec(message)?.[1]
  // yargs leaves out the dashes of options.
  if (unknown === undefined || !words.includes(unknown)) return message
  if (command === undefined) return noCommand(unknown)
  return command.name === 'explain' ? `${message}; a mail that has come is explained by why` : message
}

function noCommand(word: string): string {
  const [nearest] = LIST.map(({ name }) => ({ name, slips: slipsBetween(word, name) })).toSorted(
    (one, other) => one.slips - other.slips,
  )
  return `there is no command ${word}${nearest && nearest.slips <= MOST_SLIPS ? `; perhaps ${nearest.name}?` : ''}`
}

/** Letters to be put in, left out, changed or swapped with the next. */
function slipsBetween(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return MOST_SLIPS + 1
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? MOST_SLIPS + 1
  for (let row = 1; row <= one.length; row++) {
    const line = [row]
    rows.push(line)
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      line[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(row - 2, column - 2) + 1 : MOST_SLIPS + 1,
      )
    }
  }
  return at(one.length, other.length)
}
