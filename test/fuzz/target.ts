/**
 * What is fuzzed: a target takes bytes and says which promise of ours they break.
 *
 *   targets/NAME.ts: Target → search.ts (many inputs, mutated), corpus.test.ts (the stored ones, at every `npm test`)
 *
 * A target holds what comes out against properties, most of them worked out a second time in another way. It keeps
 * nothing from one input to the next that could change a result: a failing input fails alone.
 *
 * Failure: a property that does not hold is a Violation; any other exception is a failure as well, of the property
 * "throws nothing".
 */
import type { Random } from './mutate.ts'

/** One thing to fuzz. */
export interface Target {
  readonly name: string
  /** The files it is about, of which it is counted how much was run; what else they load is not. */
  readonly about: RegExp
  /** Inputs are cut to this length. */
  readonly maxBytes: number
  /**
   * How many blocks of code an input of so many bytes may take at most: linear, and several times what was seen, so that
   * only what grows faster than its input exceeds it.
   */
  readonly maxSteps: (bytes: number) => number
  /** Texts to mutate with, beside those that stand in the sources. */
  readonly words: readonly string[]
  /** Changes that keep the form of an input; `undefined` or the input itself where there is nothing to change. */
  readonly mutators: readonly Mutator[]
  /** Gets ready; `folder` is empty and goes away with the process. */
  readonly open: (folder: string) => Trial
}

/** Tries one input, which it may not change. Throws or rejects if a property does not hold. */
export type Trial = (input: Uint8Array) => void | Promise<void>

/** `other` is another input of the corpus. */
export type Mutator = (input: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

/** A property does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly property: string
  constructor(property: string, details: string) {
    super(`${property}: ${details}`)
    this.property = property
  }
}

/** Throws a Violation unless `holds`. */
export function expect(holds: boolean, property: string, details: () => string): void {
  if (!holds) throw new Violation(property, details())
}

/** Which property an exception is about: two that say the same are taken for the same failure. */
export function propertyOf(error: unknown): string {
  if (error instanceof Violation) return error.property
  return error instanceof Error ? `throws nothing (${error.name})` : 'throws nothing'
}

/** A number that depends on these bytes alone (FNV-1a): for what is to look random and be the same for the same input. */
export function hashOf(bytes: Uint8Array | string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < bytes.length; i++) {
    const byte = typeof bytes === 'string' ? bytes.charCodeAt(i) : (bytes[i] as number)
    hash = Math.imul(hash ^ byte, 0x01000193)
  }
  // The lower bits of FNV depend on few of the input's.
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}
