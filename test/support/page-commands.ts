/**
 * The commands that a page of the manual shows, for the test that runs them.
 *
 *   page: Markdown → code blocks → a command each; `code` in the text that begins with the name of a program → a command
 *
 * A command is one as a shell takes it: with what follows a backslash at the end of a line, with its here-document, without its
 * comment. `# also: stop, restart` behind `policyd-weight start` means two commands more. What stands in a block that is no
 * command for a shell (a configuration, something printed) is given back apart, by its first line.
 *
 * Pure, total.
 */

/** What there is in a page. */
export interface PageCommands {
  readonly commands: readonly string[]
  /** First lines of the blocks that hold none. */
  readonly texts: readonly string[]
}

const BLOCK = /^( *)```.*\n([\s\S]*?)^\1```/gm

/** `isProgram`: whether that word at the beginning of a line, or of something in backquotes, is a program's name. */
export function commandsOf(page: string, isProgram: (word: string) => boolean): PageCommands {
  const commands: string[] = []
  const texts: string[] = []
  for (const [, indent = '', body = ''] of page.matchAll(BLOCK)) {
    const lines = body.split('\n').map(line => (line.startsWith(indent) ? line.slice(indent.length) : line))
    const [first = ''] = lines
    if (isProgram(firstWord(first))) commands.push(...splitCommands(lines).flatMap(withOthers))
    else texts.push(first.trim())
  }
  for (const [, span = ''] of page.replace(BLOCK, '').matchAll(/`([^`]+)`/g)) {
    const command = span.replace(/\s+/g, ' ')
    if (command.includes(' ') && isProgram(firstWord(command))) commands.push(command)
  }
  return { commands, texts }
}

function firstWord(line: string): string {
  return /^\s*(\S*)/.exec(line)?.[1] ?? ''
}

function splitCommands(lines: readonly string[]): string[] {
  const commands: string[] = []
  let pending: string[] = []
  let end: string | undefined
  for (const line of lines) {
    if (pending.length === 0 && line.trim() === '') continue
    pending.push(line)
    end ??= /<<(\w+)/.exec(line)?.[1]
    if (line.endsWith('\\') || (end !== undefined && line !== end)) continue
    commands.push(pending.join('\n'))
    pending = []
    end = undefined
  }
  return commands
}

/** `policyd-weight start   # also: stop, status` → three commands. */
function withOthers(line: string): string[] {
  const [, command = line, comment = ''] = /^([\s\S]*?)\s+# (.*)$/.exec(line) ?? []
  const [program] = command.split(' ')
  const others = /^also: (.*)$/.exec(comment)?.[1]?.split(', ') ?? []
  return [command, ...others.map(other => `${program} ${other}`)]
}
