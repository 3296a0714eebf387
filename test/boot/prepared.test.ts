import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BuildId } from '../../src/system/executable.ts'
import { openPrepared, preparedPath, renderPrepared } from '../../src/boot/prepared.ts'
import { sumOf } from '../../src/system/sum.ts'
import { writeWhole } from '../../src/system/write-whole.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

const ID = [19, -84] as const
const CODES = [Uint8Array.from([1, 2, 3]), new Uint8Array(0), Uint8Array.from([4, 5])]

/** Opens what was written; `damage` counts what was reported. */
function open(executable: string, id: BuildId = ID, count = CODES.length) {
  const opened = { damage: 0, codes: [] as (Uint8Array | undefined)[] }
  const prepared = openPrepared(executable, id, count, sumOf, () => opened.damage++)
  opened.codes = CODES.map((_, index) => prepared?.(index))
  return opened
}

function write(executable: string): string {
  const path = preparedPath(executable)
  writeWhole(path, renderPrepared(ID, CODES, sumOf), { mode: 0o644 })
  return path
}

t.test('what was written is read, part by part', t => {
  const executable = join(t.testdir(), 'x')
  write(executable)
  t.strictSame(open(executable), { damage: 0, codes: [CODES[0], undefined, CODES[2]] })
  t.end()
})

function replaceByFolder(path: string): void {
  rmSync(path)
  mkdirSync(path)
}

t.test('anything that is not as expected is as if nothing were prepared', t => {
  const nothing = [undefined, undefined, undefined]
  const cases: { label: string; spoil: (path: string) => void; id?: BuildId; count?: number; damage?: 1 }[] = [
    { label: 'another build', spoil: () => {}, id: [19, 84] },
    { label: 'another number of parts', spoil: () => {}, count: 4, damage: 1 },
    { label: 'cut off', spoil: path => truncateSync(path, readFileSync(path).length - 1), damage: 1 },
    { label: 'cut off in the head', spoil: path => truncateSync(path, 10), damage: 1 },
    { label: 'empty', spoil: path => truncateSync(path, 0), damage: 1 },
    { label: 'too long', spoil: path => appendFileSync(path, 'x'), damage: 1 },
    { label: 'everybody may write it', spoil: path => chmodSync(path, 0o646) },
    { label: 'its group may', spoil: path => chmodSync(path, 0o664) },
    {
      label: 'a negative length',
      spoil: path =>
        writeFileSync(path, Buffer.concat([Buffer.from(Int32Array.from(ID).buffer), Buffer.alloc(30, 255)])),
      damage: 1,
    },
    { label: 'a folder', spoil: replaceByFolder },
  ]
  for (const { label, spoil, id = ID, count = 3, damage = 0 } of cases) {
    const executable = join(t.testdir(), 'x')
    spoil(write(executable))
    t.strictSame(open(executable, id, count), { damage, codes: nothing }, label)
  }
  t.strictSame(open(join(t.testdir(), 'none')), { damage: 0, codes: nothing }, 'there is none')
  t.end()
})

t.test('no bit can change without being found out where it is used', t => {
  const executable = join(t.testdir(), 'x')
  const whole = readFileSync(write(executable))
  for (let bit = 0; bit < 8 * whole.length; bit++) {
    const damaged = Buffer.from(whole)
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
    writeFileSync(preparedPath(executable), damaged)
    const { codes, damage } = open(executable)
    // The id of the build is the first eight bytes: with another one it is another build's.
    t.equal(damage, bit < 64 ? 0 : 1, `bit ${bit}`)
    for (const [index, code] of codes.entries()) if (code !== undefined) t.strictSame(code, CODES[index], `bit ${bit}`)
  }
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
  const answer = async (): Promise<{ stdout: string; log: readonly string[] }> => {
    const command = (file: string): string[] => [process.execPath, executable, '-f', file]
    const { stdout, log, status, stderr } = await tryExecutable(folder, { input, command })
    t.equal(status, 0)
    t.equal(stderr, '')
    t.equal(stdout, 'action=DUNNO NULL (<>) Sender\n\n')
    return { stdout, log }
  }
  t.equal((await answer()).log.length, 1, 'one file, nothing beside it')
  const prepared = await tryExecutable(folder, { input: '', command: () => [process.execPath, executable, 'prepare'] })
  t.equal(prepared.status, 0)
  t.match(prepared.stdout, preparedPath(executable))
  t.equal((await answer()).log.length, 1, 'with its code cache')
  for (const name of readdirSync(folder).filter(name => /\.(?:cache|node)$/.test(name))) {
    const path = join(folder, name)
    const whole = readFileSync(path)
    const damages: [label: string, bytes: Buffer][] = [
      ['nonsense', Buffer.from('nonsense nonsense')],
      ['empty', Buffer.alloc(0)],
      ['cut in half', whole.subarray(0, whole.length >> 1)],
      ['zeros at its end', Buffer.concat([whole.subarray(0, -999), Buffer.alloc(999)])],
      [
        'a byte changed',
        Buffer.concat([whole.subarray(0, 200), Buffer.from([~(whole[200] as number)]), whole.subarray(201)]),
      ],
    ]
    for (const [label, bytes] of damages) {
      writeWhole(path, bytes, { mode: 0o644 })
      const { log } = await answer()
      const told = log.filter(line => line.includes('is damaged and not used'))
      // The last program is not run for this answer.
      const isUnused = label === 'zeros at its end' && name.endsWith('.cache')
      t.equal(told.length, isUnused ? 0 : 1, `${name}, ${label}: ${log}`)
    }
    writeWhole(path, whole, { mode: 0o644 })
  }
})

t.test('where nothing can be written, prepare says so', async t => {
  const folder = emptyMachine(t)
  const executable = join(folder, 'policyd-weight')
  copyFileSync(EXECUTABLE, executable)
  // A folder of that name is in the way even of root.
  mkdirSync(preparedPath(executable))
  const prepared = await tryExecutable(folder, { input: '', command: () => [process.execPath, executable, 'prepare'] })
  t.equal(prepared.status, 73)
  t.match(prepared.stderr, /^policyd-weight prepare: EISDIR/)
})
