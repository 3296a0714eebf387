/**
 * The door to the network: sends DNS packets and hands over what comes back.
 *
 * Packet + index of a name server → UDP socket → bytes received, with the index of the server they came from. Knows
 * nothing of questions, tries or deadlines; those are the resolver's.
 *
 * A socket is connected to its server, so the kernel drops whatever another address sends, and reports a server that
 * is not there. Its port is the kernel's choice and changes while the process lives: once it is older than ten
 * seconds the next packet goes out from a new one, and the old one listens on until the one after that is opened.
 * Nobody can find out at leisure which port to aim forged replies at (RFC 5452 4.5, 9.2). A process that asks all the
 * time has several sockets to each server and sends by a random one of them: then a port is one of a pool, and replies
 * that arrive together do not overflow one socket's buffer.
 *
 * Invariants: nothing is opened before it is used; node:net is loaded for TCP alone; no handle keeps the process alive
 * (whoever waits has a timer that does); after `close` nothing is reported any more.
 * Failure: a socket error is reported as `unreachable`, with the server's index; it concerns the packets sent to that
 * server of late, which ones cannot be known.
 *
 * Sources: RFC 5452; RFC 7766 (TCP); specification, chapter "DNS and lists" Transport.
 */
import type { Socket } from 'node:dgram'
import type { NameServer } from './resolv-conf.ts'
import { openUdpSocket } from './udp-socket.ts'

/** Who is told. `server` is an index into the servers the transport was opened with. */
export interface TransportEvents {
  /** A datagram came from a server; nothing else is known of it. */
  received(server: number, datagram: Uint8Array): void
  /** Packets to a server do not arrive there: refused, no route. */
  unreachable(server: number): void
}

/** Sends packets to name servers by index. */
export interface Transport {
  /**
   * `nowMs`: now, of a clock that never jumps. `isLast`: no other packet leaves for this server right behind it. Whether
   * they can be sent is asked for the last one alone: it fails as well, or brings the error of its own that a server which
   * is not there causes, and to ask takes longer than to send.
   */
  send(server: number, query: Uint8Array, nowMs: number, isLast: boolean): void
  /**
   * One exchange over TCP on a connection of its own. `done` is called once with the reply, or with undefined if
   * there is none: refused, cut off. Returns how to give up: `done` is not called after that.
   */
  exchange(server: number, query: Uint8Array, done: (reply: Uint8Array | undefined) => void): () => void
  close(): void
}

/** Makes a transport; tests have one without a network. */
export type OpenTransport = (servers: readonly NameServer[], events: TransportEvents) => Transport

const PORT_AGE_MS = 10_000

/** A place in a server's pool: `current` sends, `previous` still receives. */
interface Port {
  readonly current: Socket
  readonly previous: Socket | undefined
  /** Is told of a packet whether `current` could send it. */
  readonly sent: (error: Error | null) => void
  readonly openedMs: number
}

/** Opens a transport over UDP and TCP, with one socket to each server. Costs nothing until the first packet. */
export const openTransport = pooledTransport(1)

/** Opens transports with so many sockets to each server; each socket is opened when it is first chosen. */
export function pooledTransport(socketsPerServer: number): OpenTransport {
  return (servers, events) => openPool(servers, events, socketsPerServer)
}

function openPool(servers: readonly NameServer[], events: TransportEvents, socketsPerServer: number): Transport {
  const ports: (Port | undefined)[] = []
  let closed = false

  /** A socket connected to a server; undefined if there is no way to it, which the error event reports. */
  function open(server: number): Socket | undefined {
    const socket = openUdpSocket(serverAt(servers, server))
    socket.on('message', datagram => {
      if (!closed) events.received(server, datagram)
    })
    socket.on('error', () => {
      if (!closed) events.unreachable(server)
    })
    socket.unref()
    try {
      socket.remoteAddress()
      return socket
    } catch {
      socket.close()
      return undefined
    }
  }

  function currentPort(server: number, nowMs: number): Port | undefined {
    const place = server * socketsPerServer + Math.floor(Math.random() * socketsPerServer)
    const port = ports[place]
    if (port && nowMs - port.openedMs < PORT_AGE_MS) return port
    const current = open(server)
    if (!current) return undefined
    port?.previous?.close()
    const sent = (error: Error | null): void => {
      if (error && !closed) events.unreachable(server)
    }
    ports[place] = { current, previous: port?.current, sent, openedMs: nowMs }
    return ports[place]
  }

  return {
    send(server, query, nowMs, isLast) {
      const port = currentPort(server, nowMs)
      port?.current.send(query, isLast ? port.sent : undefined)
    },

    exchange(server, query, done) {
      let givenUp = false
      let cancel = (): void => {
        givenUp = true
      }
      import('./tcp.ts').then(
        ({ exchangeByTcp }) => {
          if (!givenUp && !closed) cancel = exchangeByTcp(serverAt(servers, server), query, done)
        },
        () => {
          if (!givenUp && !closed) done(undefined)
        },
      )
      return () => cancel()
    },

    close() {
      closed = true
      for (const port of ports) {
        port?.current.close()
        port?.previous?.close()
      }
      ports.length = 0
    },
  }
}

function serverAt(servers: readonly NameServer[], index: number): NameServer {
  const server = servers[index]
  if (!server) throw new RangeError(`no name server ${index}`)
  return server
}
