/**
 * A regular expression as a program: instructions that both matchers run.
 *
 *   tree → compile → linear.ts, where there is neither look-around nor a back reference; otherwise backtracking.ts
 *
 * An instruction is four numbers wide at most: what to do, and two arguments. Counted repetitions are written out, so the
 * size of a program is bounded, by LARGEST_PROGRAM, and known beforehand (sizeOf).
 *
 * Invariant: a program ends with MATCH; every jump stays inside.
 * Total, no errors.
 * Source: Russ Cox, "Regular Expression Matching: the Virtual Machine Approach".
 */
import type { CharacterSet, CharacterRange } from './character-set.ts'
import { type Assertion, type Node, widthOf } from './tree.ts'

/** What an instruction does; `a` and `b` are its arguments. */
export const MATCH = 0
/** One character of set `a`. */
export const SET = 1
/** One character from `a` to `b`: most sets are so simple, and this is quicker to see. */
export const RANGE = 16
/** Goes on at `a`, and at `b` if that comes to nothing. */
export const SPLIT = 2
export const JUMP = 3
/** Assertion `a` (an index into ASSERTIONS). */
export const ASSERT = 4
/** Notes the place in slot `a`. */
export const SAVE = 5
/** Leaves a repetition, for `b`, where the place is still that of slot `a`: it took nothing. */
export const PROGRESS = 6
/** Look-ahead: its program begins behind this, goes on at `a`; `b`: 1 if it must not match. */
export const AHEAD = 7
/** Look-behind, likewise; behind it stand a WIDTH and a SAVE, which say how, and then its program. */
export const BEHIND = 8
/** Of a look-behind: the fewest and the most characters it takes. */
export const WIDTH = 9
/** Atomic group: its program begins behind this, goes on at `a`. */
export const ATOMIC = 10
/** The end of such a program. */
export const DONE = 11
/** Fails unless the place is that of slot `a`: the end of a look-behind. */
export const RETURNED = 12
/** What the first of groups `a` that has matched, has matched; `b`: 1 whatever the case. */
export const BACK = 13
export const FAIL = 14
/** The end of group `a`, which began at the place in slot `b`: only now is it what it has matched. */
export const CLOSE = 15

export const ASSERTIONS: readonly Assertion[] = [
  ...(['start', 'end', 'last-line-end', 'line-start', 'line-end', 'boundary', 'no-boundary'] as const),
]

/** Instructions a pattern may come to; `(a{100}){100}` is just too large. */
export const LARGEST_PROGRAM = 10_000

/** More than any text has. */
const WIDEST = 0x7fff_ffff

export interface Program {
  readonly operations: Int32Array
  readonly a: Int32Array
  readonly b: Int32Array
  readonly sets: readonly CharacterSet[]
  readonly groupLists: readonly (readonly number[])[]
  /** Two for each group, and one for the beginning of each, for each repetition and look-behind. */
  readonly slots: number
}

/** Instructions that a tree will take; Infinity is possible. */
export function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'sequence':
      return node.nodes.reduce((size, each) => size + sizeOf(each), 0)
    case 'choice':
      return node.nodes.reduce((size, each) => size + sizeOf(each) + 2, 0)
    case 'repeat': {
      const once = sizeOf(node.node)
      return node.most === Number.POSITIVE_INFINITY
        ? node.least * once + once + 4
        : node.least * once + (node.most - node.least) * (once + 1)
    }
    case 'group':
    case 'atomic':
      return sizeOf(node.node) + 2
    case 'look':
      return sizeOf(node.node) + 5
    default:
      return 1
  }
}

/** Compiles a tree with so many groups. */
export function compile(node: Node, groups: number): Program {
  const compiler = new Compiler(2 * (groups + 1))
  compiler.add(node)
  compiler.emit(MATCH)
  const { operations, a, b, sets, groupLists, slots } = compiler
  return {
    operations: Int32Array.from(operations),
    a: Int32Array.from(a),
    b: Int32Array.from(b),
    sets,
    groupLists,
    slots,
  }
}

