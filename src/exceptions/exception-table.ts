/**
 * Exceptions in the form in which they are searched: bytes of which a request reads only the few kilobytes it needs.
 *
 *   render-exceptions.ts → bytes, in a file or in memory → openTable → ExceptionTable → find-exception.ts
 *
 * The bytes, ASCII: how many the head has, in eleven characters, and its checksum, in eleven, each with a line feed; the head, a line
 * of JSON (TableHead) and the index; then blocks. A block is lines `KEY⇥ACTION`, or, of a range of addresses,
 * `KEY⇥LAST⇥ACTION⇥NETWORK`, in the order of their keys (exception.ts); of addresses in hexadecimal digits. A line of the index is a block:
 * `KEY⇥OFFSET LENGTH CHECKSUM`, with the first key in it; offsets count from the end of the head.
 *
 * Index and blocks are searched by halving. A block is read, and its checksum compared, when it is needed first: of ten thousand exceptions
 * it has some seventy. A name is then looked for in its text, for most processes need a block a few times, and to cut it into lines takes
 * longer; of a process that goes on, in a map.
 *
 * Failure: a head that is not what it was when it was written is no table; a block like that is a DamagedTable, thrown.
 */
import { latin1Text } from '../system/bytes.ts'
import type { ExceptionAction, NameKind } from './exception.ts'

/** Of the length and the checksum, each with its line feed. */
export const LEAD_BYTES = 24
/** Read at once; the head of some ten thousand exceptions is in it. */
const FIRST_READ_BYTES = 8192
/** So often a block's text is searched before a map is made of it: more often than one mail needs it. */
const SEARCHES = 20

export interface TableHead {
  readonly build: string
  /** The file it was made of, and identityOf() that. */
  readonly path: string
  readonly identity: string
  /**
   * The first moment for which it is, in milliseconds: the last exception that was left out had ended. And the first one for which it is no
   * more: another one ends. null: there is none.
   */
  readonly sinceMs: number | null
  readonly untilMs: number | null
  /** Which kinds of keys there are, and how many labels the longest domain has that stands for all below. */
  readonly labels: Readonly<Partial<Record<NameKind | '4' | '6', number>>>
  /** What is to be logged of the file. */
  readonly fault: string | null
}

/** What was found: the action, and whom the exception is for, as in the file. */
export interface FoundException {
  readonly who: string
  readonly action: ExceptionAction
}

/** Bytes from an offset on, at a multiple of 4 of their memory; fewer where they end. */
export type ReadBytes = (offset: number, length: number) => Uint8Array

/** A part of the bytes is not what was written. */
export class DamagedTable extends Error {}

/** Opens a table; undefined: it is damaged. Throws what `read` throws. */
export function openTable(read: ReadBytes, sum: (bytes: Uint8Array) => number): ExceptionTable | undefined {
  const first = read(0, FIRST_READ_BYTES)
  if (first.length < LEAD_BYTES) return undefined
  const length = Number(latin1Text(first, 0, LEAD_BYTES / 2))
  if (!(length > 0 && Number.isSafeInteger(length))) return undefined
  const end = LEAD_BYTES + length
  const bytes = end <= first.length ? first : read(0, end)
  if (bytes.length < end) return undefined
  if (Number(latin1Text(bytes, LEAD_BYTES / 2, LEAD_BYTES)) !== sum(bytes.subarray(LEAD_BYTES, end))) return undefined
  const text = latin1Text(bytes, LEAD_BYTES, end)
  const lineEnd = text.indexOf('\n')
  const head = JSON.parse(text.slice(0, lineEnd)) as TableHead
  return new ExceptionTable(head, linesOf(text.slice(lineEnd + 1)), (offset, length) => read(end + offset, length), sum)
}

export class ExceptionTable {
  readonly head: TableHead
  readonly #index: readonly string[]
  readonly #read: ReadBytes
  readonly #sum: (bytes: Uint8Array) => number
  readonly #blocks = new Map<string, Block>()

