/**
 * Records that let everybody send: a pass, but one that says nothing of the client.
 */
import t from 'tap'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { checkAgainst } from './zone-answers.ts'

/** A record of example.org, the client, the result. */
const ROWS: readonly (readonly [record: string, client: string, result: string])[] = [
  ['v=spf1 +all', '192.0.2.1', 'everybody'],
  ['v=spf1 all', '2001:db8::1', 'everybody'],
  ['v=spf1 ip4:0.0.0.0/0 -all', '192.0.2.1', 'everybody'],
  ['v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all', '192.0.2.1', 'everybody'],
  ['v=spf1 ip4:192.0.0.0/7 -all', '192.0.2.1', 'everybody'],
  ['v=spf1 ip4:192.0.0.0/8 -all', '192.0.2.1', 'pass'],
  ['v=spf1 ip6:2000::/3 -all', '2001:db8::1', 'everybody'],
  ['v=spf1 ip6:2001::/16 -all', '2001:db8::1', 'pass'],
  ['v=spf1 a:a.example.org/0 -all', '203.0.113.1', 'everybody'],
  ['v=spf1 mx/7 -all', '193.0.2.1', 'everybody'],
  ['v=spf1 a:a.example.org/0//128 -all', '2001:db8::1', 'fail'],
  ['v=spf1 include:all.example.org -all', '192.0.2.1', 'everybody'],
  ['v=spf1 redirect=all.example.org', '192.0.2.1', 'everybody'],
  ['v=spf1 ip4:192.0.2.1 +all', '192.0.2.1', 'pass'],
  ['v=spf1 a:a.example.org +all', '192.0.2.1', 'pass'],
  ['v=spf1 a:a.example.org +all', '192.0.2.7', 'everybody'],
  ['v=spf1 include:one.example.org +all', '192.0.2.1', 'pass'],
  ['v=spf1 -include:all.example.org', '192.0.2.1', 'fail'],
  ['v=spf1 -ip4:0.0.0.0/0 +all', '192.0.2.1', 'fail'],
  ['v=spf1 ?ip4:0.0.0.0/0', '192.0.2.1', 'neutral'],
  ['v=spf1 -all', '192.0.2.1', 'fail'],
]

for (const [record, client, result] of ROWS)
  t.test(`${record}, ${client}`, t => {
    const zone: Parameters<typeof checkAgainst>[0] = {
      'example.org': { TXT: [[record]], MX: [[10, 'a.example.org']] },
      'all.example.org': { TXT: [['v=spf1 +all']] },
      'one.example.org': { TXT: [['v=spf1 ip4:192.0.2.1 -all']] },
      'a.example.org': { A: ['192.0.2.1'] },
    }
    const request = { client: normalizeClientAddress(client) ?? '', sender: 'a@example.org', helo: 'h.example.net' }
    const { finding } = checkAgainst(zone, request, undefined, seen => {
      if (seen.kind === 'needs') t.ok((seen.possible as readonly string[]).includes(result), 'possible before')
    })
    t.equal(finding.decided.result, result)
    t.end()
  })
