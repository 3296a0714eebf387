import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'

const NOWHERE = { usualPlaces: [] }

t.test('without a file the built-in defaults serve, and nothing is wrong', async t => {
  const dir = t.testdir()
  const loaded = await loadConfig({ usualPlaces: [join(dir, 'a'), join(dir, 'b/c')] })
  t.same(loaded.config, builtinConfig())
  t.equal(loaded.path, undefined)
  t.same(loaded.findings, [])
  t.equal(loaded.origins.size, 0)
})

t.test('the first place where a file is counts', async t => {
  const dir = t.testdir({ second: '$REJECTLEVEL = 2;', third: '$REJECTLEVEL = 3;' })
  const usualPlaces = ['first', 'second', 'third'].map(name => join(dir, name))
  const loaded = await loadConfig({ usualPlaces })
  t.equal(loaded.path, usualPlaces[1])
  t.equal(loaded.config.REJECTLEVEL, 2)
  const given = await loadConfig({ file: usualPlaces[2], usualPlaces })
  t.equal(given.path, usualPlaces[2])
  t.equal(given.config.REJECTLEVEL, 3)
})

t.test('the working directory is no place to look for a file', async t => {
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(t.testdir({ 'policyd-weight.conf': '$REJECTLEVEL = 4;' }))
  t.equal((await loadConfig(NOWHERE)).path, undefined)
  t.equal((await loadConfig({ ...NOWHERE, file: 'policyd-weight.conf' })).config.REJECTLEVEL, 4, 'unless it is named')
})

t.test('whose a file must be for those who act on it as root', async t => {
  const file = join(t.testdir({ conf: '$REJECTLEVEL = 4;' }), 'conf')
  const own = process.geteuid?.() ?? 0
  t.equal((await loadConfig({ file, owners: [own] })).config.REJECTLEVEL, 4)
  t.match(await loadConfig({ file, owners: [own + 1] }), {
    config: { faulty: true },
    findings: [{ code: 'file-owner' }],
  })
})

t.test('a file that counts', async t => {
  const dir = t.testdir({
    crlf: '\ufeff$REJECTLEVEL = 7;\r\n1;\r\n',
    empty: '',
    link: t.fixture('symlink', 'crlf'),
    warned: '$REJECTLVL = 3; $MAXDNSBLSCORE = 9;',
    latin1: Buffer.from('# Stra\xdfe\n$REJECTLEVEL = 7;', 'latin1'),
  })
  const load = (name: string) => loadConfig({ ...NOWHERE, file: join(dir, name) })
  t.equal((await load('crlf')).config.REJECTLEVEL, 7, 'with the line ends and the mark of Windows')
  t.equal((await load('link')).config.REJECTLEVEL, 7, 'through a symbolic link')
  t.equal((await load('latin1')).config.REJECTLEVEL, 7, 'with comments in an old character set')
  const empty = await load('empty')
  t.same([empty.config, empty.findings], [builtinConfig(), []], 'an empty one')
  const warned = await load('warned')
  t.match(warned.config, { MAXDNSBLSCORE: 9, faulty: false }, 'with warnings')
  t.match(warned.findings, [{ code: 'unknown-parameter', file: join(dir, 'warned') }])
})

t.test('of a faulty file everything but the faults is used', async t => {
  const dir = t.testdir({ conf: '$REJECTLEVEL = 9;\n$DEBUG = maybe;\n' })
  const file = join(dir, 'conf')
  const { config, path, findings } = await loadConfig({ ...NOWHERE, file })
  t.same(config, builtinConfig({ REJECTLEVEL: 9, configError: 'default for $DEBUG due to config-error' }))
  t.equal(path, file)
  t.match(findings, [{ code: 'syntax', severity: 'error', file, position: { line: 2, column: 10 } }])
  t.match(findings[0]?.text, new RegExp(`^${file}:2:10: found "maybe", expected .`))
})

