/**
 * Lines of a page for people: masked, wrapped, with colour only where it is wanted.
 *
 *   why-page.ts → Page → text
 *
 * Whatever comes in is masked (text/mask.ts) before anything of ours is put around it, so no escape of a stranger's ever is a
 * terminal's. A word that is longer than a line is cut into pieces; a text has so many characters at most.
 *
 * Pure, total.
 */
import { maskText } from '../../text/mask.ts'
import { wrap } from '../cache/wrap.ts'

const STYLES = { bold: '1', bad: '1;31', good: '1;32', later: '1;33' } as const

export type Style = keyof typeof STYLES

/** Characters of a text that are shown: a HELO may have thousands. */
const MOST_SHOWN = 400
const NARROWEST = 40

export class Page {
  readonly #lines: string[] = []
  readonly #width: number
  readonly #isColoured: boolean

  constructor({ width, isColoured }: { readonly width: number; readonly isColoured: boolean }) {
    this.#width = Math.max(NARROWEST, width)
    this.#isColoured = isColoured
  }

  get text(): string {
    return this.#lines.map(line => `${line}\n`).join('')
  }

  /** A line to itself, with an empty one in front of it. */
  heading(text: string, style: Style = 'bold'): void {
    if (this.#lines.length > 0) this.#lines.push('')
    for (const piece of piecesOf(shown(text), this.#width)) this.#lines.push(this.#styled(piece, style))
  }

  /** A text behind a label that takes so many characters; further lines begin where the text does. */
  labelled(label: string, text: string, widest: number): void {
    const indent = Math.min(widest, NARROWEST)
    const margin = ' '.repeat(indent)
    const front = `  ${shown(label)}`.padEnd(indent)
    const pieces = piecesOf(shown(text), Math.max(NARROWEST / 2, this.#width - indent))
    const isTooLong = front.length > indent
    if (isTooLong) this.#lines.push(...piecesOf(front, this.#width))
    pieces.forEach((piece, index) => {
      this.#lines.push(`${index === 0 && !isTooLong ? front : margin}${piece}`.trimEnd())
    })
  }

  /** A sentence, indented. */
  sentence(text: string): void {
    for (const piece of piecesOf(shown(text), this.#width - 2)) this.#lines.push(`  ${piece}`)
  }

  /** A line that stays whole, such as a command that is to be copied. */
  verbatim(text: string): void {
    this.#lines.push(`  ${maskText(text)}`)
  }

  #styled(text: string, style: Style): string {
    return this.#isColoured ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text
  }
}

/** Masked, and cut where nobody reads any more. */
export function shown(text: string): string {
  const masked = maskText(text.length > MOST_SHOWN ? text.slice(0, MOST_SHOWN) : text)
  return text.length > MOST_SHOWN ? `${masked} ... (${text.length} characters)` : masked
}

/** Pieces of a width, at blanks where there are any. */
function piecesOf(text: string, width: number): string[] {
  return wrap(text, width, 0).map(piece => piece.trimEnd())
}
