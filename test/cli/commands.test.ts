import t from 'tap'
import { COMMANDS, HELP, OPTIONS, type Option, VERSION } from '../../src/cli/commands.ts'
import { EXECUTABLE, tryExecutable } from '../support/executable.ts'

t.test('the table is one that a page can be made of', t => {
  const described = [...COMMANDS, ...OPTIONS, HELP, VERSION]
  for (const { name, summary } of described) {
    t.match(summary, /^\p{Ll}.*[^.]$/u, `${name}: a line, without a capital and a full stop`)
    t.equal(described.filter(other => other.name === name).length, 1, `${name} is there once`)
  }
  const names = OPTIONS.map(option => option.name)
  for (const { name, implies, conflicts } of OPTIONS as readonly Option[])
    for (const other of [implies, conflicts]) t.ok(other === undefined || names.includes(other), `${name}: ${other}`)
  t.end()
})

t.test('wrong usage is a message and status 64', async t => {
  const cases = [
    {
      label: 'an option without its file',
      options: ['-f'],
      want: /^policyd-weight: Not enough arguments following: f\n/,
    },
    { label: 'a command that does not exist', options: ['chekc'], want: /^policyd-weight: Unknown argument: chekc\n/ },
    { label: 'an option without the one it belongs to', options: ['--json'], want: /json -> s\n/ },
  ]
  for (const { label, options, want } of cases) {
    const command = () => [process.execPath, EXECUTABLE, ...options]
    const tried = await tryExecutable(t.testdir(), { input: '', command })
    t.match(tried, { status: 64, stdout: '', stderr: want }, label)
  }
})
