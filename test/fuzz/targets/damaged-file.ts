/**
 * The cache file on disk, damaged before it is opened.
 *
 *   cache.ts: steps → DamagedFile → openCacheFile, readStore
 *
 * A step changes a word of the header (with or without the checksum that belongs to it), the size, the mode, puts a
 * directory or a link in its place, or opens it. Nothing else is in its folder, but for a file that links lead to.
 *
 * The lock is always had: what two makers at once do is test/cache/kill-writers.ts's business.
 */
import {
  chmodSync,
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isAt, openCacheFile, type Place } from '../../../src/cache/cache-file.ts'
import {
  type Geometry,
  geometryFor,
  HEADER_WORDS,
  KINDS,
  parseHeader,
  renderHeader,
  SLOT_BYTES,
} from '../../../src/cache/format.ts'
import { checksum } from '../../../src/system/sum.ts'
import { readStore } from '../../../src/cache/store.ts'
import type { StoreUnavailable } from '../../../src/cache/unavailable.ts'
import type { Native } from '../../../src/system/native/native.ts'
import { expect } from '../target.ts'
import { SMALL_LIMITS } from './small-cache.ts'

const FILE_NAME = 'x.cache'
const WANTED = geometryFor({ spam: 0, ham: 0 })
const VICTIM = 'nothing of ours'
const CODES: ReadonlySet<string> = new Set<StoreUnavailable['code']>([
  ...(['missing', 'directory-refused', 'file-refused', 'other-version', 'damaged', 'busy', 'failed'] as const),
])
const WRITABLE_BY_OTHERS = 0o022
const MODES = [0o600, 0o640, 0o666, 0o000, 0o620, 0o602]
const native = { lock: () => true, unlock: () => {} } as Partial<Native> as Native

export class DamagedFile {
  readonly #place: Place
  readonly #path: string
  readonly #victim: string
  /** The descriptor that open(2) gives while nobody has forgotten to close one. */
  readonly #lowest: number
  #isFresh = false

  constructor(folder: string) {
    const directory = join(folder, 'cache')
    mkdirSync(directory, { mode: 0o700 })
    this.#place = { directory, fileName: FILE_NAME, ownUid: process.geteuid?.() ?? 0 }
    this.#path = join(directory, FILE_NAME)
    this.#victim = join(folder, 'victim')
    this.#lowest = lowestDescriptor()
  }

  /** Each input meets the same file; it is made when the first step needs it. */
  begin(): void {
    this.#isFresh = false
  }

  run([, what = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0]: Uint8Array): void {
    if (!this.#isFresh) this.#makeFresh()
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
        this.#setWord(b % HEADER_WORDS, (c << 24) | (d << 16) | (e << 8) | f, g % 2 === 0)
        return
      case 3:
        this.#setSize(g % 2 === 0 ? WANTED.fileBytes + ((c << 8) | d) - 0x8000 : (c << 8) | d)
        return
      case 4:
        if (this.#isFile()) chmodSync(this.#path, MODES[b % MODES.length] as number)
        return
      case 5:
        this.#putInPlace(b)
        return
      default:
        this.#open(b % 2 === 1)
    }
  }

  #makeFresh(): void {
    this.#isFresh = true
    for (const path of [this.#path, `${this.#path}.new`]) rmSync(path, { recursive: true, force: true })
    writeFileSync(this.#victim, VICTIM)
    const header = renderHeader(WANTED)
    writeFileSync(this.#path, new Uint8Array(header.buffer), { mode: 0o600 })
    truncateSync(this.#path, WANTED.fileBytes)
  }

  /** A word of the header; `withChecksum`: as a program would have written it that means it. */
  #setWord(word: number, value: number, withChecksum: boolean): void {
    if (!this.#isFile()) return
    const descriptor = openSync(this.#path, 'r+')
    const header = new Int32Array(HEADER_WORDS)
    readSync(descriptor, header, 0, header.byteLength, 0)
    header[word] = value
    if (withChecksum) header[HEADER_WORDS - 1] = checksum(header, 0, HEADER_WORDS - 1, 0)
    writeSync(descriptor, header, 0, header.byteLength, 0)
    closeSync(descriptor)
  }

  #setSize(bytes: number): void {
    if (this.#isFile()) truncateSync(this.#path, bytes)
  }

  #putInPlace(what: number): void {
    rmSync(this.#path, { recursive: true, force: true })
    switch (what % 6) {
      case 0:
        symlinkSync(this.#victim, this.#path)
        return
      case 1:
        linkSync(this.#victim, this.#path)
        return
      case 2:
        mkdirSync(this.#path)
        return
      case 3:
        symlinkSync(`${this.#path}.nowhere`, this.#path)
        return
      case 4:
        return
      default:
        rmSync(`${this.#path}.new`, { force: true })
        linkSync(this.#victim, `${this.#path}.new`)
    }
  }

  #open(isReopened: boolean): void {
    const opened = openCacheFile(this.#place, WANTED, native, isReopened)
    if (opened.kind === 'unavailable') expectCode(opened)
    else {
      this.#expectFit(opened.descriptor, opened.geometry)
      expect(isAt(this.#path, opened), 'what is opened is at its path', () => this.#path)
      closeSync(opened.descriptor)
    }
    const read = readStore(this.#path, SMALL_LIMITS)
    if (read.kind === 'unavailable') expectCode(read)
    else
      for (const kind of KINDS)
        for (const [key] of read.tables[kind].entries()) expect(key !== '', 'a key is a text', () => key)
    const victim = readFileSync(this.#victim, 'latin1')
    expect(victim === VICTIM, 'what a link leads to is not written to', () => JSON.stringify(victim))
    const lowest = lowestDescriptor()
    expect(
      lowest === this.#lowest,
      'descriptors are closed',
      () => `the lowest free one is ${lowest}, not ${this.#lowest}`,
    )
  }

  #expectFit(descriptor: number, geometry: Geometry): void {
    const { size, mode } = fstatSync(descriptor)
    expect(
      size === geometry.fileBytes,
      'a file has the size of its geometry',
      () => `${size}, not ${geometry.fileBytes}`,
    )
    expect((mode & WRITABLE_BY_OTHERS) === 0, 'a file is writable for its owner alone', () => mode.toString(8))
    const header = new Int32Array(HEADER_WORDS)
    readSync(descriptor, header, 0, header.byteLength, 0)
    expect(isDeepStrictEqual(parseHeader(header), geometry), 'a header says the geometry', () =>
      JSON.stringify(geometry),
    )
    let end = 4 * HEADER_WORDS
    for (const kind of KINDS) {
      const { offset, slots } = geometry.areas[kind]
      expect(offset >= end && slots >= WANTED.areas[kind].slots, 'areas lie behind each other', () =>
        JSON.stringify(geometry),
      )
      end = offset + slots * SLOT_BYTES[kind]
    }
    expect(end <= size, 'areas lie inside of the file', () => JSON.stringify(geometry))
  }

  /** Whether a file of its own is there, which can be damaged without damaging another. */
  #isFile(): boolean {
    const stat = lstatSync(this.#path, { throwIfNoEntry: false })
    return stat?.nlink === 1 && stat.isFile()
  }
}

function expectCode({ code, why }: StoreUnavailable): void {
  expect(CODES.has(code) && why !== '', 'a file that cannot be had is a value with a reason', () => `${code}: ${why}`)
}

function lowestDescriptor(): number {
  const descriptor = openSync('/dev/null', 'r')
  closeSync(descriptor)
  return descriptor
}
