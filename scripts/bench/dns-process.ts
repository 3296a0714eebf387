/**
 * The demo's DNS in a process of its own, so that answering takes nothing from the process that holds the clock.
 *
 * Started by spawn.ts with fork(2) and one argument, the delay of every reply in milliseconds. Sends its port to the
 * parent and serves until the parent disconnects.
 */
import { startDnsServer } from '../../testkit/dns-server.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'

const dns = await startDnsServer(DEMO_ZONE, { delayMs: Number(process.argv[2]) })
process.once('disconnect', () => void dns.close())
process.send?.(dns.port)
