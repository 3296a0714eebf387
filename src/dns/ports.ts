/**
 * Which socket a packet leaves from, for the transports.
 *
 *   place in a pool + now → the socket that sends
 *
 * The port of a socket is the kernel's choice and changes while the process lives: once it is older than ten seconds the
 * next packet goes out from a new one, and the old one listens on until the one after that is opened. Nobody can find
 * out at leisure which port to aim forged replies at. Where somebody seems to have, all of a place are given up at once.
 *
 * Pure but for the functions it is given. Failure: a socket that cannot be opened is undefined, and tried again the next
 * time.
 * Source: RFC 5452 4.5, 9.2.
 */

/** How sockets are opened for a place and closed. */
export interface PortOptions<Socket> {
  readonly open: (place: number) => Socket | undefined
  readonly close: (socket: Socket) => void
}

const PORT_AGE_MS = 10_000

/** A place: `current` sends, `previous` still receives. */
interface Port<Socket> {
  readonly current: Socket
  readonly previous: Socket | undefined
  readonly openedMs: number
}

export class Ports<Socket> {
  readonly #options: PortOptions<Socket>
  readonly #ports: (Port<Socket> | undefined)[] = []

  constructor(options: PortOptions<Socket>) {
    this.#options = options
  }

  /** The socket that sends from a place at `nowMs`, of a clock that never jumps. */
  current(place: number, nowMs: number): Socket | undefined {
    const port = this.#ports[place]
    if (port && nowMs - port.openedMs < PORT_AGE_MS) return port.current
    const current = this.#options.open(place)
    if (current === undefined) return undefined
    if (port?.previous !== undefined) this.#options.close(port.previous)
    this.#ports[place] = { current, previous: port?.current, openedMs: nowMs }
    return current
  }

  /** Closes the sockets of a place: the next packet goes out from a new one. */
  renew(place: number): void {
    const port = this.#ports[place]
    this.#ports[place] = undefined
    if (port) this.#close(port)
  }

  /** Closes all sockets. */
  close(): void {
    for (const port of this.#ports) if (port) this.#close(port)
    this.#ports.length = 0
  }

  #close({ current, previous }: Port<Socket>): void {
    this.#options.close(current)
    if (previous !== undefined) this.#options.close(previous)
  }
}
