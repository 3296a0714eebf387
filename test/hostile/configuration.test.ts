import { spawnSync } from 'node:child_process'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { attributesOf, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

/** Answered without DNS, and with the word that carries the notice of a faulty configuration. */
const EMPTY_SENDER = requestBytes(attributesOf({ sender: '' }))

interface Case {
  readonly label: string
  readonly make: (file: string) => void
}

const CASES: Case[] = [
  { label: 'absent', make: () => {} },
  { label: 'a folder', make: file => void spawnSync('mkdir', [file]) },
  { label: 'a FIFO', make: file => void spawnSync('mkfifo', [file]) },
  { label: 'endless', make: file => symlinkSync('/dev/zero', file) },
  {
    label: 'binary',
    make: file => writeFileSync(file, Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256))),
  },
  { label: 'two megabytes', make: file => writeFileSync(file, '# \n'.repeat(700_000)) },
  { label: 'one megabyte of brackets', make: file => writeFileSync(file, `@helo_score = ${'('.repeat(1_000_000)}`) },
  { label: 'wrong', make: file => writeFileSync(file, '$REJECTLEVEL = "high";\n') },
  {
    label: 'world-writable',
    make: file => {
      writeFileSync(file, '$REJECTLEVEL = 3;\n')
      chmodSync(file, 0o666)
    },
  },
]

t.test('whatever the configuration file is, mail is answered and the log says what is wrong', async t => {
  const folder = t.testdir()
  for (const { label, make } of CASES) {
    const file = join(folder, label.replaceAll(' ', '-'))
    make(file)
    const tried = await tryExecutable(folder, { file, input: EMPTY_SENDER })
    t.equal(tried.stdout, 'action=DUNNO NULL (<>) Sender\n\n', label)
    t.equal(tried.status, 0, `${label}: status`)
    t.equal(tried.stderr, '', `${label}: descriptor 2`)
    t.ok(tried.peakMegabytes < 80, `${label}: ${tried.peakMegabytes.toFixed(0)} MB`)
    const checked = await tryExecutable(folder, {
      file,
      input: '',
      command: path => [process.execPath, 'dist/policyd-weight', '-f', path, 'check'],
    })
    t.equal(checked.status, 78, `${label}: check`)
    t.match(checked.stdout, /: error: /, `${label}: check says why`)
  }
})

t.test('an empty file is a configuration of defaults', async t => {
  const folder = t.testdir({ conf: '' })
  const file = join(folder, 'conf')
  const checked = await tryExecutable(folder, {
    file,
    input: '',
    command: path => [process.execPath, 'dist/policyd-weight', '-f', path, 'check'],
  })
  t.equal(checked.status, 0)
})
