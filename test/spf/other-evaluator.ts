/**
 * The other evaluator of SPF: mailauth, which asks a zone here.
 *
 * Pure but for promises: nothing is asked over a network.
 */
import { spf } from 'mailauth/lib/spf/index.js'
import type { RecordType } from '../../src/dns/outcome.ts'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { answerFrom, type SpfZone } from './zone-answers.ts'

export interface Request {
  readonly client: string
  readonly sender: string
  readonly helo: string
}

/** What is answered otherwise than in the zone, to see whether it is behind a difference. */
export interface Otherwise {
  /** Of hosts there are addresses of the client's family alone. */
  readonly oneFamily?: boolean
  /** An exchange without an address is an empty answer that is not counted. */
  readonly quietExchanges?: boolean
  /** Every failure is a timeout. */
  readonly timeoutsAlone?: boolean
  /** A lookup of the client's names that fails finds none. */
  readonly noFailedPointers?: boolean
}

/** The result for a request: `pass`, `permerror` and so on. */
export async function otherResult(zone: SpfZone, request: Request, otherwise: Otherwise = {}): Promise<string> {
  const family = normalizeClientAddress(request.client)?.includes(':') ? 'AAAA' : 'A'
  const resolver = async (given: string, type: string): Promise<string[][] | string[]> => {
    const name = given.toLowerCase()
    const isAddress = type === 'A' || type === 'AAAA'
    const isOther = isAddress && type !== family && otherwise.oneFamily && !name.endsWith('e.example')
    const answer = isOther ? { kind: 'nodata' as const } : answerFrom(zone, { type: type as RecordType, name })
    if (answer.kind === 'found') return inForm(type, answer.values)
    if (answer.kind === 'failed' && type === 'PTR' && otherwise.noFailedPointers) return []
    if (answer.kind !== 'failed' && isAddress && otherwise.quietExchanges && /^m\d+\.x\.example$/.test(name)) return []
    throw Object.assign(new Error(answer.kind), { code: codeOf(answer.kind, name, otherwise) })
  }
  const { client: ip, sender, helo } = request
  return (await spf({ ip, sender, helo, mta: 'receiver.example', resolver })).status.result
}

/** As node:dns gives them. */
function inForm(type: string, values: readonly string[]): string[][] | string[] {
  if (type === 'TXT') return values.map(text => [text])
  if (type !== 'MX') return [...values]
  return values.map((exchange, priority) => ({ priority, exchange })) as unknown as string[]
}

function codeOf(kind: 'failed' | 'nodata' | 'nxdomain', name: string, { timeoutsAlone }: Otherwise): string {
  if (kind === 'nodata') return 'ENODATA'
  if (kind === 'nxdomain') return 'ENOTFOUND'
  return timeoutsAlone || name.startsWith('timeout') ? 'ETIMEOUT' : 'ESERVFAIL'
}
