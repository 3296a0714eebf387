import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { COMMANDS } from '../../src/cli/commands.ts'
import { HELP, OPTIONS, type Option, VERSION } from '../../src/cli/options.ts'
import { describeOddOptions } from '../../src/cli/odd-options.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

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
      want: /^policyd-weight: -f needs FILE\n/,
    },
    {
      label: 'a command that does not exist',
      options: ['chekc'],
      want: /^policyd-weight: there is no command chekc; perhaps check\?\nU/,
    },
    { label: 'one that is like none', options: ['frobnicate'], want: /: there is no command frobnicate\nU/ },
    {
      label: 'a word that is missing',
      options: ['forgive'],
      want: /: forgive needs <WHO>\n.*try: policyd-weight forgive --help\n$/,
    },
    { label: 'an option that is none', options: ['why', '--clent', 'x'], want: /: Unknown argument: clent\n/ },
    {
      label: 'a mail that has come',
      options: ['explain', '7QK2M0XN4B'],
      want: /: Unknown argument: 7QK2M0XN4B; .* by why\n/,
    },
    {
      label: 'two commands',
      options: ['check', 'check'],
      want: /\nUsage: policyd-weight .*; try: policyd-weight check --help\n$/,
    },
    {
      label: 'nothing to show with it',
      options: ['-s', '-D'],
      want: /^policyd-weight: -D means nothing without a command\nU/,
    },
    {
      label: 'an option of another command, where nobody sits at a terminal',
      options: ['check', '--release', 'bl.example.org'],
      want: /^policyd-weight: --release means nothing with check\nU/,
    },
    {
      label: 'a switch of another command',
      options: ['lists', '--dns'],
      want: /^policyd-weight: --dns means nothing with lists\nU/,
    },
    { label: 'an option without the one it belongs to', options: ['--json'], want: /json -> s\n/ },
  ]
  for (const { label, options, want } of cases) {
    const command = () => [process.execPath, EXECUTABLE, ...options]
    const tried = await tryExecutable(t.testdir(), { input: '', command })
    t.match(tried, { status: 64, stdout: '', stderr: want }, label)
  }
})

t.test('a service starts in spite of an option that means nothing with it, and says so', async t => {
  const folder = t.testdir()
  const parameters = { TCP_PORT: 0, PIDFILE: join(folder, 'missing', 'pid'), LOCKPATH: folder }
  const command = (file: string) => [process.execPath, EXECUTABLE, '-f', file, '-D', 'start', '-s']
  const { status, stderr } = await tryExecutable(folder, { input: '', parameters, command })
  t.match(stderr, /^policyd-weight: -s means nothing with start, and is ignored\n/)
  t.not(status, 64, 'whatever else keeps this one from starting')
})

t.test('the help of a command has the options that mean something with it, and that of the program all', async t => {
  const shown = async (...words: string[]): Promise<string[]> => {
    const command = () => [process.execPath, EXECUTABLE, ...words, '--help']
    const { stdout } = await tryExecutable(t.testdir(), { input: '', command })
    return [...stdout.matchAll(/^ +(?:-\w, )?--?([\w-]+) /gm)].map(match => match[1] ?? '')
  }
  t.strictSame(await shown(), [...OPTIONS.map(({ name }) => name), 'help', 'version'])
  t.strictSame(await shown('lists'), ['f', 'json', 'test', 'release', 'help', 'version'])
  t.strictSame(await shown('check'), ['f', 'json', 'dns', 'help', 'version'])
})

const REQUEST = requestBytes(attributesOf({ sender: '' })).toString('latin1')
const ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'

t.test('a request is answered, whatever stands in master.cf beside -f', async t => {
  const cases: { label: string; options: (file: string) => string[]; wantLog?: string }[] = [
    { label: 'the last -f counts', options: file => ['-f', '/none', '-f', file] },
    { label: 'without a blank', options: file => [`-f${file}`] },
    { label: 'both', options: file => ['-f/none', '-f', '/none', `-f${file}`] },
    { label: '-D', options: file => ['-f/none', '-f', file, '-D'], wantLog: '-D means' },
    { label: '--postfix', options: file => [`-f${file}`, '--postfix', '/etc'], wantLog: '--postfix means' },
    { label: '-- check', options: file => ['-f', file, '--', 'check'], wantLog: '"check" behind -- means' },
  ]
  for (const { label, options, wantLog } of cases) {
    const command = (file: string) => [process.execPath, EXECUTABLE, ...options(file)]
    // Root's own, so that root uses it as itself.
    const folder = t.testdir({ cache: {} })
    const parameters = { LOCKPATH: `${folder}/cache/` }
    const tried = await tryExecutable(folder, { input: REQUEST, command, parameters })
    t.match(tried, { status: 0, stdout: ANSWER, stderr: '' }, label)
    const decided = /^decided action=DUNNO NULL/
    const odd = `warning: ${wantLog} nothing without a command, and is ignored; correct the command in master.cf`
    t.match(tried.log, wantLog === undefined ? [decided] : [odd, decided], `${label}: the log`)
    t.equal(tried.log.length, wantLog === undefined ? 1 : 2)
  }
  t.equal(describeOddOptions({ _: [] }), undefined)
  t.equal(
    describeOddOptions({ s: true, watch: true, json: true, d: false, f: '/x', _: ['check'] }, 'check'),
    '-s and --watch mean nothing with check',
  )
  t.equal(
    describeOddOptions({ D: true, changed: true, _: ['\x07'] }),
    '-D and --changed and "?" behind -- mean nothing without a command',
  )
})

t.test('somebody at a terminal', t => {
  const folder = t.testdir()
  const file = join(folder, 'conf')
  writeFileSync(file, `$LOGFILE = '${folder}/log'; $LOCKPATH = '${folder}/cache/';`)
  /** What the program prints on a terminal, on which that is typed. */
  const onTerminal = (options: string, typed: string, variables: Record<string, string> = { TERM: 'vt100' }) => {
    const command = `exec env -i ${Object.entries(variables).map(([name, value]) => `${name}=${value}`)} ${process.execPath} ${EXECUTABLE} ${options}`
    const run = spawnSync('script', ['-qec', command, '/dev/null'], {
      input: typed,
      encoding: 'latin1',
      timeout: 60_000,
    })
    return { status: run.status, text: run.stdout.replaceAll('\r', '') }
  }
  const hint = /policyd-weight: a policy request is awaited: .*Ctrl-D ends\./
  const served = onTerminal(`-f ${file}`, `${REQUEST}\x04`)
  t.match(served, { status: 0, text: hint })
  t.ok(served.text.includes(ANSWER), 'and is answered')
  t.match(onTerminal(`-f ${file} -d`, `${REQUEST}\x04`), { status: 0, text: hint }, 'also with -d')
  t.notMatch(onTerminal(`-f ${file}`, `${REQUEST}\x04`, {}).text, hint, 'not to what spawn(8) starts, without TERM')
  for (const [options, want] of [
    ['-D', '-D means nothing without a command'],
    ['--postfix /etc', '--postfix means nothing without a command'],
    ['-- check', '"check" behind -- means nothing without a command'],
    ['-k check', '-k means nothing with check'],
    [`-f ${file} restart --json`, '--json means nothing with restart'],
  ] as const) {
    const { status, text } = onTerminal(options, '')
    t.equal(status, 64, options)
    t.ok(text.startsWith(`policyd-weight: ${want}\nUsage: policyd-weight `), options)
  }
  t.match(onTerminal(`-f ${file} -k stop`, ''), { status: 69, text: /the daemon is not running/ }, 'of old scripts')
  t.end()
})
