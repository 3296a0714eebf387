import { join } from 'node:path'
import t from 'tap'
import {
  checkCache,
  checkCodeCache,
  checkConfigurationFile,
  checkJournal,
  checkReadable,
  checkRights,
} from '../../../src/cli/doctor/check-surroundings.ts'
import { makeFinding } from '../../../src/config/findings/finding.ts'
import { loadConfig } from '../../../src/config/load.ts'

t.test('the configuration', async t => {
  const folder = t.testdir({
    good: '$REJECTLEVEL = 2;\n',
    dead: "@dnsbl_score = ('dnsbl.sorbs.net', 1, 0, 'X');\n",
    bad: '$REJECTLEVEL = foo();\n',
  })
  const cases: [file: string, want: object[]][] = [
    ['good', [{ level: 'ok', text: join(folder, 'good') }]],
    ['dead', [{ level: 'warning', code: 'configuration', text: /dead:1:17: .* is dead/ }]],
    ['bad', [{ level: 'error', code: 'configuration', text: /bad:1:16: .*; what has an error is not used$/ }]],
    ['none', [{ level: 'error', text: /does not exist/ }]],
  ]
  for (const [file, want] of cases) {
    const loaded = await loadConfig({ file: join(folder, file), withOrigins: true })
    t.match(checkConfigurationFile(loaded), want, file)
  }
  const none = await loadConfig({ usualPlaces: [] })
  t.match(checkConfigurationFile(none), [{ level: 'ok', text: /built-in/ }])
})

t.test('a configuration the service cannot read', t => {
  t.strictSame(checkReadable('/etc/x', 'polw', 'polw', undefined), [])
  t.match(checkReadable('/etc/x', 'polw', 'mail', 'it may not read that file'), [
    { level: 'error', code: 'configuration-unreadable', remedy: ['chgrp mail /etc/x && chmod 640 /etc/x'] },
  ])
  t.end()
})

t.test('what the user of the service may not do', t => {
  const finding = makeFinding('warning', 'user-rights', '/var/log/x', undefined, 'user polw cannot write the log')
  t.match(checkRights([finding], 'polw', undefined), [{ level: 'warning', code: 'user-rights', about: '/var/log/x' }])
  t.match(checkRights([], 'polw', 'judged by mode'), [{ level: 'note', code: 'not-looked-at', about: 'user polw' }])
  t.strictSame(checkRights([], 'polw', undefined), [])
  t.end()
})

t.test('the journal', t => {
  const remedy = ['install -d /x']
  const finding = makeFinding('warning', 'journal', '/x', undefined, 'there is none. As root: install -d /x')
  t.match(checkJournal({ findings: [finding], remedies: [remedy], notes: [] }, '/x/j'), [
    { level: 'warning', code: 'journal', about: '/x', text: 'there is none', remedy },
  ])
  const cases: [note: string, want: object][] = [
    ['/x/j: note: decisions since 2026', { level: 'ok', about: '/x/j', text: 'decisions since 2026' }],
    [
      '/x: note: cannot be looked at; run check as root',
      { level: 'note', code: 'not-looked-at', text: 'cannot be looked at; run doctor as root' },
    ],
  ]
  for (const [text, want] of cases)
    t.match(checkJournal({ findings: [], remedies: [], notes: [text] }, '/x/j'), [want], text)
  t.end()
})

t.test('the cache', t => {
  const remedy = ['install -d /x', 'for the next start: d /x']
  const directory = makeFinding(
    'warning',
    'cache-directory',
    '/x',
    undefined,
    `is no directory: no shared cache. As root: ${remedy.join(' - and ')}`,
  )
  const others = makeFinding(
    'warning',
    'cache-directory',
    '/tmp',
    undefined,
    `is writable for everybody: no shared cache. In the configuration: $LOCKPATH = '/x';`,
  )
  const file = makeFinding('warning', 'cache-file', '/x/c', undefined, 'is a symbolic link')
  const cases: [label: string, advice: Parameters<typeof checkCache>[0], want: object[]][] = [
    [
      'the directory',
      { findings: [directory], notes: [], remedy },
      [{ level: 'warning', code: 'cache', about: '/x', text: 'is no directory: no shared cache', remedy }],
    ],
    [
      'a directory of others',
      { findings: [others], notes: [], remedy: ["$LOCKPATH = '/x';"] },
      [{ about: '/tmp', text: 'is writable for everybody: no shared cache', remedy: ["$LOCKPATH = '/x';"] }],
    ],
    [
      'the file',
      { findings: [file], notes: [] },
      [{ level: 'warning', about: '/x/c', text: 'is a symbolic link', remedy: [] }],
    ],
    [
      'fine',
      { findings: [], notes: ['/x/c: note: shared by all'] },
      [{ level: 'ok', about: '/x/c', text: 'shared by all' }],
    ],
    [
      'hidden',
      { findings: [], notes: ['/x: note: cannot be looked at; run check as root'] },
      [{ level: 'note', code: 'not-looked-at', text: 'cannot be looked at; run doctor as root' }],
    ],
  ]
  for (const [label, advice, want] of cases) t.match(checkCache(advice, '/x/c'), want, label)
  t.end()
})

t.test('compiled code', t => {
  t.match(checkCodeCache('/p', '/n', 'ready'), [{ level: 'ok' }])
  t.match(checkCodeCache('/p', '/n', 'missing'), [{ level: 'note', code: 'code-cache', remedy: ['/n /p prepare'] }])
  t.match(checkCodeCache('/p', '/n', 'outdated'), [{ level: 'note', text: /another build/ }])
  t.strictSame(checkCodeCache('/p', '/n', 'unknown'), [])
  t.end()
})
