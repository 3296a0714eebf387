/**
 * Name servers for tests of what asks them: one on loopback, and one that is not there.
 */
import type { NameServer } from '../../src/dns/resolv-conf.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'

/** The address of a server on loopback. */
export function local({ port }: { port: number }): NameServer {
  return { address: '127.0.0.1', port, family: 4 }
}

/** The address of a server that was there: datagrams to it are refused. */
export async function refusingServer(): Promise<NameServer> {
  const server = await startDnsServer({})
  await server.close()
  return local(server)
}
