/**
 * Exceptions → the bytes that are searched.
 *
 *   compile-exceptions.ts: exceptions that count now → renderTable → bytes as exception-table.ts has them
 *
 * Pure, total.
 */
import { renderSum } from '../config/kept.ts'
import { asciiJson } from '../text/mask.ts'
import { type Exception, endMs, type NameKind } from './exception.ts'
import { LEAD_BYTES, type TableHead } from './exception-table.ts'
import { type AddressRange, rangesOf } from './client-networks.ts'

/** Lines of a block are as many as do not get beyond it, or one. */
const BLOCK_CHARACTERS = 3000

/** What a table is of; what else its head says is worked out here. */
export type TableOf = Pick<TableHead, 'build' | 'path' | 'identity' | 'fault'>

/** The bytes, for a request from `nowMs` on: what has ended by then is left out. */
export function renderTable(
  all: readonly Exception[],
  of: TableOf,
  nowMs: number,
  sum: (bytes: Uint8Array) => number,
): Uint8Array {
  const ends = all.map(endMs)
  const sinceMs = ends.reduce((last, end) => (end > nowMs ? last : Math.max(last, end)), Number.NEGATIVE_INFINITY)
  const untilMs = ends.reduce((first, end) => (end > nowMs ? Math.min(first, end) : first), Number.POSITIVE_INFINITY)
  const exceptions = all.filter((_, index) => (ends[index] as number) > nowMs)
  const lines = [...rangeLines(exceptions, 4), ...rangeLines(exceptions, 6), ...nameLines(exceptions)].sort(byKey)
  // JSON has null in the place of what is infinite.
  const head: TableHead = {
    ...of,
    sinceMs,
    untilMs,
    labels: labelsOf(lines.map(({ key }) => key)),
  }
  const blocks: Uint8Array[] = []
  let index = ''
  let offset = 0
  for (let at = 0; at < lines.length; ) {
    const first = (lines[at] as Line).key
    let text = ''
    do text += (lines[at++] as Line).text
    while (at < lines.length && text.length + (lines[at] as Line).text.length <= BLOCK_CHARACTERS)
    // The checksum is one of words, so the bytes begin at one.
    const block = Uint8Array.from(Buffer.from(text, 'latin1'))
    index += `${first}\t${offset} ${block.length} ${sum(block)}\n`
    blocks.push(block)
    offset += block.length
  }
  const front = Uint8Array.from(Buffer.from(`${asciiJson(JSON.stringify(head))}\n${index}`, 'latin1'))
  const lead = `${String(front.length).padStart(LEAD_BYTES / 2 - 1)}\n${renderSum(front)}`
  return new Uint8Array(Buffer.concat([Buffer.from(lead, 'latin1'), front, ...blocks]))
}

interface Line {
  readonly key: string
  readonly text: string
}

function nameLines(exceptions: readonly Exception[]): Line[] {
  return exceptions.flatMap(({ who, action }) =>
    who.kind === 'name' ? [{ key: who.key, text: `${who.key}\t${action}\n` }] : [],
  )
}

function rangeLines(exceptions: readonly Exception[], version: 4 | 6): Line[] {
  const digits = version === 4 ? 8 : 32
  const networks = exceptions.flatMap(({ who, action }): AddressRange<string>[] =>
    who.kind === 'network' && who.network.version === version
      ? [{ first: who.network.first, last: who.network.last, of: `${action}\t${who.text}` }]
      : [],
  )
  const hex = (address: bigint): string => address.toString(16).padStart(digits, '0')
  return rangesOf(networks).map(({ first, last, of }) => {
    const key = `${version}${hex(first)}`
    return { key, text: `${key}\t${hex(last)}\t${of}\n` }
  })
}

function labelsOf(keys: readonly string[]): TableHead['labels'] {
  const labels: Partial<Record<NameKind | '4' | '6', number>> = {}
  for (const key of keys) {
    const kind = key.charAt(0) as NameKind
    const count = key.charAt(1) === '.' ? key.split('.').length - 1 : 0
    labels[kind] = Math.max(labels[kind] ?? 0, count)
  }
  return labels
}

/** By code units, as lines are searched. */
function byKey(a: Line, b: Line): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}
