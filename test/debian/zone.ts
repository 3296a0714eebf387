/**
 * The DNS that a host in a root directory meets: that of the demo, with what doctor asks for.
 */
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { listTrials, RESOLVER_QUESTION } from '../../src/cli/doctor/check-lists.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { findZone } from '../../src/lists/zones.ts'
import type { DnsZone } from '../../testkit/dns-server.ts'

/** As the package has it when it is new. */
const MODERN = readConfiguration("$PROFILE = 'modern';", 'modern').config

/** The mails of the demo, a name of the Internet, and the test entry of each list. */
export const HOST_ZONE: DnsZone = {
  ...DEMO_ZONE,
  [RESOLVER_QUESTION.name]: { A: ['198.41.0.4'] },
  ...Object.fromEntries(
    [builtinConfig(), MODERN].flatMap(listTrials).flatMap(({ host, listed }) => {
      const tests = findZone(host)?.tests
      const answer = (tests !== 'none' && tests?.answer) || '127.0.0.2'
      return listed ? [[listed.name, { A: [answer] }]] : []
    }),
  ),
}
