/**
 * Name servers for tests of what asks them: one on loopback, and one that is not there.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { NameServer } from '../../src/dns/resolv-conf.ts'

/** The address of a server on loopback. */
export function local({ port }: { port: number }): NameServer {
  return { address: '127.0.0.1', port, family: 4 }
}

/**
 * The address of a server that is not there: datagrams to it are refused, and nobody else gets its port. For a socket that is
 * connected to somebody else has the port, and hears nobody; it does not keep the test alive.
 */
export async function refusingServer(): Promise<NameServer> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  // Whom it hears: a port of its own host that nobody asks from.
  socket.connect(9, '127.0.0.1')
  await once(socket, 'connect')
  socket.unref()
  return local({ port })
}
