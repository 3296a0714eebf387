/** What a command line is started in and with: a working directory that was removed, odd standard input. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { EXECUTABLE } from '../../testkit/executable.ts'

const run = (folder: string, command: string) => {
  const args = ['-c', command, process.execPath, EXECUTABLE, folder]
  const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'latin1', env: { PATH: '/usr/bin:/bin' } })
  return { status, stdout, stderr }
}

t.test('commands work where the working directory was removed', async t => {
  const folder = join(t.testdir({ gone: {} }), 'gone')
  t.match(run(folder, 'cd "$2" && rmdir "$2" && exec env -i "$0" "$1" defaults'), {
    status: 0,
    stdout: /^\$PROFILE = 'modern';/m,
    stderr: '',
  })
})

t.test('explain says why a standard input is no request', async t => {
  const cases: [label: string, input: string, want: RegExp][] = [
    [
      'a directory',
      '<"$2"',
      /^policyd-weight: explain: standard input cannot be read \(EISDIR\); give the mail by --client/,
    ],
    ['what never ends', '</dev/zero', /^policyd-weight: explain: a line of more than 8192 bytes\n$/],
    ['nothing', '</dev/null', /^policyd-weight: explain: no mail is given/],
  ]
  for (const [label, input, stderr] of cases)
    t.match(run(t.testdir(), `exec "$0" "$1" explain ${input}`), { status: 64, stdout: '', stderr }, label)
})
