/**
 * Does a worker still react? Its heartbeat, as the supervisor counts it.
 *
 *   worker.ts, once a second, from its event loop → scoreboard.ts → worker-pool.ts, once a second: Heartbeat.tick → isHung
 *
 * A beat is a number in the page that all map, which costs the worker one store and the supervisor one load; without the
 * native part it is a message over the channel. It comes from the event loop that answers requests, so one that is
 * stopped, loops or waits in a system call has none, whatever its process looks like from outside.
 *
 * Silence is counted in ticks of the supervisor's own timer, and a timer that was late ticks once: while the machine slept,
 * or the supervisor itself was stopped, no time passes. So nobody is killed for it; a worker that lives beats before the
 * next ticks.
 *
 * Rejected: a question over the channel that has to be answered (a worker would have to be believed that is slow to read, and
 * answers pile up for a supervisor that is stopped), and looking at /proc (a loop looks like work).
 *
 * Pure, no errors.
 */

/** How often a worker beats, and the supervisor looks. */
export const BEAT_MS = 1000
/** Ticks without a beat: with the one in which it fell silent a worker is noticed within ten seconds. */
export const HUNG_TICKS = 8
/** The same before the first beat: nobody waits for it yet, and Node takes its time to start on a busy machine. */
export const HUNG_START_TICKS = 30
/** Ticks from which on `status` mentions it; a busy machine, or a full disk, may keep anybody for a moment. */
const SILENT_TICKS = 3

export class Heartbeat {
  #beats: number
  #ticks = 0
  #hasBeaten = false

  /** `beats`: the number as its predecessor left it. */
  constructor(beats: number) {
    this.#beats = beats
  }

  /** A tick of the supervisor; `beats` is the number now. */
  tick(beats: number): void {
    if (beats === this.#beats) {
      this.#ticks++
      return
    }
    this.#beats = beats
    this.#ticks = 0
    this.#hasBeaten = true
  }

  /** Ticks since the last beat, or since the start. */
  get silentTicks(): number {
    return this.#ticks
  }

  /** Whether it is worth mentioning. */
  get isSilent(): boolean {
    return this.#hasBeaten && this.#ticks >= SILENT_TICKS
  }

  get isHung(): boolean {
    return this.#ticks >= (this.#hasBeaten ? HUNG_TICKS : HUNG_START_TICKS)
  }
}
