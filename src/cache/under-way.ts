/**
 * DNS questions under way about names that clients chose, counted for the whole host, so that they can be bounded together.
 *
 *   whoever sends such a question: take → places → sent → giveBack, or linger if it met silence; renew while it takes longer
 *
 * Each process could bound its own questions, but Postfix starts as many processes as strangers open connections, and all
 * of them ask the same resolver. So the places are counted in memory that all of them share, per client and in total.
 *
 * What is under way is counted by time, in slices that belong each to an interval, its epoch. Places are added to the slice
 * of the moment and taken off the slice they were added to. A slice counts until it is so many intervals old, so what a
 * process left that was killed counts for nine to twelve seconds more and then no longer; whoever holds places longer than
 * that renews them. A slice whose epoch is over is emptied when its words are needed again.
 *
 * A resolver goes on with a silent question when nobody waits for it any more: unbound for 32 to 38 s, with two or three
 * more of its own for each, and it drops questions, those of lists too, when there are a thousand. So the place of a question
 * that met silence lingers, in slices of its own, for 40 to 60 s, and MAX_UNDER_WAY is what unbound bears.
 *
 * How many a client gets: of a third of all places as many as leave it with no more than are then free there; one client
 * alone gets half of that third, two a third of it each. The other two thirds are for clients that have none: one for each, with
 * which a mail whose names are answered gets on, however many others have silent ones.
 *
 * A client is a bucket in each of three rows, and has as many as the smallest of them says: whoever shares one with somebody
 * hardly shares the others. Which ones they are strangers cannot tell, so none can be chosen to get in another's way.
 *
 * Layout, in words: when the bound was last reached, and when a question was last not answered in time (seconds since the
 * epoch, without sign, 0: never); then the slices of places taken and of places that linger, each its epoch, its total and
 * its buckets.
 *
 * The caller holds the lock. Invariants, but for damage: the total of a slice is not less than any of its buckets, and at
 * most one `take` more than their sum, whenever the process is killed.
 * Total. A number that cannot be one empties its slice, and any other damage is gone when its slice is too old. If the
 * clock is set back, the slices of what is now the future count as empty.
 * Sources: format.ts; unbound.conf(5) num-queries-per-thread, wait-limit.
 */

/** Questions under way on the host. */
export const MAX_UNDER_WAY = 300
/** For so long it counts as suspect that the bound was reached, or a question not answered. */
const SUSPECT_SECONDS = 10

const ROW_BITS = 11
/** Buckets of a row. */
const BUCKETS = 1 << ROW_BITS
/** Each row takes other bits of a client's number, all but one. */
const ROW_SHIFTS = [0, ROW_BITS, 2 * ROW_BITS - 1]
const SLICE_WORDS = 2 + ROW_SHIFTS.length * BUCKETS

/** For how long places count: `slices` intervals of `sliceMs` each. */
interface Span {
  readonly slices: number
  readonly sliceMs: number
}
const TAKEN: Span = { slices: 4, sliceMs: 3000 }
const LINGERING: Span = { slices: 3, sliceMs: 20_000 }

const REACHED_WORD = 0
const SILENCE_WORD = 1
const FIRST_SLICE = 2
/** The area ends where a line of the processor's cache does. */
const LINE_BYTES = 64

/** Size of the area. */
export const UNDER_WAY_BYTES: number =
  Math.ceil((4 * (FIRST_SLICE + (TAKEN.slices + LINGERING.slices) * SLICE_WORDS)) / LINE_BYTES) * LINE_BYTES

/** No slice can come to more than this many times the limit; what says so is damaged. */
const PLAUSIBLE_TIMES = 4

/**
 * Places that were taken, to be given back or renewed: `{ client: 0x5a0017, epoch: 880000000, count: 4 }`. Some of them are
 * given back as `{ ...places, count: 1 }`; the rest has to be kept count of by who does so.
 */
export interface Places {
  /** The client's number. */
  readonly client: number
  /** Number of the interval they were taken in. */
  readonly epoch: number
  /** How many; may be 0. */
  readonly count: number
}

const { imul, max, min } = Math

/** Places by the time they were added, over some of the words. */
class Slices {
  readonly #words: Int32Array
  readonly #at: number
  readonly #slices: number
  readonly #sliceMs: number
  readonly #mostPlausible: number

