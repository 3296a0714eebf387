/**
 * The demo's DNS in a process of its own, so that answering takes nothing from the process that holds the clock.
 *
 * Started by the benchmarks with fork(2) and two arguments: the delay of every reply in milliseconds, and the port, 0
 * for any. Sends its port to the parent; answers any message with the number of queries so far, and serves until the
 * parent disconnects.
 */
import { startDnsServer } from '../../test/support/dns-server.ts'
import { DEMO_ZONE } from '../demo/zone.ts'

const KEPT_QUERIES = 10_000

const [delayMs = '0', port = '0'] = process.argv.slice(2)
const dns = await startDnsServer(DEMO_ZONE, {
  delayMs: Number(delayMs),
  port: Number(port),
  receiveBufferBytes: 4 * 1024 * 1024,
})
let forgotten = 0
const forget = setInterval(() => {
  if (dns.queries.length > KEPT_QUERIES) forgotten += dns.queries.splice(0).length
}, 1000)
process.on('message', () => process.send?.(forgotten + dns.queries.length))
process.once('disconnect', () => {
  clearInterval(forget)
  void dns.close()
})
process.send?.(dns.port)
