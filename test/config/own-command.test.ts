import t from 'tap'
import { ownCommand } from '../../src/config/own-command.ts'

t.test('a command can be pasted as it stands', async t => {
  const usual = '/etc/policyd-weight.conf'
  const cases: [label: string, path: string | undefined, words: string[], want: string][] = [
    ['the file that serves anyway', usual, ['lists', '--test'], 'policyd-weight lists --test'],
    ['no file', undefined, ['lists'], 'policyd-weight lists'],
    ['another file', '/etc/b.conf', ['lists'], 'policyd-weight -f /etc/b.conf lists'],
    ['one with a blank', '/etc/b c.conf', ['lists'], "policyd-weight -f '/etc/b c.conf' lists"],
    ['a word for which the shell has a meaning', usual, ['lists', 'a;b'], "policyd-weight lists 'a;b'"],
    ['one from where somebody stands', 'b.conf', ['lists'], `policyd-weight -f ${process.cwd()}/b.conf lists`],
  ]
  for (const [label, path, words, want] of cases) t.equal(ownCommand(path, words, usual), want, label)
  t.equal(ownCommand('/a', ['lists'], ''), 'policyd-weight -f /a lists', 'where there is no file that serves anyway')
})
