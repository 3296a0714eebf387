/**
 * Which requests of a process are looked up, and which wait for their turn.
 *
 *   evaluate.ts: request → enter → (waits) → its lookups → leave
 *
 * A client may have as many requests looked up as there are places free: so one alone gets half of them, and whoever comes
 * with few finds a place at once, however many others have sent. It begins with a window of FIRST_WINDOW, which grows by one
 * with each request that is decided and is halved by each that met silence, as TCP does it: whose names are slow to
 * answer has few of them asked at a time. A client with questions that are held back (dns/fan-out.ts) begins nothing new
 * before they are asked: what has begun is finished first. They are asked when another request is decided,
 * first of the same client, and 40 times a second (4 times where a process stands still while it
 * waits), for places that other processes gave back.
 *
 * Of those that wait, the client with the fewest requests under way goes first, and of one client's the newest: if more
 * come than can be decided, the oldest are those that nobody may wait for any more.
 *
 * Guarantees: MAX_LOOKED_UP requests at a time; nobody waits beyond his deadline, or once his caller is gone.
 * Failure: none; who waited in vain is told so.
 */
import type { Caller } from './caller.ts'

/**
 * Requests of one process that are looked up at the same time. Each has 120 questions out at most (dns/fan-out.ts), all
 * together fewer than the resolver takes.
 */
export const MAX_LOOKED_UP = 256

/** Requests of a client that are looked up at first, and at least. */
const FIRST_WINDOW = 8
const LEAST_WINDOW = 2

/** How often is looked whether somebody's turn has come, while somebody waits. */
const TURN_MS = 25

/** A request that is looked up: what it may hold back. */
export interface Admitted {
  readonly client: string
  /** Set by whoever looks it up, as long as it may hold questions back. */
  holder: Holder | undefined
}

/** See dns/fan-out.ts. */
export interface Holder {
  readonly isHolding: boolean
  /** Whether its deadline has passed. */
  readonly isLate: boolean
  /** Asks as much as there are places for; of a late one nothing is held back any more then. */
  askHeld(): void
}

interface Waiting {
  readonly deadlineMs: number
  readonly done: (admitted: Admitted | undefined) => void
}

/** A client with requests: those looked up and those that wait, each oldest first. */
interface Client {
  readonly name: string
  readonly admitted: Set<Admitted>
  readonly waiting: Waiting[]
  window: number
}

export class Admission {
  readonly #now: () => number
  readonly #clients = new Map<string, Client>()
  #admitted = 0
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  /** Whose requests were decided in this turn of the event loop, with places that others may have use for. */
  #left: Client[] = []

