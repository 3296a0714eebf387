/**
 * The door to the network: sends DNS packets and hands over what comes back.
 *
 * Packet + index of a name server → UDP socket → bytes received, with the index of the server they came from. Knows
 * nothing of questions, tries or deadlines; those are the resolver's. There are two transports:
 *
 *   waiting-transport.ts   sockets of the native part; the process stands still while it waits, as one may that has one
 *                          request at a time. Loads nothing of Node's: spawn mode
 *   event-transport.ts     node:dgram; replies come from the event loop: the daemon, and wherever there is no native part
 *
 * A socket is connected to its server, so the kernel drops whatever another address sends, and reports a server that
 * is not there. Which socket sends is the business of ports.ts.
 *
 * A transport also keeps the resolver's time: how a process waits for packets is how it waits for the next try.
 *
 * Invariants: nothing is opened before it is used; node:net is loaded for TCP alone; no socket keeps the process alive, the
 * time of `wakeAt` does; after `close` nothing is reported any more.
 * Failure: a socket error is reported as `unreachable`, with the server's index; it concerns the packets sent to that
 * server of late, which ones cannot be known.
 *
 * Sources: RFC 5452; RFC 7766 (TCP); docs/behaviour/dns-and-lists.md#which-replies-count.
 */
import type { NameServer } from './resolv-conf.ts'

/** Who is told. `server` is an index into the servers the transport was opened with. */
export interface TransportEvents {
  /** A datagram came from a server; nothing else is known of it. Its bytes may be overwritten after the call. */
  received(server: number, datagram: Uint8Array): void
  /** Packets to a server do not arrive there: refused, no route. */
  unreachable(server: number): void
  /** The time of `wakeAt` has come, and replies that lay ready by then were handed over. */
  timeUp(): void
}

/** Is told the reply, or undefined if there is none: refused, cut off. */
export type ExchangeDone = (reply: Uint8Array | undefined) => void

/** Why a process that stands still need not go on doing so, though nothing was reported. */
export interface RestUntil {
  /** There is something to read from this descriptor. */
  readonly input?: number | undefined
  /** In so many milliseconds it may be over. */
  readonly leftMs?: () => number
}

/** Sends packets to name servers by index. */
export interface Transport {
  /**
   * `nowMs`: now, of a clock that never jumps. `isLast`: no other packet leaves for this server right behind it; a
   * transport may ask of the last one alone whether they could be sent.
   */
  send(server: number, query: Uint8Array, nowMs: number, isLast: boolean): void
  /** Packets to a server leave from another port from now on; what comes to the ports of before is not read. */
  renew(server: number): void
  /**
   * One exchange over TCP on a connection of its own. `done` is called once. Returns how to give up: `done` is not
   * called after that. `sent`: the query has left, which takes a connection.
   */
  exchange(server: number, query: Uint8Array, done: ExchangeDone, sent?: () => void): () => void
  /**
   * When `timeUp` is to be called, once, a point in time of clock.ts; it takes the place of what was said before. Infinity:
   * nothing is waited for.
   */
  wakeAt(ms: number): void
  /**
   * Whoever calls has nothing to do until `isOver`, or until something is reported: hands over what lies ready, and, if the
   * process may stand still, returns when it is over, or when what `until` says has come. Otherwise a turn of the event loop
   * later.
   */
  rest(isOver: () => boolean, until?: RestUntil): Promise<void>
  close(): void
}

/** Makes a transport; tests have one without a network. */
export type OpenTransport = (servers: readonly NameServer[], events: TransportEvents) => Transport

/** Lets the event loop run what is due, and read what lies ready. */
export function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/** The exchange of any transport, for `server`: node:net is loaded by the first. Nothing is done once `isClosed`. */
export function exchangeOverTcp(
  server: NameServer,
  query: Uint8Array,
  isClosed: () => boolean,
  done: ExchangeDone,
  sent?: () => void,
): () => void {
  let givenUp = false
  let cancel = (): void => {
    givenUp = true
  }
  import('./tcp.ts').then(
    ({ exchangeByTcp }) => {
      if (!givenUp && !isClosed()) cancel = exchangeByTcp(server, query, done, sent)
    },
    () => {
      if (!givenUp && !isClosed()) done(undefined)
    },
  )
  return () => cancel()
}

/** The server of an index. Throws RangeError: the resolver counts wrongly. */
export function serverAt(servers: readonly NameServer[], index: number): NameServer {
  const server = servers[index]
  if (!server) throw new RangeError(`no name server ${index}`)
  return server
}
