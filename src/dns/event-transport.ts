/**
 * The transport whose replies come from the event loop: of the daemon, and of whatever has no native part.
 *
 *   queries of the resolver → sockets of node:dgram → the event loop → resolver.ts
 *
 * What transport.ts says holds. A process that asks all the time has several sockets to each server and sends by a random
 * one of them: then a port is one of a pool, and replies that arrive together do not overflow one socket's buffer.
 *
 * Whether a packet could be sent is asked for the last one of those that leave together: it fails as well, or brings the
 * error of its own that a server which is not there causes, and to ask takes longer than to send.
 *
 * Failure: as transport.ts says.
 */
import { createSocket, type Socket } from 'node:dgram'
import { monotonicMs } from '../system/clock.ts'
import { Alarm } from './alarm.ts'
import { Ports } from './ports.ts'
import type { NameServer } from './resolv-conf.ts'
import {
  exchangeOverTcp,
  type OpenTransport,
  serverAt,
  type Transport,
  type TransportEvents,
  turn,
} from './transport.ts'

/** Opens a transport with one socket to each server. Costs nothing until the first packet. */
export const openTransport = pooledTransport(1)

/** Opens transports with so many sockets to each server; each socket is opened when it is first chosen. */
export function pooledTransport(socketsPerServer: number): OpenTransport {
  return (servers, events) => openPool(servers, events, socketsPerServer)
}

function openPool(servers: readonly NameServer[], events: TransportEvents, socketsPerServer: number): Transport {
  let closed = false
  const unreachable = servers.map((_, server) => () => {
    if (!closed) events.unreachable(server)
  })
  const alarm = new Alarm(monotonicMs, () => events.timeUp())
  const sent = unreachable.map(report => (error: Error | null) => {
    if (error) report()
  })

  const ports = new Ports<Socket>({
    open(place) {
      const server = Math.floor(place / socketsPerServer)
      const socket = openSocket(serverAt(servers, server), unreachable[server] as () => void)
      socket.on('message', datagram => {
        if (!closed) events.received(server, datagram)
      })
      socket.unref()
      try {
        // Throws if there is no socket, or no way to it, which the error event reports.
        socket.remoteAddress()
        return socket
      } catch {
        socket.close()
        return undefined
      }
    },
    close: socket => void socket.close(),
  })

  return {
    send(server, query, nowMs, isLast) {
      const place = server * socketsPerServer + Math.floor(Math.random() * socketsPerServer)
      ports.current(place, nowMs)?.send(query, isLast ? sent[server] : undefined)
    },

    renew(server) {
      for (let place = 0; place < socketsPerServer; place++) ports.renew(server * socketsPerServer + place)
    },

    exchange: (server, query, done, sent) =>
      exchangeOverTcp(serverAt(servers, server), query, () => closed, done, sent),

    wakeAt: ms => alarm.set(ms),
    rest: turn,

    close() {
      closed = true
      alarm.set(Number.POSITIVE_INFINITY)
      ports.close()
    },
  }
}

/** A socket that is connected at once, with a port of the kernel's choice. `failed`: never while it is made. */
function openSocket({ address, port, family }: NameServer, failed: () => void): Socket {
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', lookup: numericLookup })
  // In front of what may fail at once: that no descriptor is free would be an exception where nobody listens.
  socket.on('error', () => process.nextTick(failed))
  socket.connect(port, address)
  return socket
}

/** Stands in for dns.lookup, which would load node:dns and be late: every address here is numeric already. */
function numericLookup(
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4)
}
