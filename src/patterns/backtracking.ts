/**
 * Holds a text against a program by trying one way after the other, for as long as its steps last.
 *
 *   any program, text → whether it matches somewhere → match.ts
 *
 * For what linear.ts cannot do: look-around, back references, atomic groups. There is no bound on the time those may take
 * but a count of steps.
 *
 * What to come back to lies on a stack of our own: a place to go on from, or a slot's former value to put back. Programs
 * inside (look-around, atomic groups) run on the same stack, from its top, and leave no place to come back to.
 *
 * Failure: undefined when the steps are used up.
 * Source: perlre(1); Russ Cox, as in program.ts.
 */
import { type CharacterSet, includes } from './character-set.ts'
import { holds } from './holds.ts'
import {
  AHEAD,
  ASSERT,
  ASSERTIONS,
  ATOMIC,
  BACK,
  BEHIND,
  CLOSE,
  DONE,
  JUMP,
  MATCH,
  PROGRESS,
  type Program,
  RANGE,
  RETURNED,
  SAVE,
  SET,
  SPLIT,
} from './program.ts'
import type { Steps } from './steps.ts'
import type { Assertion } from './tree.ts'

/** Entries of the stack; each is two numbers. A pattern that needs more is as good as one without end. */
const MAX_STACK = 200_000
const UNSET = -1
const STEPS_TO_BEGIN = 3

/** Whether the program matches anywhere in the text; undefined: it takes too many steps to say. */
export function matchBacktracking(program: Program, text: string, steps: Steps): boolean | undefined {
  const matcher = new Backtracker(program, text, steps)
  for (let at = 0; at <= text.length; at++) {
    const end = matcher.run(0, at)
    if (matcher.isExhausted) return undefined
    if (end !== undefined) return true
  }
  return false
}

class Backtracker {
  isExhausted = false
  readonly #program: Program
  readonly #text: string
  readonly #steps: Steps
  readonly #slots: number[]
  /** Pairs: an instruction and the place to go on from, or ~slot and its former value. */
  readonly #stack: number[] = []

  constructor(program: Program, text: string, steps: Steps) {
    this.#program = program
    this.#text = text
    this.#steps = steps
    this.#slots = new Array<number>(program.slots).fill(UNSET)
  }

  /** Runs from an instruction and a place; the place where it ended, undefined if it cannot match or is exhausted. */
  run(from: number, start: number): number | undefined {
    const { operations, a, b, sets } = this.#program
    const text = this.#text
    const stack = this.#stack
    const slots = this.#slots
    const steps = this.#steps
    const bottom = stack.length
    let pc = from
    let at = start
    for (;;) {
      if (--steps.left < 0 || stack.length > MAX_STACK) {
        this.isExhausted = true
        return undefined
      }
      const argument = a[pc] as number
      let isOn = true
      switch (operations[pc]) {
        case MATCH:
        case DONE:
          return at
        case RANGE: {
          // Behind the end there is NaN, which is in no range.
          const code = text.charCodeAt(at++)
          isOn = code >= argument && code <= (b[pc] as number)
          break
        }
        case SET:
          isOn = at < text.length && includes(sets[argument] as CharacterSet, text.charCodeAt(at))
          at++
          break
        case SPLIT:
          stack.push(b[pc] as number, at)
          pc = argument
          continue
        case JUMP:
          pc = argument
          continue
        case ASSERT:
          isOn = holds(ASSERTIONS[argument] as Assertion, text, at)
          break
        case SAVE:
          this.#save(argument, at)
          break
        case CLOSE:
          this.#save(2 * argument, slots[b[pc] as number] as number)
          this.#save(2 * argument + 1, at)
          break
        case PROGRESS:
          if (slots[argument] === at) pc = (b[pc] as number) - 1
          break
        case RETURNED:
          isOn = slots[argument] === at
          break
        case AHEAD:
        case BEHIND: {
          const isFound = operations[pc] === AHEAD ? this.#lookAhead(pc, at) : this.#lookBehind(pc, at)
          isOn = isFound !== (b[pc] === 1)
          pc = argument - 1
          break
        }
        case ATOMIC: {
          const height = stack.length
          const end = this.run(pc + 1, at)
          isOn = end !== undefined
          if (isOn) this.#forgetPlaces(height)
          at = end ?? at
          pc = argument - 1
          break
        }
        case BACK: {
          const length = this.#lengthOfCopy(argument, at, b[pc] === 1)
          isOn = length !== undefined
          at += length ?? 0
          break
        }
        default:
          isOn = false
      }
      if (isOn) {
        pc++
        continue
      }
      // Back to the last place to go on from, with slots as they were.
      for (;;) {
        if (stack.length === bottom || this.isExhausted) return undefined
        at = stack.pop() as number
        pc = stack.pop() as number
        if (pc >= 0) break
        slots[~pc] = at
      }
    }
  }

  /** Puts slots back to what they were at that height of the stack. */
  #undo(height: number): void {
    const stack = this.#stack
    while (stack.length > height) {
      const value = stack.pop() as number
      const what = stack.pop() as number
      if (what < 0) this.#slots[~what] = value
    }
  }

  #save(slot: number, place: number): void {
    this.#stack.push(~slot, this.#slots[slot] as number)
    this.#slots[slot] = place
  }

  /** What a program inside has found stands, but there is no other way through it any more. */
  #forgetPlaces(height: number): void {
    const stack = this.#stack
    let kept = height
    for (let index = height; index < stack.length; index += 2) {
      if ((stack[index] as number) >= 0) continue
      stack[kept++] = stack[index] as number
      stack[kept++] = stack[index + 1] as number
    }
    stack.length = kept
  }

  #lookAhead(pc: number, at: number): boolean {
    return this.#runInside(pc + 1, at, this.#program.b[pc] === 1)
  }

  /** From the nearest place in front to the farthest. */
  #lookBehind(pc: number, at: number): boolean {
    const { a, b } = this.#program
    const isNegative = b[pc] === 1
    const farthest = Math.max(0, at - (b[pc + 1] as number))
    this.#save(a[pc + 2] as number, at)
    for (let start = at - (a[pc + 1] as number); start >= farthest && !this.isExhausted; start--) {
      if (this.#runInside(pc + 3, start, isNegative)) return true
    }
    return false
  }

  /** Whether a program inside matches; its groups stay set if it had to and does. */
  #runInside(pc: number, at: number, isNegative: boolean): boolean {
    // Beginning one takes as long as some instructions.
    this.#steps.left -= STEPS_TO_BEGIN
    const height = this.#stack.length
    const isFound = this.run(pc, at) !== undefined
    if (!isFound) return false
    if (isNegative) this.#undo(height)
    else this.#forgetPlaces(height)
    return true
  }

  /** How long what the groups have matched is, if it stands here again. */
  #lengthOfCopy(list: number, at: number, ignoresCase: boolean): number | undefined {
    const groups = this.#program.groupLists[list] as readonly number[]
    const group = groups.find(each => (this.#slots[2 * each + 1] as number) >= 0)
    if (group === undefined) return undefined
    const copied = this.#text.slice(this.#slots[2 * group], this.#slots[2 * group + 1])
    this.#steps.left -= copied.length
    const there = this.#text.slice(at, at + copied.length)
    const isSame = ignoresCase ? copied.toLowerCase() === there.toLowerCase() : copied === there
    return isSame ? copied.length : undefined
  }
}
