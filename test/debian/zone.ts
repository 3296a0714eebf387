/**
 * The DNS that a host in a root directory meets: that of the demo, with what doctor asks for.
 */
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { listTrials, RESOLVER_QUESTION } from '../../src/cli/doctor/check-lists.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import type { DnsZone } from '../../testkit/dns-server.ts'

/** The mails of the demo, a name of the Internet, and the test entry of each list. */
export const HOST_ZONE: DnsZone = {
  ...DEMO_ZONE,
  [RESOLVER_QUESTION.name]: { A: ['198.41.0.4'] },
  ...Object.fromEntries(
    listTrials(builtinConfig()).flatMap(({ listed }) => (listed ? [[listed.name, { A: ['127.0.0.2'] }]] : [])),
  ),
}