t.test('a file that is refused', async t => {
  const dir = t.testdir({
    writable: '$REJECTLEVEL = 9;',
    large: `${'#'.repeat(1024 * 1024)}\n`,
    binary: '$REJECTLEVEL = 9;\0',
    dangling: t.fixture('symlink', 'nothing'),
  })
  chmodSync(join(dir, 'writable'), 0o666)
  mkdirSync(join(dir, 'directory'))
  execFileSync('mkfifo', [join(dir, 'fifo')])
  symlinkSync('/dev/zero', join(dir, 'zero'))
  symlinkSync('loop', join(dir, 'loop'))
  const cases: [label: string, file: string, want: string][] = [
    ['that everybody may write', join(dir, 'writable'), 'file-world-writable'],
    ['that is too large', join(dir, 'large'), 'file-too-large'],
    ['with NUL bytes', join(dir, 'binary'), 'file-binary'],
    ['that is a directory', join(dir, 'directory'), 'file-not-regular'],
    ['that is a FIFO without a writer', join(dir, 'fifo'), 'file-not-regular'],
    ['that never ends', join(dir, 'zero'), 'file-not-regular'],
    ['that leads to itself', join(dir, 'loop'), 'file-unreadable'],
    ['in a file', join(dir, 'binary', 'x'), 'file-unreadable'],
    ['that does not exist', join(dir, 'nothing'), 'file-missing'],
    ['that leads to nothing', join(dir, 'dangling'), 'file-missing'],
    ['with an impossible name', 'a\0b', 'file-unreadable'],
  ]
  for (const [label, file, want] of cases) {
    const { config, findings } = await loadConfig({ ...NOWHERE, file })
    t.same(config, builtinConfig({ faulty: true }), label)
    t.match(findings, [{ code: want, severity: 'error', file, text: /: .*[a-z]/ }], `${label}: ${want}`)
    t.equal(findings[0]?.position, undefined, `${label}: the file itself`)
    if (want === 'file-unreadable')
      t.match(findings[0]?.message, /^cannot be opened \(\w+\); see where it leads: namei -l /)
  }
})

t.test('a refused file at a usual place does not lead to the next place', async t => {
  const dir = t.testdir({ open: '$REJECTLEVEL = 9;', other: '$REJECTLEVEL = 3;' })
  chmodSync(join(dir, 'open'), 0o646)
  const usualPlaces = [join(dir, 'open'), join(dir, 'other')]
  const { config, path } = await loadConfig({ usualPlaces })
  t.equal(path, usualPlaces[0])
  t.match(config, { REJECTLEVEL: 1, faulty: true })
})

t.test('a place that may not be looked at counts as one with a file', async t => {
  const dir = t.testdir({ link: t.fixture('symlink', 'link') })
  const { path, findings } = await loadConfig({ usualPlaces: [join(dir, 'link')] })
  t.equal(path, join(dir, 'link'))
  t.match(findings, [{ code: 'file-unreadable' }])
})

t.test('name servers must be addresses', async t => {
  const dir = t.testdir()
  const cases: [value: string, wantFaulty: boolean][] = [
    ['192.0.2.1 192.0.2.2:5353 [2001:db8::1]:53 ::1', false],
    ['', false],
    ['ns.example.org', true],
    ['192.0.2.1,192.0.2.2', false],
    ['192.0.2.1:99999', true],
  ]
  for (const [value, wantFaulty] of cases) {
    const file = join(dir, 'conf')
    writeFileSync(file, `\n$NS = '${value}';`)
    const { config, findings } = await loadConfig({ ...NOWHERE, file })
    t.equal(config.configError !== '', wantFaulty, `"${value}"`)
    if (wantFaulty) t.same(config.NS, [], 'those of the system serve')
    if (wantFaulty) t.match(findings, [{ code: 'bad-value', position: { line: 2, column: 7 } }], `"${value}" is told`)
  }
})

t.test('what is said about name servers stands where they stand', async t => {
  const file = join(t.testdir({ conf: "$A = 1;\n$NS = 'ns.example.org';\n$B = 1;\n" }), 'conf')
  const { findings } = await loadConfig({ ...NOWHERE, file })
  t.match(
    findings.map(({ code, position }) => [code, position?.line]),
    [
      ['unknown-parameter', 1],
      ['bad-value', 2],
      ['unknown-parameter', 3],
    ],
  )
})
