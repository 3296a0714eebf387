/**
 * Offsets of a text as lines and columns, and pieces of it to show.
 *
 * The parser works with offsets; only what ends in a finding is converted. Total, no errors.
 */
import type { Position } from './finding.ts'

/** As much of the text as a message shows. */
const MAX_SHOWN_CHARACTERS = 40

/** Converts offsets of one text; the lines are found once, at the first question. */
export class Positions {
  readonly #text: string
  #lineStarts: number[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** `'a\nbc'`, offset 3 → line 2, column 2. */
  at(offset: number): Position {
    this.#lineStarts ??= findLineStarts(this.#text)
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }
}

/** A piece of text as a message quotes it: its first line, cut to 40 characters. `''` → `nothing`. */
export function show(text: string): string {
  const lineEnd = text.indexOf('\n')
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  const shown = line.slice(0, MAX_SHOWN_CHARACTERS)
  if (shown === '' && lineEnd < 0) return 'nothing'
  return shown.length < text.length ? `"${shown}..."` : `"${shown}"`
}

function findLineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
