/**
 * The test suite of RFC 7208, in data/rfc7208-cases.jsonl under the licence beside it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { checkAgainst, type SpfZone, standardResult } from './zone-answers.ts'

interface Scenario {
  readonly scenario: string
  readonly zone: SpfZone
  readonly tests: readonly {
    readonly id: string
    readonly helo: string
    readonly client: string
    readonly sender: string
    readonly want: readonly string[]
  }[]
}

const lines = readFileSync(join(import.meta.dirname, 'data/rfc7208-cases.jsonl'), 'utf8')
  .trim()
  .split('\n')
const scenarios = lines.map(line => JSON.parse(line) as Scenario)

t.equal(scenarios.flatMap(({ tests }) => tests).length, 203)

for (const { scenario, zone, tests } of scenarios)
  t.test(scenario, t => {
    for (const { id, helo, client, sender, want } of tests) {
      const request = { client: normalizeClientAddress(client) ?? '', sender, helo }
      const whole = checkAgainst(zone, request)
      const result = standardResult(whole.finding)
      t.ok(want.includes(result), `${id}: ${result}, of ${want}`)
      const last = checkAgainst(zone, request, questions => questions.slice(-1))
      t.same(last.finding.decided, whole.finding.decided, `${id}: the same in another order`)
    }
    t.end()
  })
