/**
 * A command of this program as it can be pasted into a shell: with `-f FILE` where another file serves than without.
 *
 *   cli/: path of the configuration, words → ownCommand → what is to be done, as it is printed
 *
 * Total: looks which file serves where none is named. Source: docs/behaviour/configuration.md#where-it-is-looked-for.
 */
import { resolve } from 'node:path'
import { quote } from '../text/shell-word.ts'
import { usualFile } from './usual-file.ts'

/** `('/etc/b.conf', ['lists'])` → `policyd-weight -f /etc/b.conf lists`. `path`: of the configuration; undefined: there is none. */
export function ownCommand(path: string | undefined, words: readonly string[], usual = usualFile()): string {
  const file = path === undefined || path === usual ? [] : ['-f', resolve(path)]
  return ['policyd-weight', ...file, ...words].map(quote).join(' ')
}
