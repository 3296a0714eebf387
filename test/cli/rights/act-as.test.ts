/** Root and the files of others: what a command of root's does to them, and whom it believes. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { actAsServiceUser, adviseOnFile, trustedOwners } from '../../../src/cli/rights/act-as.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { DAEMON_USER, socketFolder } from '../../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes } from '../../../testkit/policy-process.ts'

const IS_ROOT = process.geteuid?.() === 0
const { uid, gid } = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, ...DAEMON_USER.options }

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(configuration: string, args: readonly string[], environment: readonly string[] = []): Ran {
  const command = [
    '-i',
    'PATH=/usr/bin:/bin',
    ...environment,
    process.execPath,
    EXECUTABLE,
    '-f',
    configuration,
    ...args,
  ]
  const input = requestBytes(attributesOf({ sender: '' }))
  return spawnSync('/usr/bin/env', command, { input, encoding: 'latin1' })
}

/** A configuration of ours that names files in a directory of the service's user. */
function setUp(t: Test, parameters: Parameters = {}): { folder: string; own: string; configuration: string } {
  const folder = socketFolder(t)
  const own = join(folder, 'own')
  mkdirSync(own)
  chownSync(own, uid, gid)
  const configuration = join(folder, 'conf')
  const files = { LOCKPATH: `${own}/`, LOGFILE: join(own, 'log'), PIDFILE: join(own, 'pid'), TCP_PORT: 0 }
  writeFileSync(configuration, configurationText({ ...files, USER: DAEMON_USER.name, ...parameters }))
  return { folder, own, configuration }
}

const groupOf = (name: string): string => execFileSync('id', ['-gn', name], { encoding: 'latin1' }).trim()

t.test('what -d makes belongs to the user of the service', t => {
  const { own, configuration } = setUp(t, { GROUP: groupOf(DAEMON_USER.name), NS: '127.0.0.1:9' })
  const text = readFileSync(configuration, 'latin1')
  writeFileSync(configuration, `${text}$DNS_RETRIES = 0; $DNS_RETRY_IVAL = 1;\n`)
  const asked = run(configuration, ['-d'])
  t.match(asked, { status: 0, stdout: /action=DUNNO/, stderr: '' })
  for (const name of readdirSync(own)) t.equal(statSync(join(own, name)).uid, uid, name)
  t.notOk(existsSync(join(own, 'log')), 'it prints what would be logged')
  t.match(run(configuration, ['-s']), { status: 69 })
  t.match(run(configuration, ['-k']), { status: 69, stderr: /nothing to empty/ })
  t.end()
})

t.test('links in a directory of others lead root nowhere', t => {
  const { folder, own, configuration } = setUp(t, { GROUP: groupOf(DAEMON_USER.name) })
  writeFileSync(join(folder, 'victim'), 'precious', { mode: 0o600 })
  symlinkSync(join(folder, 'victim'), join(own, 'log'))
  symlinkSync(join(folder, 'victim'), join(own, 'policyd-weight.cache.debug'))
  symlinkSync(join(folder, 'victim'), join(own, 'policyd-weight.cache.debug.new'))
  t.match(run(configuration, ['-d']), { status: 0, stdout: /action=DUNNO/ })
  if (IS_ROOT) t.equal(readFileSync(join(folder, 'victim'), 'latin1'), 'precious')
  run(configuration, ['-d', '-k'])
  t.ok(readFileSync(join(folder, 'victim'), 'latin1').startsWith('precious'))
  t.end()
})

t.test("the pid file of a daemon that root starts is its user's, where that user writes", t => {
  const { folder, own, configuration } = setUp(t, { GROUP: groupOf(DAEMON_USER.name), MAX_PROC: 1 })
  const socket = `$SOCKET = '${own}/socket';\n`
  writeFileSync(configuration, readFileSync(configuration, 'latin1') + socket)
  t.teardown(() => run(configuration, ['stop']))
  t.match(run(configuration, ['start']), { status: 0, stdout: /started, process/, stderr: '' })
  t.equal(statSync(join(own, 'pid')).uid, uid)
  t.match(run(configuration, ['stop']), { status: 0, stdout: /stopped, process/ })
  t.notOk(existsSync(join(own, 'pid')), 'it has removed it itself')

  const roots = join(folder, 'roots')
  mkdirSync(roots)
  symlinkSync(roots, join(own, 'link'))
  writeFileSync(configuration, `${readFileSync(configuration, 'latin1')}$PIDFILE = '${own}/link/pid';\n`)
  if (IS_ROOT)
    t.match(run(configuration, ['start']), { status: 73, stderr: /pid file .* cannot be written \(EACCES\)/ })
  t.strictSame(readdirSync(roots), [], 'a link leads root nowhere')
  t.end()
})

