/**
 * The DNS that an attack meets, in a process of its own, so that it takes nothing from the process that holds the clock.
 *
 * Started by run.ts with fork(2) and the name of a scenario. Sends its port to the parent, then, for each message it is
 * sent, how many queries have come so far; ends when the parent disconnects.
 */
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { GOOD_ZONE, SCENARIOS } from '../../testkit/attack-scenarios.ts'

/** What lists take to answer over the Internet. */
const LIST_MS = 300
const LISTS = /\.(?:zen\.spamhaus\.org|bl\.spamcop\.net|bl\.mailspike\.net|dbl\.spamhaus\.org|multi\.surbl\.org)$/
const NOT_LISTED: DnsZone[string] = { rcode: 'NXDOMAIN', delay: LIST_MS }

const scenario = SCENARIOS.get(process.argv[2] ?? '')
const dns = await startDnsServer(GOOD_ZONE, {
  madeUp: name => (LISTS.test(name) ? NOT_LISTED : scenario?.says(name)),
  receiveBufferBytes: 4 * 1024 * 1024,
})
process.on('message', () => process.send?.(dns.queries.length))
process.once('disconnect', () => process.exit())
process.send?.(dns.port)
