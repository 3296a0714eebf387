import t from 'tap'
import { withoutSecondStart } from '../../src/cli/odd-options.ts'

t.test('a unit says start, and so do the options it is given', async t => {
  const cases: [title: string, args: string, want: string][] = [
    ['once', '-D start', '-D start'],
    ['DAEMON_OPTS="start"', '-D start start', '-D start'],
    ['with a file behind it', '-D start -f /etc/x.conf start', '-D start -f /etc/x.conf'],
    ['with a file in front of it', '-D -f /etc/x.conf start start', '-D -f /etc/x.conf start'],
    ['a file of that name is no command', '-D -f start start', '-D -f start start'],
    ['another command is still wrong', '-D start stop', '-D start stop'],
    ['none', '', ''],
  ]
  for (const [title, args, want] of cases) t.equal(withoutSecondStart(args.split(' ')).join(' '), want, title)
})