class Compiler {
  readonly operations: number[] = []
  readonly a: number[] = []
  readonly b: number[] = []
  readonly sets: CharacterSet[] = []
  readonly groupLists: (readonly number[])[] = []
  slots: number

  constructor(slots: number) {
    this.slots = slots
  }

  /** Adds an instruction and returns its place. */
  emit(operation: number, a = 0, b = 0): number {
    this.operations.push(operation)
    this.a.push(a)
    this.b.push(b)
    return this.operations.length - 1
  }

  get #here(): number {
    return this.operations.length
  }

  add(node: Node): void {
    switch (node.kind) {
      case 'empty':
        return
      case 'never':
        this.emit(FAIL)
        return
      case 'set':
        if (node.set.length === 1) this.emit(RANGE, ...(node.set[0] as CharacterRange))
        else this.emit(SET, this.sets.push(node.set) - 1)
        return
      case 'assertion':
        this.emit(ASSERT, ASSERTIONS.indexOf(node.assertion))
        return
      case 'sequence':
        for (const each of node.nodes) this.add(each)
        return
      case 'choice':
        this.#addChoice(node.nodes)
        return
      case 'repeat':
        this.#addRepeat(node)
        return
      case 'group': {
        const slot = this.slots++
        this.emit(SAVE, slot)
        this.add(node.node)
        this.emit(CLOSE, node.index, slot)
        return
      }
      case 'atomic': {
        const atomic = this.emit(ATOMIC)
        this.add(node.node)
        this.emit(DONE)
        this.a[atomic] = this.#here
        return
      }
      case 'look':
        this.#addLook(node)
        return
      case 'back':
        this.emit(BACK, this.groupLists.push(node.groups) - 1, node.ignoresCase ? 1 : 0)
    }
  }

  #addChoice(nodes: readonly Node[]): void {
    const jumps: number[] = []
    nodes.forEach((each, index) => {
      const isLast = index === nodes.length - 1
      const split = isLast ? -1 : this.emit(SPLIT, this.#here + 1)
      this.add(each)
      if (isLast) return
      jumps.push(this.emit(JUMP))
      this.b[split] = this.#here
    })
    for (const jump of jumps) this.a[jump] = this.#here
  }

  #addRepeat({ node, least, most, isGreedy }: Extract<Node, { kind: 'repeat' }>): void {
    for (let count = 0; count < least; count++) this.add(node)
    if (most === Number.POSITIVE_INFINITY) {
      const [fewest] = widthOf(node)
      const slot = fewest === 0 ? this.slots++ : undefined
      const split = this.emit(SPLIT)
      if (slot !== undefined) this.emit(SAVE, slot)
      this.add(node)
      if (slot !== undefined) this.emit(PROGRESS, slot, this.#here + 2)
      this.emit(JUMP, split)
      this.#aim(split, split + 1, this.#here, isGreedy)
      return
    }
    const splits: number[] = []
    for (let count = least; count < most; count++) {
      splits.push(this.emit(SPLIT))
      this.add(node)
    }
    for (const split of splits) this.#aim(split, split + 1, this.#here, isGreedy)
  }

  #aim(split: number, into: number, past: number, isGreedy: boolean): void {
    this.a[split] = isGreedy ? into : past
    this.b[split] = isGreedy ? past : into
  }

  #addLook({ node, isAhead, isNegative }: Extract<Node, { kind: 'look' }>): void {
    const look = this.emit(isAhead ? AHEAD : BEHIND, 0, isNegative ? 1 : 0)
    if (isAhead) this.add(node)
    else {
      const slot = this.slots++
      const [least, most] = widthOf(node)
      this.emit(WIDTH, Math.min(least, WIDEST), Math.min(most, WIDEST))
      this.emit(SAVE, slot)
      this.add(node)
      this.emit(RETURNED, slot)
    }
    this.emit(DONE)
    this.a[look] = this.#here
  }
}
