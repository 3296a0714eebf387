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
 * Invariants: nothing is opened before it is used; node:net is loaded for TCP alone; no handle keeps the process alive
 * (the resolver's timer does, or the call of `wait`); after `close` nothing is reported any more.
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
}

/** Is told the reply, or undefined if there is none: refused, cut off. */
export type ExchangeDone = (reply: Uint8Array | undefined) => void

/** Sends packets to name servers by index. */
export interface Transport {
  /**
   * `nowMs`: now, of a clock that never jumps. `isLast`: no other packet leaves for this server right behind it; a
   * transport may ask of the last one alone whether they could be sent.
   */
  send(server: number, query: Uint8Array, nowMs: number, isLast: boolean): void
  /**
   * One exchange over TCP on a connection of its own. `done` is called once. Returns how to give up: `done` is not
   * called after that.
   */
  exchange(server: number, query: Uint8Array, done: ExchangeDone): () => void
  /**
   * Absent where the event loop reports what comes. Otherwise nothing is reported but by this: it stands still until
   * something has come, so many milliseconds at most, and reports all that lies ready. It returns a promise if the event
   * loop is needed as well, for TCP: then it has to be awaited before the next call.
   */
  readonly wait?: ((atMostMs: number) => Promise<void> | undefined) | undefined
  close(): void
}

/** Makes a transport; tests have one without a network. */
export type OpenTransport = (servers: readonly NameServer[], events: TransportEvents) => Transport

/** The exchange of any transport, for `server`: node:net is loaded by the first. Nothing is done once `isClosed`. */
export function exchangeOverTcp(
  server: NameServer,
  query: Uint8Array,
  isClosed: () => boolean,
  done: ExchangeDone,
): () => void {
  let givenUp = false
  let cancel = (): void => {
    givenUp = true
  }
  import('./tcp.ts').then(
    ({ exchangeByTcp }) => {
      if (!givenUp && !isClosed()) cancel = exchangeByTcp(server, query, done)
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
