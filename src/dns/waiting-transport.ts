/**
 * The transport of a process that has one request at a time and may stand still while it waits for replies.
 *
 *   queries of the resolver → sockets of the native part → poll(2) → replies → resolver.ts
 *
 * What node:dgram, its events and Node's timers need at their first use costs a process a tenth of Node's own start. Here
 * nothing of it is loaded: a query is one send(2), a reply one recv(2).
 *
 * What transport.ts says holds. Nothing is reported but by `rest`; a flood of datagrams does not keep it from returning.
 * An exchange over TCP goes on in the event loop, which gets a turn each millisecond as long as there is one, and else now
 * and then, for whoever has set a timer.
 *
 * Failure: as transport.ts says. A packet for which the system has no room is lost, as it may be anywhere on its way.
 */
import { closeSync } from 'node:fs'
import { monotonicMs } from '../system/clock.ts'
import { codeOf } from '../system/errno.ts'
import type { Native } from '../system/native/native.ts'
import { Ports } from './ports.ts'
import { exchangeOverTcp, type OpenTransport, serverAt, turn } from './transport.ts'

/** The largest datagram there is. */
const DATAGRAM_BYTES = 65_536
/** Datagrams of one socket that are read before anything else is looked at. */
const MOST_DATAGRAMS = 128
/** How long the event loop waits for its turn if nothing comes, and while there is an exchange over TCP. */
const STILL_MS = 250
const TCP_TURN_MS = 1

/** What is used of the native part. */
export type NativeSockets = Pick<Native, 'openUdp' | 'send' | 'poll' | 'receive'>

/** Opens transports over sockets of the native part. Costs nothing until the first packet. */
export function waitingTransport(native: NativeSockets): OpenTransport {
  return (servers, events) => {
    const buffer = new Uint8Array(DATAGRAM_BYTES)
    /** Open sockets, each with its server; and once more, as poll(2) takes them. */
    const serverOf = new Map<number, number>()
    let polled = new Int32Array(0)
    /** Servers that packets could not be sent to. */
    const failed = new Set<number>()
    let exchanges = 0
    let closed = false
    let dueMs = Number.POSITIVE_INFINITY

    const ports = new Ports<number>({
      open(server) {
        const { address, port } = serverAt(servers, server)
        try {
          const socket = native.openUdp(address, port)
          serverOf.set(socket, server)
          polled = Int32Array.from(serverOf.keys())
          return socket
        } catch {
          return undefined
        }
      },
      close(socket) {
        closeSync(socket)
        serverOf.delete(socket)
        polled = Int32Array.from(serverOf.keys())
      },
    })

    /** The length of the next datagram that lies ready in the buffer; -1: none. An error of the socket is reported. */
    function receive(socket: number, server: number): number {
      try {
        return native.receive(socket, buffer)
      } catch (error) {
        // It is not open: an error of ours, of which poll(2) would never cease to tell.
        if (codeOf(error) === 'EBADF') throw error
        events.unreachable(server)
        return -1
      }
    }

    function readAll(socket: number): void {
      for (let left = MOST_DATAGRAMS; left > 0; left--) {
        // What a datagram is an answer to may lead to another query, from a new socket in the place of this one.
        const server = serverOf.get(socket)
        if (server === undefined) return
        const length = receive(socket, server)
        if (length < 0) return
        events.received(server, buffer.subarray(0, length))
      }
    }

    /** Reports what comes within so many milliseconds, or until there is input, and if it is time to wake; false: none of it. */
    function standStill(atMostMs: number, input: number | undefined): boolean {
      const unreachable = [...failed]
      failed.clear()
      const leftMs = unreachable.length > 0 ? 0 : Math.max(0, Math.ceil(dueMs - monotonicMs()))
      const watched = input === undefined ? polled : Int32Array.of(...polled, input)
      const hasCome = native.poll(watched, Math.min(atMostMs, leftMs))
      if (hasCome) for (const socket of serverOf.keys()) readAll(socket)
      for (const server of unreachable) events.unreachable(server)
      const isTime = monotonicMs() >= dueMs
      if (isTime) {
        dueMs = Number.POSITIVE_INFINITY
        events.timeUp()
      }
      return hasCome || isTime || unreachable.length > 0
    }

    return {
      send(server, query, nowMs) {
        const socket = ports.current(server, nowMs)
        if (socket === undefined || !native.send(socket, query)) failed.add(server)
      },

      renew: server => ports.renew(server),

      exchange(server, query, done, sent) {
        let isOver = false
        const end = (): void => {
          if (!isOver) exchanges--
          isOver = true
        }
        exchanges++
        const cancel = exchangeOverTcp(
          serverAt(servers, server),
          query,
          () => closed,
          reply => {
            end()
            done(reply)
          },
          sent,
        )
        return () => {
          end()
          cancel()
        }
      },

      wakeAt(ms) {
        dueMs = ms
      },

      async rest(isOver, { input, leftMs = () => STILL_MS } = {}) {
        const hasInput = (): boolean => input !== undefined && native.poll(Int32Array.of(input), 0)
        do {
          const stillMs = exchanges > 0 ? TCP_TURN_MS : STILL_MS
          const hasCome = standStill(isOver() ? 0 : Math.min(stillMs, Math.max(0, Math.ceil(leftMs()))), input)
          if (exchanges > 0 || !(hasCome || isOver())) await turn()
        } while (!isOver() && !hasInput())
      },

      close() {
        closed = true
        dueMs = Number.POSITIVE_INFINITY
        ports.close()
      },
    }
  }
}
