import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { COMMANDS } from '../../src/cli/commands.ts'
import { OPTIONS } from '../../src/cli/options.ts'
import { renderCompletion } from '../../src/cli/completion.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'

const hasZsh = spawnSync('zsh', ['--version']).status === 0

/** What bash offers for the last of these words. */
function offered(words: readonly string[]): string[] {
  const script = `${renderCompletion('bash')}
COMP_WORDS=(policyd-weight ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}
_policyd_weight; printf '%s\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)
}

t.test('bash completes commands, options and what stands behind them', t => {
  const folder = t.testdir({ 'a.conf': '', directory: {} })
  const cases: { label: string; words: string[]; want: string[] }[] = [
    { label: 'a command', words: ['re'], want: ['restart', 'reload'] },
    { label: 'every command', words: [''], want: COMMANDS.map(({ name }) => name) },
    { label: 'an option', words: ['--j'], want: ['--json'] },
    { label: 'a file', words: ['-f', `${folder}/a`], want: [`${folder}/a.conf`] },
    { label: 'a log', words: ['why', 'x', '--log', `${folder}/a`], want: [`${folder}/a.conf`] },
    { label: 'a directory', words: ['doctor', '--postfix', `${folder}/`], want: [`${folder}/directory`] },
    { label: 'a shell', words: ['completion', 'f'], want: ['fish'] },
    { label: 'nothing', words: ['x'], want: [] },
  ]
  for (const { label, words, want } of cases) t.strictSame(offered(words), want, label)
  t.end()
})

t.test('each shell knows each word', t => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const text = renderCompletion(shell)
    for (const { name } of [...COMMANDS, ...OPTIONS]) t.match(text, new RegExp(`[ '-]${name}\\b`), `${shell}: ${name}`)
    for (const line of text.split('\n')) t.equal(line.split("'").length % 2, 1, `${shell}: quotes are closed: ${line}`)
  }
  t.end()
})

t.test('in zsh it is a file of $fpath, or is sourced', { skip: hasZsh ? false : 'there is no zsh' }, t => {
  const run = (script: string) => {
    const { stdout, stderr } = spawnSync('zsh', ['-fc', script, EXECUTABLE], { encoding: 'utf8' })
    return { stdout, stderr }
  }
  const text = renderCompletion('zsh')
  const file = join(t.testdir({ '_policyd-weight': text }), '_policyd-weight')
  const stub =
    'compdef() { print compdef $@ }; _arguments() { print asked; state=command }; _describe() { print $#words_offered }; '
  t.strictSame(run(`${stub} source ${file}`), { stdout: 'compdef _policyd_weight policyd-weight\n', stderr: '' })
  t.strictSame(run(`${stub} fpath=(${join(file, '..')}); autoload -U _policyd-weight; _policyd-weight`), {
    stdout: `asked\n${COMMANDS.length}\n`,
    stderr: '',
  })
  t.end()
})

t.test('the executable prints it, and knows no other shell', t => {
  const run = (...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [EXECUTABLE, ...options], { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  t.match(run('completion', 'fish'), { status: 0, stdout: renderCompletion('fish') })
  t.match(run('completion', 'tcsh'), { status: 64, stdout: '', stderr: /bash/ })
  t.match(run('completion'), { status: 64, stdout: '' })
  t.end()
})
