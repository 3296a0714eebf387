import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { adviseOnJournal } from '../../../src/cli/advice/journal-advice.ts'
import type { ServiceUser } from '../../../src/cli/rights/service-user.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'

const own = process.geteuid?.() ?? 0
/** Root is never the service, and can give files to others. */
const US: ServiceUser = { name: 'polw', group: 'polw', uid: own === 0 ? 65_534 : own, groups: [65_534] }
const STRANGER: ServiceUser = { ...US, uid: 65_533 }
const NOW = Date.parse('2026-11-29T20:00:00Z')
const RECORD = '\n{"v":1,"time":"2026-11-28T08:00:00.005Z","id":"7QK2M0XN4B","request":{}}'

/** A directory of the service's user with these files of his. */
function directoryWith(t: Test, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-advice-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o755)
  const directory = join(folder, 'logs')
  mkdirSync(directory)
  chmodSync(directory, 0o750)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { mode: 0o600 })
  if (own === 0)
    for (const path of [directory, ...Object.keys(files).map(name => join(directory, name))])
      chownSync(path, US.uid ?? 0, US.uid ?? 0)
  return directory
}

t.test('what is said of the journal', t => {
  const cases: {
    label: string
    files?: Readonly<Record<string, string>>
    prepare?: (directory: string) => void
    config?: Partial<Config>
    user?: ServiceUser
    /** Behind the directory, which is DIR in what is said. */
    want?: [path: string, said: string][]
    wantNote?: string
  }[] = [
    {
      label: 'before the first mail',
      wantNote: 'DIR/journal: note: no decision yet; the next mail makes it, and user polw and root can read it',
    },
    {
      label: 'how far it reaches back',
      files: { journal: RECORD },
      wantNote: 'DIR/journal: note: decisions since 2026-11-28 08:00 UTC, 1.5 days; 0.0 MB in one file',
    },
    {
      label: 'with what was moved away',
      files: { journal: RECORD, 'journal.20261120T000000.000Z.7': RECORD.replace('28T', '19T') },
      wantNote: 'DIR/journal: note: decisions since 2026-11-19 08:00 UTC, 10.5 days; 0.0 MB in 2 files',
    },
    {
      label: 'a first record that was torn by a full disk',
      files: { journal: '\n{"v":1,"ti' },
      wantNote: 'DIR/journal: note: 0.0 MB in one file',
    },
    { label: 'none is set', config: { JOURNAL: '' } },
    { label: 'a relative path, which is told elsewhere', config: { JOURNAL: 'journal' } },
    { label: 'a faulty file, whose journal nobody knows', config: { JOURNAL: '/none/journal', faulty: true } },
    { label: 'no such user, which is told elsewhere', user: { ...US, uid: undefined } },
    {
      label: 'no directory',
      prepare: directory => rmSync(directory, { recursive: true }),
      want: [
        [
          '',
          'there is no such directory: decisions are not written down. As root: install -d -o polw -g polw -m 0750 DIR',
        ],
      ],
    },
    {
      label: 'a file in its place',
      prepare: directory => {
        rmSync(directory, { recursive: true })
        writeFileSync(directory, '')
      },
      want: [
        [
          '',
          'is no directory: decisions are not written down. As root: mv DIR DIR.old - and install -d -o polw -g polw -m 0750 DIR',
        ],
      ],
    },
    {
      label: "somebody else's directory",
      files: { journal: RECORD },
      user: STRANGER,
      want: [
        [
          '',
          `belongs to user ${US.uid}, not to polw (65533), who makes the journal there: decisions are not written down. As root: install -d -o polw -g polw -m 0750 DIR`,
        ],
      ],
    },
    {
      label: 'a directory that other programs have files in, as /var/log',
      files: { 'mail.log': '' },
      user: STRANGER,
      want: [
        [
          '',
          `belongs to user ${US.uid}, not to polw (65533), who makes the journal there: decisions are not written down. In the configuration: $JOURNAL = '/var/log/policyd-weight/journal';`,
        ],
      ],
    },
    {
      label: 'a directory that its own user may not write',
      prepare: directory => chmodSync(directory, 0o550),
      want: [
        [
          '',
          'is not writable for user polw: it may not make files there: decisions are not written down. As root: install -d -o polw -g polw -m 0750 DIR',
        ],
      ],
    },
    {
      label: 'a directory that others may write',
      prepare: directory => chmodSync(directory, 0o777),
      want: [
        ['', 'others than polw may put files there and take them away, and so the journal. As root: chmod go-w DIR'],
      ],
    },
    {
      label: 'a link',
      prepare: directory => symlinkSync('/dev/null', join(directory, 'journal')),
      want: [
        ['/journal', 'is a symbolic link: decisions are not written down. As root: mv DIR/journal DIR/journal.old'],
      ],
    },
    {
      label: 'a directory with its name',
      prepare: directory => mkdirSync(join(directory, 'journal')),
      want: [
        ['/journal', 'is no regular file: decisions are not written down. As root: mv DIR/journal DIR/journal.old'],
      ],
    },
    {
      label: 'another log',
      files: { journal: 'Nov 29 20:00:00 mail\n' },
      want: [
        ['/journal', 'begins with what is no decision, as another log does. As root: mv DIR/journal DIR/journal.old'],
      ],
    },
    {
      label: 'files that others may read, of the key as well',
      files: { journal: RECORD, 'journal.20261120T000000.000Z.7': RECORD, 'journal.key': 'x', 'journal.x': '' },
      prepare: directory => {
        for (const name of ['journal', 'journal.20261120T000000.000Z.7', 'journal.key', 'journal.x'])
          chmodSync(join(directory, name), 0o640)
      },
      want: [
        [
          '/journal',
          'others may get at it, and it has the senders and recipients of all mail. As root: chmod 600 DIR/journal',
        ],
        [
          '/journal.20261120T000000.000Z.7',
          'others may get at it, and it has the senders and recipients of all mail. As root: chmod 600 DIR/journal.20261120T000000.000Z.7',
        ],
        [
          '/journal.key',
          'others may get at it, and with it hidden addresses can be tried. As root: chmod 600 DIR/journal.key',
        ],
      ],
    },
    {
      label: 'a key that is a link',
      prepare: directory => symlinkSync('/dev/null', join(directory, 'journal.key')),
      want: [
        [
          '/journal.key',
          'is not a regular file of user polw: addresses are written without their local parts. As root: mv DIR/journal.key DIR/journal.key.old',
        ],
      ],
    },
  ]
  for (const { label, files, prepare, config, user = US, want = [], wantNote } of cases) {
    const directory = directoryWith(t, files)
    prepare?.(directory)
    const JOURNAL = join(directory, 'journal')
    const was = existsSync(JOURNAL)
    const advice = adviseOnJournal(builtinConfig({ JOURNAL, ...config }), user, NOW)
    const inWords = (text: string): string => text.replaceAll(directory, 'DIR')
    t.strictSame(
      advice.findings.map(({ severity, code, file, message }) => [severity, code, inWords(file), inWords(message)]),
      want.map(([path, said]) => ['warning', 'journal', `DIR${path}`, said]),
      label,
    )
    t.strictSame(advice.notes.map(inWords), wantNote === undefined ? [] : [wantNote], label)
    for (const [index, { message }] of advice.findings.entries())
      t.ok(message.endsWith(advice.remedies[index]?.join(' - and ') ?? '?'), label)
    t.equal(existsSync(JOURNAL), was, 'looking makes nothing')
  }
  t.end()
})

t.test('a journal of somebody else', { skip: own === 0 ? false : 'only root can make one' }, t => {
  const directory = directoryWith(t)
  writeFileSync(join(directory, 'journal'), RECORD, { mode: 0o600 })
  const { findings } = adviseOnJournal(builtinConfig({ JOURNAL: join(directory, 'journal') }), US, NOW)
  t.match(findings, [{ message: /^belongs to user 0, not to polw \(65534\): decisions are not .* As root: mv / }])
  t.equal(findings.length, 1)
  t.end()
})