  constructor(head: TableHead, index: readonly string[], read: ReadBytes, sum: (bytes: Uint8Array) => number) {
    this.head = head
    this.#index = index
    this.#read = read
    this.#sum = sum
  }

  /** Whether it has what counts at a time, and nothing else; it may have been made by a clock that was wrong. */
  isOfTime(nowMs: number): boolean {
    const { sinceMs, untilMs } = this.head
    return nowMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) && nowMs < (untilMs ?? Number.POSITIVE_INFINITY)
  }

  /** The action of a name. Throws DamagedTable. */
  actionOf(key: string): ExceptionAction | undefined {
    const block = this.#blockOf(key)
    if (!block) return undefined
    if (++block.searches > SEARCHES) {
      block.actions ??= new Map(linesIn(block).map(line => line.split('\t') as [string, ExceptionAction]))
      return block.actions.get(key)
    }
    // What a stranger has sent is not to be taken for the end of a key, and of a line.
    if (key.includes('\t') || key.includes('\n')) return undefined
    const { text } = block
    const at = text.indexOf(`\n${key}\t`)
    return at < 0 ? undefined : (text.slice(at + key.length + 2, text.indexOf('\n', at + 1)) as ExceptionAction)
  }

  /** What the range has in which an address is, given with its version in front: `'4c0000201'`. Throws DamagedTable. */
  rangeOf(key: string): FoundException | undefined {
    const block = this.#blockOf(key)
    if (!block) return undefined
    const line = lineAtOrBelow(linesIn(block), key)
    // `4FIRST⇥LAST⇥ACTION⇥NETWORK`, and as many digits as are asked about.
    const lastAt = key.length + 1
    const actionAt = lastAt + key.length
    if (line[0] !== key[0] || line.slice(lastAt, actionAt - 1) < key.slice(1)) return undefined
    const whoAt = line.indexOf('\t', actionAt) + 1
    return { who: line.slice(whoAt), action: line.slice(actionAt, whoAt - 1) as ExceptionAction }
  }

  /** The block in which a key is, if there is such a key; undefined: it is in front of all of them. */
  #blockOf(key: string): Block | undefined {
    const entry = lineAtOrBelow(this.#index, key)
    const known = this.#blocks.get(entry)
    if (known || entry === '') return known
    const [offset = 0, length = 0, sum] = entry
      .slice(entry.indexOf('\t') + 1)
      .split(' ')
      .map(Number)
    const bytes = this.#read(offset, length)
    if (bytes.length !== length || this.#sum(bytes) !== sum) throw new DamagedTable('a block is damaged')
    const block = { text: `\n${latin1Text(bytes, 0, length)}`, searches: 0, lines: undefined, actions: undefined }
    this.#blocks.set(entry, block)
    return block
  }
}

/** A block that was read. */
interface Block {
  /** Its lines, with a line feed in front as well. */
  readonly text: string
  searches: number
  lines: readonly string[] | undefined
  /** What stands behind each key; of a name, the action. */
  actions: ReadonlyMap<string, ExceptionAction> | undefined
}

function linesIn(block: Block): readonly string[] {
  block.lines ??= linesOf(block.text.slice(1))
  return block.lines
}

/**
 * Of lines `KEY⇥…`, in the order of their keys, the last one whose key is not above the one given; empty: there is none. By
 * halving.
 */
export function lineAtOrBelow(lines: readonly string[], key: string): string {
  // Behind the line of this key, and in front of those of longer ones, for nothing in a key is below a blank.
  const end = `${key}\n`
  let low = 0
  for (let high = lines.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((lines[middle] as string) < end) low = middle + 1
    else high = middle
  }
  return low === 0 ? '' : (lines[low - 1] as string)
}

/** Lines, each with its end. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  lines.pop()
  return lines
}
