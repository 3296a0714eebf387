/**
 * What somebody is told who starts the program on a terminal and would otherwise look at a cursor.
 *
 *   main.ts, cli/command-line.ts: before standard input is served → hintAtTerminal → descriptor 2
 *
 * Nothing that Postfix starts loads this: spawn(8) hands over no TERM, and its descriptors are a socket. It is the only
 * text of the serving program on descriptor 2, and only where descriptor 0 is a terminal.
 *
 * Failure: a terminal that cannot be written to gets none.
 */
import { isatty } from 'node:tty'
import { writeText } from '../system/bytes.ts'

const HINT = `policyd-weight: a policy request is awaited: lines NAME=VALUE, and an empty one behind the last; Ctrl-D ends.
What else there is: policyd-weight -h
`

export function hintAtTerminal(): void {
  if (!isatty(0)) return
  try {
    writeText(2, HINT)
  } catch {
    // Whoever closed it wants none.
  }
}
