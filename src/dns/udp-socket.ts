/**
 * A UDP socket that costs a short process little.
 *
 * Name server → connected socket → transport.ts. Left to itself, node:dgram loads two things it needs for nothing here:
 * node:dns, because no lookup function was given (1.5 ms), and, when it binds, node:cluster with node:net and
 * node:child_process, to ask whether this process is a cluster's worker (3 ms; a tenth of Node's own start). dgram's `bind`
 * skips the latter if it is given a bound handle instead of a port, as cluster itself does; and a handle that is
 * connected beforehand saves the steps of `connect` (0.2 ms), most of which are for names.
 *
 * The handle is not part of dgram's documented interface. So the short cut is an attempt: if anything about it is not
 * as expected, the socket is thrown away and an ordinary one takes its place, which works the same, only later. It is
 * taken for IPv4, where nearly all resolvers are. Seen to work with Node 20.20, 22.23, 24.21 and 26.10.
 *
 * Failure: a socket that cannot be had, or connected, emits `error` later on.
 * Sources: Node's lib/dgram.js and lib/internal/dgram.js.
 */
import { createSocket, type Socket } from 'node:dgram'
import type { NameServer } from './resolv-conf.ts'

/** What is used of dgram's handle (UDPWrap). `bind` and `connect` return 0 or an error number. */
interface Handle {
  bind(address: string, port: number, flags: number): number
  connect(address: string, port: number): number
  close(): void
}

/** What is used of dgram's state of a socket. */
interface State {
  handle: { constructor: new () => Handle }
  connectState: number
}

const CONNECTED = 2

/** Opens a socket with a port of the kernel's choice that is connected to a server, or connects before long. */
export function openUdpSocket(server: NameServer): Socket {
  return (server.family === 4 && openByShortCut(server)) || openAsUsual(server)
}

function openByShortCut({ address, port }: NameServer): Socket | undefined {
  const socket = create(4)
  let handle: Handle | undefined
  try {
    const stateKey = Object.getOwnPropertySymbols(socket).find(key => key.description === 'state symbol')
    const state = stateKey && (socket as unknown as Record<symbol, State>)[stateKey]
    if (!state) throw new Error('no state')
    handle = new state.handle.constructor()
    if (handle.bind('0.0.0.0', 0, 0) !== 0 || handle.connect(address, port) !== 0) throw new Error('not connected')
    ;(socket.bind as (handle: Handle) => unknown).call(socket, handle)
    state.connectState = CONNECTED
    // Throws unless the socket knows by now that it is bound and connected.
    socket.remoteAddress()
    return socket
  } catch {
    handle?.close()
    socket.close()
    return undefined
  }
}

function openAsUsual({ address, port, family }: NameServer): Socket {
  const socket = create(family)
  socket.connect(port, address)
  return socket
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