  constructor(words: Int32Array, at: number, { slices, sliceMs }: Span, mostPlausible: number) {
    this.#words = words
    this.#at = at
    this.#slices = slices
    this.#sliceMs = sliceMs
    this.#mostPlausible = mostPlausible
  }

  /** Which interval it is. */
  epochOf(nowMs: number): number {
    return Math.floor(nowMs / this.#sliceMs) >>> 0
  }

  /** Places of all that count now. */
  total(nowMs: number): number {
    const words = this.#words
    const epoch = this.epochOf(nowMs)
    let total = 0
    for (let i = 0, slice = this.#at; i < this.#slices; i++, slice += SLICE_WORDS)
      if ((epoch - (words[slice] as number)) >>> 0 < this.#slices) total += this.#plausible(slice, slice + 1)
    return total
  }

  /** A client's that count now. */
  ofClient(client: number, nowMs: number): number {
    const words = this.#words
    const epoch = this.epochOf(nowMs)
    let count = 0
    for (let i = 0, slice = this.#at; i < this.#slices; i++, slice += SLICE_WORDS) {
      if ((epoch - (words[slice] as number)) >>> 0 >= this.#slices || this.#plausible(slice, slice + 1) === 0) continue
      let least = this.#mostPlausible
      for (const word of wordsOf(slice, client)) least = min(least, this.#plausible(slice, word))
      count += least
    }
    return count
  }

  add({ client, epoch, count }: Places): void {
    const words = this.#words
    const slice = this.#sliceOf(epoch)
    if ((words[slice] as number) >>> 0 !== epoch) {
      this.#empty(slice)
      words[slice] = epoch
    }
    // In this order the total is never the smaller one.
    this.#change(slice + 1, count)
    for (const word of wordsOf(slice, client)) this.#change(word, count)
  }

  /** Those that count no more cost nothing. */
  takeOff({ client, epoch, count }: Places): void {
    const slice = this.#sliceOf(epoch)
    if ((this.#words[slice] as number) >>> 0 !== epoch) return
    for (const word of wordsOf(slice, client)) this.#change(word, -count)
    this.#change(slice + 1, -count)
  }

  /** Renewed places may come to more than the limit, but must not look like damage. */
  #change(word: number, by: number): void {
    this.#words[word] = max(0, min(this.#mostPlausible, (this.#words[word] as number) + by))
  }

  /** A number of a slice. A negative one is a large one without its sign. */
  #plausible(slice: number, word: number): number {
    const count = this.#words[word] as number
    if (count >>> 0 <= this.#mostPlausible) return count
    this.#empty(slice)
    return 0
  }

  #sliceOf(epoch: number): number {
    return this.#at + (epoch % this.#slices) * SLICE_WORDS
  }

  #empty(slice: number): void {
    this.#words.fill(0, slice, slice + SLICE_WORDS)
  }
}

/** The words of a client's buckets. */
function wordsOf(slice: number, client: number): number[] {
  return ROW_SHIFTS.map((shift, row) => slice + 2 + row * BUCKETS + ((client >>> shift) & (BUCKETS - 1)))
}

/** The questions under way, over the words of a file or of any memory. */
export class UnderWay {
  readonly #words: Int32Array
  readonly #at: number
  readonly #salt: number
  readonly #limit: number
  /** Places for clients that have none. */
  readonly #reserved: number
  readonly #taken: Slices
  readonly #lingering: Slices
  /** Who was asked about last: a request takes places more than once. */
  #name: string | undefined
  #number = 0

  /** `at`: the word at which the area begins. `salt`: unknown to strangers, the same for all who share the words. */
  constructor(words: Int32Array, at: number, salt: number, limit: number = MAX_UNDER_WAY) {
    this.#words = words
    this.#at = at
    this.#salt = salt
    this.#limit = limit
    this.#reserved = Math.floor((2 * limit) / 3)
    const first = at + FIRST_SLICE
    const most = PLAUSIBLE_TIMES * limit
    this.#taken = new Slices(words, first, TAKEN, most)
    this.#lingering = new Slices(words, first + TAKEN.slices * SLICE_WORDS, LINGERING, most)
  }

  /**
   * Takes up to `wanted` places for a client (clientKey); `count` says how many it got. `orNone`: all or none, which is not noted, for
   * it is not known yet how many are wanted.
   */
  take(name: string, wanted: number, nowMs: number, orNone = false): Places {
    const client = this.#numberOf(name)
    // In this order what the one finds damaged the other does not count.
    const held = this.#taken.ofClient(client, nowMs) + this.#lingering.ofClient(client, nowMs)
    const free = this.#limit - this.total(nowMs)
    const shared = (free - this.#reserved - held) >> 1
    const granted = held === 0 && free > 0 ? max(1, shared) : shared
    const count = orNone && granted < wanted ? 0 : max(0, min(wanted, granted))
    const places = { client, epoch: this.#taken.epochOf(nowMs), count }
    if (count < wanted && !orNone) this.#words[this.#at + REACHED_WORD] = nowMs / 1000
    if (places.count > 0) this.#taken.add(places)
    return places
  }

  /** Gives places back. Those that count no more cost nothing, whatever the clock says. */
  giveBack(places: Places): void {
    this.#taken.takeOff(places)
  }

  /** Gives places back whose questions met silence: they count for as long as a resolver may work on them. */
  linger(places: Places, nowMs: number): void {
    if (places.count > 0) this.#lingering.add({ ...places, epoch: this.#lingering.epochOf(nowMs) })
    this.#taken.takeOff(places)
  }

  /**
   * Whether all that is taken is more than what is shared. A resolver goes on with each packet of a question, so that so many more
   * may be asked if none is sent twice.
   */
  isScarce(nowMs: number): boolean {
    return this.total(nowMs) > this.#limit - this.#reserved
  }

  /** Whether places of a client linger. */
  isLingering(name: string, nowMs: number): boolean {
    return this.#lingering.ofClient(this.#numberOf(name), nowMs) > 0
  }

  /** Makes places count from now on, also those that count no more; returns what is to be given back instead. */
  renew(places: Places, nowMs: number): Places {
    const renewed = { ...places, epoch: this.#taken.epochOf(nowMs) }
    if (places.epoch === renewed.epoch || places.count === 0) return places
    this.#taken.takeOff(places)
    this.#taken.add(renewed)
    return renewed
  }

  /** Notes that a question about a name a client chose got no answer in time. */
  noteSilence(nowMs: number): void {
    this.#words[this.#at + SILENCE_WORD] = nowMs / 1000
  }

  /** True if within the last SUSPECT_SECONDS a client got fewer places than it wanted, or silence was noted. */
  isSuspect(nowMs: number): boolean {
    return this.#isRecent(REACHED_WORD, nowMs) || this.#isRecent(SILENCE_WORD, nowMs)
  }

  /** Places that count now, of all clients together. */
  total(nowMs: number): number {
    return this.#taken.total(nowMs) + this.#lingering.total(nowMs)
  }

  /** The clock may have been set back. */
  #isRecent(word: number, nowMs: number): boolean {
    const noted = (this.#words[this.#at + word] as number) >>> 0
    return noted !== 0 && Math.abs(Math.floor(nowMs / 1000) - noted) <= SUSPECT_SECONDS
  }

  /** Mixed with the salt at each step, so that two clients that meet with one salt do not meet with every other. */
  #numberOf(name: string): number {
    if (name === this.#name) return this.#number
    let hash = this.#salt
    // Four characters a step: what is interpreted takes its time by the step. Behind the end there are none, which count as 0.
    for (let i = 0; i < name.length; i += 4) {
      const pair = name.charCodeAt(i) | (name.charCodeAt(i + 1) << 8)
      hash = imul(hash ^ pair ^ (name.charCodeAt(i + 2) << 16) ^ (name.charCodeAt(i + 3) << 24), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    hash = imul(hash, 0x85ebca6b)
    this.#name = name
    this.#number = (hash ^ (hash >>> 13)) >>> 0
    return this.#number
  }
}

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address in full form, whose owner has all of it.
 * `'2001:0db8:0000:0000:0000:0000:0000:0001'` → `'2001:0db8:0000:0000'`.
 */
export function clientKey(client: string): string {
  return client.includes(':') ? client.slice(0, 19) : client
}
