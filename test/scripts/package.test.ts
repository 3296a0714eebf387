import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { pagesBelow } from '../../scripts/package/contents.ts'
import { architectureOf, packageVersion, renderControl, renderDebianChangelog } from '../../scripts/package/control.ts'
import { renderCopyright } from '../../scripts/package/copyright.ts'

const facts = { version: '1.2.3', addons: ['x64', 'arm64'], maintainer: 'M <m@example.org>' }

t.test('the package is for the machines it has a native part for', t => {
  const cases = [
    { label: 'all there are: any machine', addons: ['x64', 'arm64'], want: 'all' },
    { label: 'x64 alone', addons: ['x64'], want: 'amd64' },
    { label: 'arm64 alone', addons: ['arm64'], want: 'arm64' },
  ]
  for (const { label, addons, want } of cases) t.equal(architectureOf({ ...facts, addons }), want, label)
  t.throws(() => architectureOf({ ...facts, addons: [] }), /no native part/)
  t.end()
})

t.test('its version comes behind that of the Perl implementation', t => {
  t.equal(packageVersion(facts), '1.2.3-1')
  const control = renderControl(facts, 2049)
  t.match(control, /^Package: policyd-weight\nVersion: 1\.2\.3-1\nArchitecture: all\n/)
  t.match(control, '\nInstalled-Size: 3\n')
  t.match(control, '\nDepends: adduser, nodejs (>= 20.19)\n')
  t.notMatch(control, /\n\n./, 'one paragraph')
  const date = new Date('2026-01-02T03:04:05Z')
  t.match(renderDebianChangelog(facts, date), / -- M <m@example\.org> {2}Fri, 02 Jan 2026 03:04:05 \+0000\n$/)
  t.end()
})

t.test('pages in folders are in it, under their folders', t => {
  const root = t.testdir({ docs: { 'install.md': '', behaviour: { 'cache.md': '', deeper: { 'x.md': '' } } } })
  t.same(pagesBelow(root, 'docs'), ['docs/behaviour/cache.md', 'docs/behaviour/deeper/x.md', 'docs/install.md'])
  t.end()
})

t.test('every notice is in the copyright file, each text once', t => {
  const rule = `\n${'-'.repeat(72)}\n\n`
  const notices = [
    'a 1.0.0 (MIT)\n\nMIT License\n\nCopyright (c) 2001 A\n\nPermission\nis granted.\n\nAs is.\n',
    'b 2.0.0 (MIT)\n\nCopyright B <b@example.org>\n\nPermission is granted.\n\nAs is.\n',
    'c 3.0.0 (MIT)\n\nCopyright (c) C\n\nPermission is granted, but.\n',
  ].join(rule)
  const text = renderCopyright(notices, 2026)
  t.match(text, /\nCopyright: 2026 the authors of policyd-weight\n {11}2001 A\n {11}B <b@example\.org>\n {11}C\n/)
  t.match(text, '\nLicense: GPL-2+ and MIT and MIT-2\n')
  t.match(text, ' a 1.0.0: MIT, 2001 A\n b 2.0.0: MIT, B <b@example.org>\n c 3.0.0: MIT-2, C\n')
  t.match(
    text,
    '\nLicense: MIT\n Permission is granted.\n .\n As is.\n\nLicense: MIT-2\n Permission is granted, but.\n',
  )
  t.throws(() => renderCopyright('no head\n', 2026), /no licence notice/)
  t.throws(() => renderCopyright('d 4.0.0 (MIT)\n\nnobody\n', 2026), /no copyright line/)
  t.end()
})

t.test('the scripts that dpkg runs are shell, and Postfix is not confined further', t => {
  for (const name of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const { status, stderr } = spawnSync('sh', ['-n', `scripts/package/debian/${name}`], { encoding: 'utf8' })
    t.equal(status, 0, `${name} ${stderr}`)
    t.match(readFileSync(`scripts/package/debian/${name}`, 'utf8'), /^#!\/bin\/sh\n(?:#.*\n)+set -e\n/, name)
  }
  // One system call more would be the only one allowed where Postfix's unit has no list.
  const dropIn = readFileSync('scripts/package/debian/postfix-dropin.conf', 'utf8')
  t.match(dropIn, /^SystemCallFilter=$/m)
  t.end()
})
