/**
 * DNS questions under way about names that clients chose, counted for the whole host, so that they can be bounded together.
 *
 *   whoever sends such a question: take → places → sent → giveBack; renew while it takes longer
 *
 * Each process could bound its own questions, but Postfix starts as many processes as strangers open connections, and all
 * of them ask the same resolver. So the places are counted in memory that all of them share, per client and in total.
 *
 * What is under way is counted by time: SLICES slices of SLICE_MS each, every one with the number of the interval it
 * belongs to, its epoch. Places are added to the slice of the moment and taken off the slice they were added to. A slice
 * counts until it is SLICES intervals old, so what a process left that was killed counts for ten to twelve seconds more
 * and then no longer; whoever holds places longer than that renews them. A slice whose epoch is over is emptied when its
 * words are needed again.
 *
 * How many a client gets: as many as leave it with no more places than are then free. One client alone gets half of them,
 * two a third each, and whoever has none gets one as long as any is free. A client is one of BUCKETS buckets; which one
 * strangers cannot tell, so none can be chosen to get in another's way.
 *
 * Layout, in words: when the bound was last reached, and when a question was last not answered in time (seconds since the
 * epoch, without sign, 0: never); then the slices, each its epoch, its total and its buckets.
 *
 * The caller holds the lock. Invariants, but for damage: the total of a slice is not less than any of its buckets, and at
 * most one `take` more than their sum, whenever the process is killed.
 * Total. A number that cannot be one empties its slice, and any other damage is gone when its slice is too old. If the
 * clock is set back, the slices of what is now the future count as empty.
 * Source: format.ts.
 */

/** Questions under way on the host. */
export const MAX_UNDER_WAY = 256
/** For so long it counts as suspect that the bound was reached, or a question not answered. */
export const SUSPECT_SECONDS = 10

const SLICES = 6
const SLICE_MS = 2000
const BUCKETS = 256

const SLICE_WORDS = 2 + BUCKETS
const REACHED_WORD = 0
const SILENCE_WORD = 1
const FIRST_SLICE = 2
/** The area ends where a line of the processor's cache does. */
const LINE_BYTES = 64

/** Size of the area. */
export const UNDER_WAY_BYTES: number = Math.ceil((4 * (FIRST_SLICE + SLICES * SLICE_WORDS)) / LINE_BYTES) * LINE_BYTES

/** No slice can come to more than this many times the limit; what says so is damaged. */
const PLAUSIBLE_TIMES = 4

/**
 * Places that were taken, to be given back or renewed: `{ bucket: 17, epoch: 880000000, count: 4 }`. Some of them are
 * given back as `{ ...places, count: 1 }`; the rest has to be kept count of by who does so.
 */
export interface Places {
  readonly bucket: number
  /** Number of the interval they were taken in. */
  readonly epoch: number
  /** How many; may be 0. */
  readonly count: number
}

const { imul, max, min } = Math

/** The questions under way, over the words of a file or of any memory. */
export class UnderWay {
  readonly #words: Int32Array
  readonly #at: number
  readonly #salt: number
  readonly #limit: number
  /** Where the slices begin. */
  readonly #sliceAt: number
  readonly #mostPlausible: number
  /** Who was asked about last: a request takes places more than once. */
  #client: string | undefined
  #bucket = 0

  /** `at`: the word at which the area begins. `salt`: unknown to strangers, the same for all who share the words. */
  constructor(words: Int32Array, at: number, salt: number, limit: number = MAX_UNDER_WAY) {
    this.#words = words
    this.#at = at
    this.#sliceAt = at + FIRST_SLICE
    this.#salt = salt
    this.#limit = limit
    this.#mostPlausible = PLAUSIBLE_TIMES * limit
  }

