/**
 * `policyd-weight completion SHELL`: what a shell has to know to complete commands and options.
 *
 *   commands.ts → renderCompletion → standard output; the package installs the same (scripts/package/contents.ts)
 *
 * A static script: completing starts no process. That for zsh is a file of $fpath, and can be sourced, too.
 *
 * The scripts are made of commands.ts alone, in which no summary has a backslash; an apostrophe becomes a typographic one.
 *
 * Pure, total.
 * Sources: bash(1) Programmable Completion; zshcompsys(1); fish's complete(1).
 */
import { COMMANDS } from './commands.ts'
import { HELP, OPTIONS, VERSION } from './options.ts'

export type Shell = 'bash' | 'zsh' | 'fish'
const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish']

interface Word {
  readonly word: string
  readonly summary: string
  /** What stands behind an option: a file or a directory. */
  readonly argument?: string
}

const COMMAND_WORDS: readonly Word[] = COMMANDS.map(({ name, summary }) => ({ word: name, summary }))
const OPTION_WORDS: readonly Word[] = [...OPTIONS, HELP, VERSION].map(({ name, ...rest }) => ({
  word: name.length === 1 ? `-${name}` : `--${name}`,
  ...rest,
}))

/** The script for a shell. */
export function renderCompletion(shell: Shell): string {
  return { bash: renderBash, zsh: renderZsh, fish: renderFish }[shell]()
}

function renderBash(): string {
  const words = (of: readonly Word[]): string => of.map(({ word }) => word).join(' ')
  const behind = (what: string): string =>
    OPTION_WORDS.filter(({ argument }) => argument === what)
      .map(({ word }) => word)
      .join('|')
  return `# bash completion for policyd-weight
_policyd_weight() {
    local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
    case $before in
        ${behind('FILE')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
        ${behind('DIRECTORY')}) COMPREPLY=($(compgen -d -- "$word")); return ;;
        completion) COMPREPLY=($(compgen -W '${SHELLS.join(' ')}' -- "$word")); return ;;
    esac
    case $word in
        -*) COMPREPLY=($(compgen -W '${words(OPTION_WORDS)}' -- "$word")) ;;
        *) COMPREPLY=($(compgen -W '${words(COMMAND_WORDS)}' -- "$word")) ;;
    esac
}
complete -o filenames -F _policyd_weight policyd-weight
`
}

function renderZsh(): string {
  const commands = COMMAND_WORDS.map(({ word, summary }) => `        ${quote(`${word}:${summary}`)}\n`)
  const options = OPTION_WORDS.map(({ word, summary, argument }) => {
    const files = argument === 'FILE' ? '_files' : argument === 'DIRECTORY' ? '_files -/' : ' '
    const behind = argument === undefined ? '' : `:${argument}:${files}`
    return `        ${quote(`${word}[${summary.replace(/[[\]]/g, '\\$&')}]${behind}`)} \\\n`
  })
  return `#compdef policyd-weight
_policyd_weight() {
    local state
    local -a words_offered=(
${commands.join('')}    )
    _arguments \\
${options.join('')}        '1:command:->command' \\
        '2:shell:(${SHELLS.join(' ')})'
    [[ $state == command ]] && _describe command words_offered
}
if [[ \${funcstack[1]} == _policyd-weight ]]; then _policyd_weight "$@"; else compdef _policyd_weight policyd-weight; fi
`
}

function renderFish(): string {
  const commands = COMMAND_WORDS.map(
    ({ word, summary }) => `complete -c policyd-weight -n __fish_use_subcommand -f -a ${word} -d ${quote(summary)}\n`,
  )
  const options = OPTION_WORDS.map(({ word, summary, argument }) => {
    const flag = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`
    const isFile = argument === 'FILE' || argument === 'DIRECTORY'
    const behind = argument === undefined ? '' : isFile ? ' -r -F' : ' -x'
    return `complete -c policyd-weight ${flag}${behind} -d ${quote(summary)}\n`
  })
  return `# fish completion for policyd-weight
complete -c policyd-weight -f
${commands.join('')}${options.join('')}complete -c policyd-weight -n '__fish_seen_subcommand_from completion' -f -a '${SHELLS.join(' ')}'
`
}

/** In single quotes, which every shell reads alike as long as nothing inside has to be escaped. */
function quote(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
