import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type BuildId, openPrepared, preparedPath, writePrepared } from '../src/prepared.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from './support/executable.ts'
import { requestBytes } from './support/policy-process.ts'

const ID = [19, -84] as const
const PROGRAMS = [
  { text: 'one', code: Uint8Array.from([1, 2, 3]) },
  { text: 'never seen', code: new Uint8Array(0) },
  { text: 'three', code: Uint8Array.from([4, 5]) },
]

t.test('what was written is read, program by program', t => {
  const executable = join(t.testdir(), 'x')
  t.equal(writePrepared(executable, ID, PROGRAMS), preparedPath(executable))
  const prepared = openPrepared(executable, ID, 3)
  t.strictSame([0, 1, 2, 3].map(prepared), [PROGRAMS[0], { text: 'never seen' }, PROGRAMS[2], {}])
  t.end()
})

t.test('anything that is not as expected is as if nothing were prepared', t => {
  const cases: { label: string; spoil: (path: string) => void; id?: BuildId; count?: number }[] = [
    { label: 'another build', spoil: () => {}, id: [19, 84] },
    { label: 'another number of programs', spoil: () => {}, count: 4 },
    { label: 'cut off', spoil: path => truncateSync(path, readFileSync(path).length - 1) },
    { label: 'cut off in the head', spoil: path => truncateSync(path, 10) },
    { label: 'empty', spoil: path => truncateSync(path, 0) },
    { label: 'too long', spoil: path => appendFileSync(path, 'x') },
    { label: 'everybody may write it', spoil: path => chmodSync(path, 0o646) },
    { label: 'its group may', spoil: path => chmodSync(path, 0o664) },
    {
      label: 'a negative length',
      spoil: path =>
        writeFileSync(path, Buffer.concat([Buffer.from(Int32Array.from(ID).buffer), Buffer.alloc(30, 255)])),
    },
  ]
  for (const { label, spoil, id = ID, count = 3 } of cases) {
    const executable = join(t.testdir(), 'x')
    spoil(writePrepared(executable, ID, PROGRAMS))
    const prepared = openPrepared(executable, id, count)
    t.strictSame([0, 1, 2].map(prepared), [{}, {}, {}], label)
  }
  t.strictSame(openPrepared(join(t.testdir(), 'none'), ID, 3)(0), {}, 'there is none')
  t.end()
})

/** A folder with no package.json above it: one that says "module" would make Node read the executable as such. */
function emptyMachine(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

t.test('the executable runs alone, prepares itself, and answers the same prepared and not', async t => {
  const folder = emptyMachine(t)
  const executable = join(folder, 'policyd-weight')
  copyFileSync(EXECUTABLE, executable)
  const input = requestBytes(attributesOf({ sender: '' }))
  const answer = async (): Promise<string> => {
    const command = (file: string): string[] => [process.execPath, executable, '-f', file]
    const { stdout, status, stderr } = await tryExecutable(folder, { input, command })
    t.equal(status, 0)
    t.equal(stderr, '')
    return stdout
  }
  const want = 'action=DUNNO NULL (<>) Sender\n\n'
  t.equal(await answer(), want, 'one file, nothing beside it')
  const prepared = await tryExecutable(folder, { input: '', command: () => [process.execPath, executable, 'prepare'] })
  t.equal(prepared.status, 0)
  t.match(prepared.stdout, preparedPath(executable))
  t.equal(await answer(), want, 'with its code cache')
  writeFileSync(preparedPath(executable), 'nonsense')
  t.equal(await answer(), want, 'with nonsense in its place')
})

t.test('where nothing can be written, prepare says so', async t => {
  const folder = emptyMachine(t)
  const executable = join(folder, 'policyd-weight')
  copyFileSync(EXECUTABLE, executable)
  // A folder under that name is in the way even of root.
  mkdirSync(`${preparedPath(executable)}.new`)
  const prepared = await tryExecutable(folder, { input: '', command: () => [process.execPath, executable, 'prepare'] })
  t.equal(prepared.status, 73)
  t.match(prepared.stderr, /^policyd-weight prepare: EISDIR/)
})