  /** `now`: the clock of the deadlines, in milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Lets a request of a client in, at once if it is its turn; undefined: it waited until its deadline, or its caller is
   * gone.
   */
  enter(name: string, deadlineMs: number, caller?: Caller): Admitted | Promise<Admitted | undefined> {
    const client = this.#clients.get(name) ?? { name, admitted: new Set(), waiting: [], window: FIRST_WINDOW }
    this.#clients.set(name, client)
    if (client.waiting.length === 0 && this.#mayEnter(client)) return this.#admit(client)
    return this.#wait(client, deadlineMs, caller)
  }

  /** A request that was let in is decided, or given up. `wasSilent`: names that its client chose have met silence. */
  leave(admitted: Admitted, wasSilent = false): void {
    const client = this.#clients.get(admitted.client)
    if (!client?.admitted.delete(admitted)) return
    this.#admitted--
    client.window = wasSilent ? Math.max(LEAST_WINDOW, client.window >> 1) : Math.min(client.window + 1, MAX_LOOKED_UP)
    this.#forget(client)
    if (this.#waiting > 0) this.#turn()
    // Its places are given back when its verdict is remembered; whoever holds questions back has use for them.
    if (this.#timer === undefined) return
    if (this.#left.length === 0) setImmediate(() => this.#passOn())
    this.#left.push(client)
  }

  /** A request that was let in holds questions back: it is seen to that they are asked. */
  watch(): void {
    this.#timer ??= setTimeout(() => this.#tick(), TURN_MS)
  }

  #wait(client: Client, deadlineMs: number, caller: Caller | undefined): Promise<Admitted | undefined> {
    return new Promise(resolve => {
      const waiting: Waiting = { deadlineMs, done: resolve }
      client.waiting.push(waiting)
      this.#waiting++
      this.watch()
      if (!caller) return
      caller.onGone = () => {
        const at = client.waiting.indexOf(waiting)
        if (at < 0) return
        client.waiting.splice(at, 1)
        this.#waiting--
        this.#forget(client)
        resolve(undefined)
      }
    })
  }

  #mayEnter(client: Client): boolean {
    const { admitted, window } = client
    if (admitted.size >= Math.min(window, MAX_LOOKED_UP - this.#admitted)) return false
    return !isHolding(client)
  }

  #admit(client: Client): Admitted {
    const admitted: Admitted = { client: client.name, holder: undefined }
    client.admitted.add(admitted)
    this.#admitted++
    return admitted
  }

  #forget(client: Client): void {
    if (client.admitted.size === 0 && client.waiting.length === 0) this.#clients.delete(client.name)
  }

  #tick(): void {
    this.#timer = undefined
    const areHolding = this.#askHeld()
    this.#turn()
    this.#giveUp()
    if (areHolding || this.#waiting > 0) this.watch()
  }

  /** Clients of which requests were decided are asked, and for each of these one of the others, who has waited longest since he was. */
  #passOn(): void {
    const { length } = this.#left
    const left = new Set(this.#left)
    this.#left = []
    for (const client of left) askHeldOf(client)
    const held: Client[] = []
    for (const client of this.#clients.values())
      if (held.length < length && !left.has(client) && isHolding(client)) held.push(client)
    for (const client of held) {
      this.#clients.delete(client.name)
      this.#clients.set(client.name, client)
      askHeldOf(client)
    }
    this.#turn()
  }

  #askHeld(): boolean {
    let areHolding = false
    for (const client of this.#inOrder()) areHolding = askHeldOf(client) || areHolding
    return areHolding
  }

  /** Lets in whoever's turn it is: one request of each client, as long as there is one that may. */
  #turn(): void {
    for (let hasEntered = true; hasEntered && this.#waiting > 0; ) {
      hasEntered = false
      for (const client of this.#inOrder()) {
        if (client.waiting.length === 0 || !this.#mayEnter(client)) continue
        this.#waiting--
        client.waiting.pop()?.done(this.#admit(client))
        hasEntered = true
      }
    }
  }

  #giveUp(): void {
    const nowMs = this.#now()
    for (const client of [...this.#clients.values()]) {
      // Deadlines are in the order in which requests came.
      while (client.waiting[0] && client.waiting[0].deadlineMs <= nowMs) {
        this.#waiting--
        client.waiting.shift()?.done(undefined)
      }
      this.#forget(client)
    }
  }

  /** Clients, those with the fewest requests under way first. */
  #inOrder(): Client[] {
    return [...this.#clients.values()].sort((one, other) => one.admitted.size - other.admitted.size)
  }
}

function isHolding({ admitted }: Client): boolean {
  for (const { holder } of admitted) if (holder?.isHolding) return true
  return false
}

/**
 * Of a client's requests the first one that holds questions back; the next one only when it holds none any more, or its own
 * deadline has passed: the newest has come in first. Whether one goes on to hold some.
 */
function askHeldOf({ admitted }: Client): boolean {
  let goesOn = false
  for (const { holder } of admitted) {
    if (!holder?.isHolding || (goesOn && !holder.isLate)) continue
    holder.askHeld()
    goesOn ||= holder.isHolding
  }
  return goesOn
}