t.test('the journal is made by the user of the service, in a directory of that user', t => {
  const { folder, own, configuration } = setUp(t, { GROUP: groupOf(DAEMON_USER.name), JOURNAL_PRIVACY: 1 })
  const text = readFileSync(configuration, 'latin1')
  const journals = (): string[] => readdirSync(own).filter(name => name.startsWith('journal'))
  const serve = (more: string, args: readonly string[] = []): void => {
    writeFileSync(configuration, `${text}${more}$JOURNAL = '${own}/journal';\n`)
    t.match(run(configuration, args), { status: 0, stdout: /^action=DUNNO/, stderr: '' })
  }
  serve('')
  if (IS_ROOT) t.strictSame(journals(), [], 'root, asked as Postfix would ask, makes neither it nor its key')
  const roots = join(folder, 'roots')
  mkdirSync(roots)
  serve(`$LOCKPATH = '${roots}/'; $LOGFILE = '';\n`, ['-D'])
  t.strictSame(
    journals(),
    ['journal', 'journal.key'],
    "and becomes that user, although the cache's directory is its own",
  )
  for (const name of journals()) t.match(statSync(join(own, name)), { uid, mode: 0o100600 }, name)
  t.end()
})

t.test('where root cannot become that user, it leaves the files of others alone', t => {
  const { own, configuration } = setUp(t, { USER: 'nobody-of-this-name' })
  const { status, stdout, stderr } = run(configuration, ['-d'])
  t.match({ status, stdout }, { status: 0, stdout: /action=DUNNO/ })
  if (IS_ROOT) {
    t.match(stderr, /there is no user.*left alone/s)
    t.strictSame(readdirSync(own), [])
    t.match(run(configuration, ['-k']), { status: 77, stderr: /there is no user/ })
  } else t.equal(stderr, '')
  t.end()
})

t.test('root does nothing that a configuration of others says', t => {
  const { own, configuration } = setUp(t)
  chownSync(configuration, uid, gid)
  const stranger = IS_ROOT
  for (const args of [['start'], ['restart'], ['stop'], ['-d'], ['-k'], ['-d', 'start']]) {
    if (!stranger) break
    t.match(
      run(configuration, args),
      { status: 78, stdout: '', stderr: /belongs to user .*nothing was done/s },
      args.join(' '),
    )
    t.strictSame(readdirSync(own), [], `${args.join(' ')} changes nothing`)
  }
  t.equal(run(configuration, ['check']).status, stranger ? 78 : 0)
  t.equal(run(configuration, ['check'], [`SUDO_UID=${uid}`]).status, 0, 'but of who called sudo')
  t.match(run(configuration, []), { status: 0, stdout: 'action=DUNNO NULL (<>) Sender\n\n' }, 'Postfix is answered')
  t.end()
})

t.test('whose a configuration may be', t => {
  if (!IS_ROOT) t.equal(trustedOwners({}), undefined)
  else {
    t.ok(trustedOwners({})?.includes(0))
    t.notOk(trustedOwners({})?.includes(4711))
    t.ok(trustedOwners({ SUDO_UID: '4711' })?.includes(4711))
    t.notOk(trustedOwners({ SUDO_UID: '4711x' })?.includes(4711))
  }
  t.end()
})

t.test("root stays root where everything is root's own", t => {
  const folder = socketFolder(t)
  const config = builtinConfig({ LOCKPATH: folder, LOGFILE: join(folder, 'log') })
  t.equal(actAsServiceUser(config), undefined)
  t.equal(process.geteuid?.() === 0, IS_ROOT)
  t.end()
})

t.test('check tells of a link to nothing that is passed over', t => {
  const folder = t.testdir({ second: '' })
  const [first, second, third] = ['first', 'second', 'third'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  for (const place of [first, third]) symlinkSync('none', place)
  const places = [first, second, third]
  const found = (path: string | undefined): string[] => adviseOnFile(path, places).map(({ text }) => text)
  const passed = (place: string): string => `${place}: is a link to nothing, and is passed over`
  t.strictSame(found(second), [passed(first)], 'one behind what serves is not looked at')
  t.strictSame(found(undefined), [passed(first), passed(third)])
  t.strictSame(found('/none/of/them'), [], 'nor is any where -f says which')
  t.end()
})

t.test('check warns of a file that a group may write', t => {
  const file = join(t.testdir({ conf: '' }), 'conf')
  chmodSync(file, 0o664)
  t.match(adviseOnFile(file), [{ code: 'file-group-writable', severity: 'warning' }])
  t.match(run(file, ['check']), { status: 0, stdout: /warning: a whole group may write/ })
  chmodSync(file, 0o666)
  t.strictSame(adviseOnFile(file), [], 'one that everybody may write is refused, and says so itself')
  chmodSync(file, 0o644)
  for (const path of [file, undefined, `${file}none`]) t.strictSame(adviseOnFile(path), [])
  t.end()
})
