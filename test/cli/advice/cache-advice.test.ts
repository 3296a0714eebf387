import { spawnSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { adviseOnCache, type Surroundings } from '../../../src/cli/advice/cache-advice.ts'
import { checkConfiguration } from '../../../src/cli/check.ts'
import type { ServiceUser } from '../../../src/cli/rights/service-user.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { makeCacheFile } from '../../support/cache-on-disk.ts'
import { testNative } from '../../../testkit/native.ts'

const ownUid = process.geteuid?.() ?? 0
const US: ServiceUser = { name: 'polw', group: 'polw', uid: ownUid, groups: [] }
/** Somebody who owns nothing here and is in no group. */
const STRANGER: ServiceUser = { ...US, uid: 65_533 }
const NOBODY_KNOWN: ServiceUser = { ...US, uid: undefined }

const native = testNative()
const surroundings = (changed: Partial<Surroundings> = {}): Surroundings => ({
  native,
  user: US,
  cacheFileName: 'x.cache',
  freeBytes: () => Number.POSITIVE_INFINITY,
  ...changed,
})

t.test('what is said about the cache', t => {
  const cases: {
    label: string
    prepare?: (directory: string) => void
    config?: Partial<Config>
    given?: Partial<Surroundings>
    want: [code: string, message: RegExp][]
    wantNote?: RegExp
  }[] = [
    {
      label: 'all is well, before the first mail',
      want: [],
      wantNote: /x\.cache: note: shared .* polw; the first mail/,
    },
    {
      label: 'all is well',
      prepare: directory => makeCacheFile(directory, Date.now).store.close(),
      want: [],
      wantNote: /x\.cache: note: shared by all processes of user polw$/,
    },
    {
      label: 'switched off',
      config: { CACHESIZE: 0, POSCACHESIZE: 0, LOCKPATH: '/none/' },
      given: { user: NOBODY_KNOWN },
      want: [],
      wantNote: /^cache: note: switched off/,
    },
    {
      label: 'no native part, also if it is switched off: the log wants it as well',
      config: { CACHESIZE: 0, POSCACHESIZE: 0 },
      given: { native: { kind: 'unavailable', why: 'there is no native part for darwin x64' } },
      want: [['native-missing', /darwin x64: no shared cache, .*logger\(1\)\. It needs Linux .* noexec/]],
      wantNote: /switched off/,
    },
    {
      label: 'no native part',
      given: { native: { kind: 'unavailable', why: 'the native part cannot be loaded' } },
      want: [['native-missing', /cannot be loaded: no shared cache/]],
    },
    {
      label: 'built without it',
      given: { native: { kind: 'unavailable', why: 'this executable was built without', isNotInside: true } },
      want: [
        ['native-missing', /built without: no shared cache, .* no gcc .*: apt-get install gcc libc6-dev, and build/],
      ],
    },
    {
      label: 'a faulty file, whose $LOCKPATH nobody knows',
      config: { LOCKPATH: '/none/none', faulty: true },
      want: [],
    },
    {
      label: 'a fault of $LOCKPATH itself',
      config: { LOCKPATH: '/none/none', configError: 'default for $LOCKPATH due to config-error' },
      want: [],
    },
    {
      label: 'a fault of something else',
      config: { LOCKPATH: '/none/none', configError: 'default for $NTTL due to config-error' },
      want: [['cache-directory', /^does not exist/]],
    },
    {
      label: 'no such user',
      given: { user: NOBODY_KNOWN },
      want: [
        ['service-user', /^does not exist; make it \(adduser .* polw\), or set \$USER to the user= of master\.cf$/],
      ],
    },
    {
      label: 'root',
      given: { user: { ...US, name: 'root' } },
      want: [
        ['service-user', /^neither spawn\(8\) nor the daemon serves as root; set \$USER to the user= of master\.cf$/],
      ],
    },
    {
      label: 'a directory that the service can make',
      config: { LOCKPATH: '{}/new/' },
      want: [],
      wantNote: /new\/x\.cache: note: shared/,
    },
    {
      label: 'a directory that it cannot make',
      config: { LOCKPATH: '{}/new/' },
      given: { user: STRANGER },
      want: [
        [
          'cache-directory',
          /^does not exist, and user polw cannot make it: no shared cache\. As root: install -d -o polw -g polw -m 700 \/.*\/new$/,
        ],
      ],
    },
    {
      label: 'missing with its parent',
      config: { LOCKPATH: '{}/a/b' },
      want: [['cache-directory', /^does not exist, and /]],
    },
    {
      label: 'below /run, which is empty after a start',
      config: { LOCKPATH: '/var/run/policyd-weight-none/none' },
      want: [
        [
          'cache-directory',
          /\/etc\/tmpfiles\.d\/policyd-weight\.conf: d \/run\/policyd-weight-none\/none 0700 polw polw -$/,
        ],
      ],
    },
    {
      label: 'a file in its place',
      prepare: directory => writeFileSync(join(directory, 'file'), ''),
      config: { LOCKPATH: '{}/file' },
      want: [
        ['cache-directory', /^is no directory: .* As root: mv (\/.*\/file) \1\.old - and install -d .* -m 700 \1$/],
      ],
    },
    {
      label: 'a file in the place of its parent',
      prepare: directory => writeFileSync(join(directory, 'file'), ''),
      config: { LOCKPATH: '{}/file/new' },
      want: [
        ['cache-directory', /^does not exist, and .* As root: mv (\/.*\/file) \1\.old - and install -d .* \1\/new$/],
      ],
    },
    {
      label: 'a directory of somebody else',
      given: { user: STRANGER },
      // What belongs to root may be used by others, if they may write there.
      want: [
        ['cache-directory', ownUid === 0 ? /^is not writable for user polw/ : /^belongs to user \d+, not to polw/],
      ],
    },
    {
      label: 'a directory everybody can write to',
      prepare: directory => chmodSync(directory, 0o1777),
      want: [['cache-directory', /^is writable for everybody: .*-m 700/]],
    },
    {
      label: 'a link in the place of the file',
      prepare: directory => symlinkSync('target', join(directory, 'x.cache')),
      want: [['cache-file', /^is a symbolic link, so it is not used; remove it: policyd-weight -k$/]],
    },
    {
      label: 'a directory in its place',
      prepare: directory => mkdirSync(join(directory, 'x.cache')),
      want: [['cache-file', /^is no regular file, so it is not used; it is a directory: mv (\S+) \1\.old$/]],
    },
    {
      label: 'a file with two names',
      prepare: directory => {
        writeFileSync(join(directory, 'x.cache'), '')
        linkSync(join(directory, 'x.cache'), join(directory, 'other'))
      },
      want: [['cache-file', /hard link/]],
    },
    {
      label: 'a full disk',
      given: { freeBytes: () => 1024 * 1024 },
      want: [['cache-space', /^has 1\.0 MB left, the cache takes 3\.\d MB: no shared cache$/]],
    },
    {
      label: 'a full disk that has the file already',
      prepare: directory => makeCacheFile(directory, Date.now).store.close(),
      given: { freeBytes: () => 0 },
      want: [],
      wantNote: /shared/,
    },
    {
      label: 'a path that cannot be looked at',
      prepare: directory => symlinkSync('loop', join(directory, 'loop')),
      config: { LOCKPATH: '{}/loop/x' },
      want: [],
      wantNote: /loop\/x: note: cannot be looked at; run check as root or as user polw$/,
    },
  ]
  for (const { label, prepare, config = {}, given, want, wantNote } of cases) {
    t.test(label, t => {
      const directory = t.testdir()
      chmodSync(directory, 0o700)
      prepare?.(directory)
      const LOCKPATH = (config.LOCKPATH ?? '{}').replace('{}', directory)
      const { findings, notes } = adviseOnCache(builtinConfig({ ...config, LOCKPATH }), surroundings(given))
      t.strictSame(
        findings.map(({ code, severity }) => [code, severity]),
        want.map(([code]) => [code, 'warning']),
      )
      for (const [index, [, message]] of want.entries()) t.match(findings[index]?.message, message)
      t.equal(notes.length, wantNote ? 1 : 0)
      if (wantNote) t.match(notes[0], wantNote)
      t.end()
    })
  }
  t.end()
})

t.test('a directory that belongs to root and is writable for a group of the user', t => {
  // Not t.testdir: what lies above it may be closed to others.
  const directory = mkdtempSync(join(tmpdir(), 'advice-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  chmodSync(directory, 0o770)
  const gid = process.getegid?.() ?? 0
  // The owner's own rights come first, so this says something only about somebody else: root's directory.
  const user = { ...STRANGER, groups: [gid] }
  const { findings } = adviseOnCache(builtinConfig({ LOCKPATH: directory }), surroundings({ user }))
  t.equal(findings.length, ownUid === 0 ? 0 : 1)
  t.end()
})

t.test('what puts the directory right is also said on its own', t => {
  const { findings, remedy = [] } = adviseOnCache(builtinConfig({ LOCKPATH: '/run/none/none' }), surroundings())
  t.strictSame(remedy, [
    'install -d -o polw -g polw -m 700 /run/none/none',
    'for the next start of the machine, in /etc/tmpfiles.d/policyd-weight.conf: d /run/none/none 0700 polw polw -',
  ])
  t.ok(findings[0]?.message.endsWith(`. As root: ${remedy.join(' - and ')}`), 'the finding ends with it')
  t.equal(adviseOnCache(builtinConfig({ LOCKPATH: t.testdir() }), surroundings()).remedy, undefined)
  t.end()
})

t.test('a directory that others use as well is left to them', t => {
  const folder = t.testdir({ others: { file: '' }, polw: { file: '' } })
  const others = join(folder, 'others')
  for (const name of ['others', 'polw']) chmodSync(join(folder, name), 0o1777)
  symlinkSync('others', join(folder, 'link'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  const another = ["$LOCKPATH = '/var/run/policyd-weight/';"]
  const install = (path: string): string => `install -d -o polw -g polw -m 700 ${path}`
  const behind = (path: string): string[] => [`mv ${path} ${path}.old`, install(path)]
  const cases: [label: string, directory: string, user: ServiceUser, want: readonly string[]][] = [
    ['with files of others in it', others, US, another],
    ['the root directory', '/', STRANGER, another],
    ['one for temporary files', '/tmp', STRANGER, another],
    ['one that is named for us', join(folder, 'polw'), US, [install(join(folder, 'polw'))]],
    ['a link to it', join(folder, 'link'), US, behind(join(folder, 'link'))],
    ['a link to nothing', join(folder, 'dangling'), STRANGER, behind(join(folder, 'dangling'))],
  ]
  for (const [label, directory, user, want] of cases) {
    const { findings, remedy } = adviseOnCache(builtinConfig({ LOCKPATH: directory }), surroundings({ user }))
    t.strictSame(remedy, want, label)
    const where = want === another ? 'In the configuration' : 'As root'
    t.ok(findings[0]?.message.endsWith(`: no shared cache. ${where}: ${want.join(' - and ')}`), label)
  }
  t.end()
})

t.test('a file system that is read-only', async t => {
  // Not t.testdir: what lies above it may be closed to others.
  const folder = mkdtempSync(join(tmpdir(), 'advice-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const mount = ['-t', 'tmpfs', '-o', 'ro,mode=0755', 'advice-test', folder]
  if (spawnSync('mount', mount, { stdio: 'ignore' }).status !== 0) {
    t.pass('mounts', { skip: 'only root may mount' })
    return
  }
  t.teardown(() => spawnSync('umount', [folder]))
  const { remedy } = adviseOnCache(builtinConfig({ LOCKPATH: folder }), surroundings({ user: STRANGER }))
  t.strictSame(remedy, [`mount -o remount,rw ${folder}`])
})

t.test('the real file system has room, or says how much', t => {
  const { freeBytes: _freeBytes, ...real } = surroundings()
  const { findings, notes } = adviseOnCache(builtinConfig({ LOCKPATH: t.testdir() }), real)
  t.equal(findings.length + notes.length, 1)
  t.end()
})

t.test('check prints it behind what it says of the file, and the exit status stays', t => {
  const directory = t.testdir()
  chmodSync(directory, 0o777)
  const advice = adviseOnCache(builtinConfig({ LOCKPATH: directory }), surroundings())
  const loaded = { config: builtinConfig(), path: undefined, findings: [], origins: new Map() }
  const refused = checkConfiguration(loaded, advice)
  t.equal(refused.status, 0)
  t.match(refused.text, /^\/.*: warning: is writable for everybody: .*\nprofile .*\nno configuration file; .*serve\n$/)
  chmodSync(directory, 0o700)
  const fine = checkConfiguration(loaded, adviseOnCache(builtinConfig({ LOCKPATH: directory }), surroundings()))
  t.match(fine.text, /^\/.*x\.cache: note: shared by all .*\nprofile .*\nno configuration file/)
  t.end()
})
