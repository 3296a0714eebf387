/**
 * A UDP socket that costs a short process little.
 *
 * IP version → bound socket, not yet connected → transport.ts. Left to itself, node:dgram loads two things it needs
 * for nothing here: node:dns, because no lookup function was given (1.5 ms), and, when it binds, node:cluster with
 * node:net and node:child_process, to ask whether this process is a cluster's worker (3 ms; a tenth of Node's own
 * start). dgram's `bind` skips the latter if it is given a bound handle instead of a port, as cluster itself does.
 *
 * The handle is not part of dgram's documented interface. So the short cut is an attempt: if anything about it is not
 * as expected, the socket is thrown away and an ordinary one takes its place, which works the same, only later. It is
 * taken for IPv4, where nearly all resolvers are. Seen to work with Node 20.20, 22.23, 24.21 and 26.10.
 *
 * Failure: a socket that cannot be had emits `error`.
 * Sources: Node's lib/dgram.js and lib/internal/dgram.js.
 */
import { createSocket, type Socket } from 'node:dgram'

/** What is used of dgram's handle (UDPWrap). `bind` returns 0 or an error number. */
interface Handle {
  bind(address: string, port: number, flags: number): number
  close(): void
}

/** Opens a socket with a port of the kernel's choice. */
export function openUdpSocket(family: 4 | 6): Socket {
  return (family === 4 && openWithoutCluster()) || create(family)
}

function openWithoutCluster(): Socket | undefined {
  const socket = create(4)
  let handle: Handle | undefined
  try {
    const stateKey = Object.getOwnPropertySymbols(socket).find(key => key.description === 'state symbol')
    const state =
      stateKey && (socket as unknown as Record<symbol, { handle: { constructor: new () => Handle } }>)[stateKey]
    if (!state) throw new Error('no state')
    handle = new state.handle.constructor()
    if (handle.bind('0.0.0.0', 0, 0) !== 0) throw new Error('not bound')
    ;(socket.bind as (handle: Handle) => unknown).call(socket, handle)
    // Throws unless the socket is bound by now.
    socket.address()
    return socket
  } catch {
    handle?.close()
    socket.close()
    return undefined
  }
}

function create(family: 4 | 6): Socket {
  return createSocket({ type: family === 4 ? 'udp4' : 'udp6', lookup: numericLookup })
}

/** Stands in for dns.lookup: every address here is numeric already. */
function numericLookup(
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4)
}
