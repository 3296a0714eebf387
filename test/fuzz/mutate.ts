/**
 * Mutations of bytes: what is done to an input of which more is hoped.
 *
 *   search.ts: an input, another one, words → mutate → an input to try
 *
 * One to eight changes in a row, each a flip, a number at a border, an insertion, a removal, a repetition, a word, a piece
 * of another input, or one of the target's own, which know its form.
 *
 * Pure but for the random numbers. Total: any bytes, none included, are taken.
 */
import type { Mutator, Target } from './target.ts'

/** Whole numbers in `[0, below)`. */
export type Random = (below: number) => number

/** Numbers at which programs change their minds. */
const BORDERS = [0, 1, 2, 0x0a, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff]
const BORDERS_16 = [0, 1, 0x3f, 0x40, 0xff, 0x100, 0x7fff, 0x8000, 0xc000, 0xc00c, 0xffff]
const MAX_CHANGES_LOG2 = 3
/** Longest piece that is inserted, removed or repeated, as a power of two. */
const MAX_PIECE_LOG2 = 7
const MAX_REPETITIONS_LOG2 = 10

/** A changed copy, cut to the target's length. */
export function mutate(
  input: Uint8Array,
  other: Uint8Array,
  target: Target,
  words: readonly Uint8Array[],
  random: Random,
) {
  let output = plain(input)
  const mutators = mutatorsOf(target, words)
  for (let changes = 1 << random(MAX_CHANGES_LOG2 + 1); changes > 0; changes--) {
    const mutator = mutators[random(mutators.length)] as Mutator
    output = plain(mutator(output, random, plain(other)))
    if (output.length > target.maxBytes) output = output.subarray(0, target.maxBytes)
  }
  return output
}

/** The same bytes, not as a Buffer, whose `slice` is no copy. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes instanceof Buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes
}

const known = new WeakMap<readonly Uint8Array[], readonly Mutator[]>()

function mutatorsOf(target: Target, words: readonly Uint8Array[]): readonly Mutator[] {
  const cached = known.get(words)
  if (cached) return cached
  const withWords: Mutator[] =
    words.length === 0 ? [] : [insertWord(words), overwriteWithWord(words), insertWord(words)]
  const general = [
    flipBit,
    setByte,
    setBorder,
    setBorder16,
    insertBytes,
    removePiece,
    removePiece,
    repeatPiece,
    movePiece,
  ]
  const mutators = [...general, splice, insertFromOther, ...withWords]
  // As likely as all the others together.
  const own: Mutator[] = []
  while (target.mutators.length > 0 && own.length < mutators.length) own.push(...target.mutators)
  const all = [...mutators, ...own]
  known.set(words, all)
  return all
}

function changed(input: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array {
  if (input.length === 0) return input
  const copy = input.slice()
  change(copy)
  return copy
}

/** What stands from `from` to `to` is replaced. */
export function replaced(input: Uint8Array, from: number, to: number, piece: Uint8Array): Uint8Array {
  const output = new Uint8Array(input.length - (to - from) + piece.length)
  output.set(input.subarray(0, from))
  output.set(piece, from)
  output.set(input.subarray(to), from + piece.length)
  return output
}

const NOTHING = new Uint8Array()

/** A piece: `[from, to)`, short ones as likely as long ones. */
function pieceOf(input: Uint8Array, random: Random): readonly [from: number, to: number] {
  const from = random(input.length + 1)
  const length = 1 + random(1 << random(MAX_PIECE_LOG2 + 1))
  return [from, Math.min(input.length, from + length)]
}

const flipBit: Mutator = (input, random) =>
  changed(input, copy => {
    const at = random(copy.length)
    copy[at] = (copy[at] as number) ^ (1 << random(8))
  })

const setByte: Mutator = (input, random) =>
  changed(input, copy => {
    copy[random(copy.length)] = random(256)
  })

const setBorder: Mutator = (input, random) =>
  changed(input, copy => {
    copy[random(copy.length)] = BORDERS[random(BORDERS.length)] as number
  })

const setBorder16: Mutator = (input, random) =>
  changed(input, copy => {
    const at = random(copy.length)
    const border = BORDERS_16[random(BORDERS_16.length)] as number
    const bytes = random(2) === 0 ? [border >> 8, border & 0xff] : [border & 0xff, border >> 8]
    copy.set(bytes.slice(0, copy.length - at), at)
  })

const insertBytes: Mutator = (input, random) => {
  const at = random(input.length + 1)
  const piece = new Uint8Array(1 + random(1 << random(6)))
  const constant = random(2) === 0 ? BORDERS[random(BORDERS.length)] : undefined
  for (let i = 0; i < piece.length; i++) piece[i] = constant ?? random(256)
  return replaced(input, at, at, piece)
}

const removePiece: Mutator = (input, random) => {
  const [from, to] = pieceOf(input, random)
  return replaced(input, from, to, NOTHING)
}

const repeatPiece: Mutator = (input, random) => {
  const [from, to] = pieceOf(input, random)
  // Seldom many: what is long takes long, each time it is mutated again.
  const times = 1 + random(1 << random(random(MAX_REPETITIONS_LOG2 + 1) + 1))
  const piece = new Uint8Array((to - from) * times)
  for (let i = 0; i < times; i++) piece.set(input.subarray(from, to), i * (to - from))
  return replaced(input, to, to, piece)
}

const movePiece: Mutator = (input, random) => {
  const [from, to] = pieceOf(input, random)
  const rest = replaced(input, from, to, NOTHING)
  const at = random(rest.length + 1)
  return replaced(rest, at, at, input.subarray(from, to))
}

const splice: Mutator = (input, random, other) => {
  const from = random(input.length + 1)
  return replaced(input, from, input.length, other.subarray(random(other.length + 1)))
}

const insertFromOther: Mutator = (input, random, other) => {
  const [from, to] = pieceOf(other, random)
  const at = random(input.length + 1)
  return replaced(input, at, at, other.subarray(from, to))
}

function insertWord(words: readonly Uint8Array[]): Mutator {
  return (input, random) => {
    const at = random(input.length + 1)
    return replaced(input, at, at, words[random(words.length)] as Uint8Array)
  }
}

function overwriteWithWord(words: readonly Uint8Array[]): Mutator {
  return (input, random) => {
    const word = words[random(words.length)] as Uint8Array
    const at = random(input.length + 1)
    return replaced(input, at, Math.min(input.length, at + word.length), word)
  }
}
