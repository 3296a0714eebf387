/**
 * Target "cache": the cache file, damaged in any way between and under those who use it.
 *
 *   bytes → a program of steps, 8 bytes each → tables over memory (damaged-tables.ts) and a file on disk (damaged-file.ts)
 *
 * A step sets, gets or deletes an entry, writes over any place, copies slots, brings back what was there before, works out a
 * checksum anew over what was damaged, adds to a counter, or changes and opens the file.
 *
 * Properties: throws nothing; an entry that comes out is one that was put in under this key, or there is none; what was just
 * put in is there; one kind never writes into another, nor into the header; entries behind a forged checksum still have
 * values of their types, and can be shown; a file that is opened has the size and the header that belong together, and
 * nothing that a link leads to is ever written to.
 */
import { replaced } from '../mutate.ts'
import type { Mutator, Target } from '../target.ts'
import { DamagedFile } from './damaged-file.ts'
import { DamagedTables } from './damaged-tables.ts'

/** A step: what to do, and six or seven bytes that say with what. */
export const STEP_BYTES = 8
const MAX_STEPS = 256
/** Opening a file costs a thousand times as much as an entry. */
const MAX_FILE_STEPS = 6
const FIRST_FILE_STEP = 0xf0

export const CACHE: Target = {
  name: 'cache',
  about: /^src\/cache\//,
  maxBytes: MAX_STEPS * STEP_BYTES,
  maxSteps: bytes => 400_000 + 1500 * bytes,
  words: [],
  mutators: [changeStep(), insertStep(), insertStep(), removeStep(), copyStep()],
  open: folder => {
    const file = new DamagedFile(folder)
    return input => {
      const tables = new DamagedTables()
      file.begin()
      let fileSteps = 0
      for (let at = 0; at + STEP_BYTES <= input.length; at += STEP_BYTES) {
        const step = input.subarray(at, at + STEP_BYTES)
        if ((step[0] as number) < FIRST_FILE_STEP) tables.run(step)
        else if (fileSteps++ < MAX_FILE_STEPS) file.run(step)
      }
      tables.end()
    }
  },
}

function stepAt(input: Uint8Array, random: (below: number) => number): number {
  return STEP_BYTES * random(Math.floor(input.length / STEP_BYTES) + 1)
}

function changeStep(): Mutator {
  return (input, random) => {
    const copy = input.slice()
    const at = stepAt(input, random) + random(STEP_BYTES)
    if (at < copy.length) copy[at] = random(4) === 0 ? random(256) : random(8)
    return copy
  }
}

function insertStep(): Mutator {
  return (input, random) => {
    const step = new Uint8Array(STEP_BYTES)
    for (let i = 0; i < STEP_BYTES; i++) step[i] = random(3) === 0 ? random(256) : random(4)
    step[0] = random(256)
    const at = stepAt(input, random)
    return replaced(input, at, at, step)
  }
}

function removeStep(): Mutator {
  return (input, random) => {
    const at = stepAt(input, random)
    return replaced(input, at, Math.min(input.length, at + STEP_BYTES), new Uint8Array())
  }
}

function copyStep(): Mutator {
  return (input, random, other) => {
    const from = stepAt(other, random)
    const at = stepAt(input, random)
    return replaced(input, at, at, other.subarray(from, from + STEP_BYTES * (1 + random(4))))
  }
}
