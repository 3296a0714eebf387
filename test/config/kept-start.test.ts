/** What a start does with what is kept: nothing of it is read again, and everything is told again. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { SETTLED_MS } from '../../src/config/kept.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'

const WATCH = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'scripts', 'budgets', 'watch-start.cjs')

t.test('a start behind the first one reads no configuration, and says what is wrong with it all the same', async t => {
  // Not below the checkout: its package.json would make Node read the executable as a module.
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const executable = join(folder, 'policyd-weight')
  copyFileSync(EXECUTABLE, executable)
  const conf = join(folder, 'conf')
  const note = join(folder, 'note')
  const start = async (): Promise<{ stdout: string; readsAnew: boolean }> => {
    const watched = ['/usr/bin/env', `STARTED_JSON=${note}`, process.execPath, '--require', WATCH]
    const input = requestBytes(attributesOf({ sender: '' }))
    const { status, stdout, stderr } = await runPolicyProcess([...watched, executable, '-f', conf], input)
    t.strictSame([status, stderr], [0, ''])
    const { programs } = JSON.parse(readFileSync(note, 'utf8')) as { programs: { name: string }[] }
    return { stdout, readsAnew: programs.some(({ name }) => name === 'policyd-weight:src/config/full.ts') }
  }
  const kept = (): string[] => readdirSync(folder).filter(name => name.endsWith('.kept'))
  const want = { stdout: 'action=DUNNO NULL (<>) Sender\n\n', readsAnew: true }

  writeFileSync(conf, `$LOGFILE = '${folder}/log'; $DEBUG = 1;`)
  t.strictSame(await start(), want)
  t.strictSame(kept(), [], 'it was written just now')
  await setTimeout(SETTLED_MS + 100)
  t.strictSame(await start(), want)
  t.equal(kept().length, 1, 'the first process that may keeps it')
  t.strictSame(await start(), { ...want, readsAnew: false })
  t.equal(readFileSync(join(folder, 'log'), 'latin1').split('\n').length, 4, 'to the log it names')

  writeFileSync(conf, `$LOGFILE = '${folder}/log'; $DEBUG = maybe;`)
  const refused = (await start()).stdout
  await setTimeout(SETTLED_MS + 100)
  t.strictSame(await start(), { stdout: refused, readsAnew: true })
  t.strictSame(await start(), { stdout: refused, readsAnew: false }, 'the built-in defaults, because of an error')
  t.equal(kept().length, 1)

  writeFileSync(conf, `$LOGFILE = '${folder}/log2'; $DEBUG = 1;`)
  await setTimeout(SETTLED_MS + 100)
  await start()
  const damages: [label: string, change: (bytes: Buffer) => Buffer][] = [
    ['cut', bytes => bytes.subarray(0, bytes.length - 7)],
    ['empty', () => Buffer.alloc(0)],
    ['changed', bytes => Buffer.from(bytes.toString('latin1').replace('"NTIME":30', '"NTIME":31'), 'latin1')],
  ]
  for (const [label, change] of damages) {
    rmSync(join(folder, 'log2'))
    const place = join(folder, kept()[0] as string)
    writeFileSync(place, change(readFileSync(place)))
    t.strictSame(await start(), want, `${label}: it is read anew`)
    const told = readFileSync(join(folder, 'log2'), 'latin1')
      .split('\n')
      .filter(line => line.includes(`${place} is damaged`))
    t.equal(told.length, 1, `${label}: which the log says once`)
    t.strictSame(await start(), { ...want, readsAnew: false }, `${label}: and kept again`)
  }
  const other = join(folder, 'other')
  copyFileSync(conf, other)
  t.ok((await runPolicyProcess([process.execPath, executable, '-f', other], Buffer.alloc(0))).status === 0)
  t.equal(kept().length, 1, 'another file is another one')
})