  /** Takes up to `wanted` places for a client (clientKey); `count` says how many it got. */
  take(client: string, wanted: number, nowMs: number): Places {
    const epoch = epochOf(nowMs)
    const bucket = this.#bucketOf(client)
    const words = this.#words
    const most = this.#mostPlausible
    let free = this.#limit
    let held = 0
    for (let i = 0, slice = this.#sliceAt; i < SLICES; i++, slice += SLICE_WORDS) {
      if ((epoch - (words[slice] as number)) >>> 0 >= SLICES) continue
      const total = words[slice + 1] as number
      if (total === 0) continue
      const ofClient = words[slice + 2 + bucket] as number
      // A negative number is a large one without its sign.
      if (total >>> 0 > most || ofClient >>> 0 > most) {
        this.#empty(slice)
        continue
      }
      free -= total
      held += ofClient
    }
    const granted = held === 0 && free === 1 ? 1 : (free - held) >> 1
    const count = max(0, min(wanted, granted))
    if (count < wanted) words[this.#at + REACHED_WORD] = nowMs / 1000
    if (count > 0) this.#add(bucket, epoch, count)
    return { bucket, epoch, count }
  }

  /** Gives places back. Those that count no more cost nothing, whatever the clock says. */
  giveBack({ bucket, epoch, count }: Places, _nowMs?: number): void {
    const words = this.#words
    const slice = this.#sliceAt + (epoch % SLICES) * SLICE_WORDS
    if ((words[slice] as number) >>> 0 !== epoch) return
    // In this order the total is never the smaller one.
    words[slice + 2 + bucket] = max(0, (words[slice + 2 + bucket] as number) - count)
    words[slice + 1] = max(0, (words[slice + 1] as number) - count)
  }

  /** Makes places count from now on, also those that count no more; returns what is to be given back instead. */
  renew(places: Places, nowMs: number): Places {
    const epoch = epochOf(nowMs)
    const { bucket, count } = places
    if (places.epoch === epoch || count === 0) return places
    this.giveBack(places)
    this.#add(bucket, epoch, count)
    return { bucket, epoch, count }
  }

  /** Notes that a question about a name a client chose got no answer in time. */
  noteSilence(nowMs: number): void {
    this.#words[this.#at + SILENCE_WORD] = nowMs / 1000
  }

  /** True if within the last SUSPECT_SECONDS a client got fewer places than it wanted, or silence was noted. */
  isSuspect(nowMs: number): boolean {
    return this.#isRecent(REACHED_WORD, nowMs) || this.#isRecent(SILENCE_WORD, nowMs)
  }

  /** Questions under way now, of all clients together. */
  total(nowMs: number): number {
    const epoch = epochOf(nowMs)
    let total = 0
    for (let i = 0, slice = this.#sliceAt; i < SLICES; i++, slice += SLICE_WORDS) {
      if ((epoch - (this.#words[slice] as number)) >>> 0 >= SLICES) continue
      const ofSlice = this.#words[slice + 1] as number
      if (ofSlice >>> 0 > this.#mostPlausible) this.#empty(slice)
      else total += ofSlice
    }
    return total
  }

  #empty(slice: number): void {
    this.#words.fill(0, slice, slice + SLICE_WORDS)
  }

  #add(bucket: number, epoch: number, count: number): void {
    const words = this.#words
    const slice = this.#sliceAt + (epoch % SLICES) * SLICE_WORDS
    if ((words[slice] as number) >>> 0 !== epoch) {
      this.#empty(slice)
      words[slice] = epoch
    }
    // Renewed places may come to more than the limit, but must not look like damage.
    const most = this.#mostPlausible
    words[slice + 1] = min(most, (words[slice + 1] as number) + count)
    words[slice + 2 + bucket] = min(most, (words[slice + 2 + bucket] as number) + count)
  }

  /** The clock may have been set back. */
  #isRecent(word: number, nowMs: number): boolean {
    const noted = (this.#words[this.#at + word] as number) >>> 0
    return noted !== 0 && Math.abs(Math.floor(nowMs / 1000) - noted) <= SUSPECT_SECONDS
  }

  /** Mixed with the salt at each step, so that two clients that meet with one salt do not meet with every other. */
  #bucketOf(client: string): number {
    if (client === this.#client) return this.#bucket
    let hash = this.#salt
    // Four characters a step: what is interpreted takes its time by the step. Behind the end there are none, which count as 0.
    for (let i = 0; i < client.length; i += 4) {
      const pair = client.charCodeAt(i) | (client.charCodeAt(i + 1) << 8)
      hash = imul(hash ^ pair ^ (client.charCodeAt(i + 2) << 16) ^ (client.charCodeAt(i + 3) << 24), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    this.#client = client
    this.#bucket = (imul(hash, 0x85ebca6b) >>> 16) % BUCKETS
    return this.#bucket
  }
}

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address in full form, whose owner has all of it.
 * `'2001:0db8:0000:0000:0000:0000:0000:0001'` → `'2001:0db8:0000:0000'`.
 */
export function clientKey(client: string): string {
  return client.includes(':') ? client.slice(0, 19) : client
}

/** Which interval of SLICE_MS it is. */
function epochOf(nowMs: number): number {
  return Math.floor(nowMs / SLICE_MS) >>> 0
}
