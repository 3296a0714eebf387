/**
 * A zone as the answers that scoring has: what is asked for arrives wave by wave.
 */
import { type Outcome, type Question, questionKey } from '../../src/dns/outcome.ts'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { checkSpf, type SpfFinding } from '../../src/spf/check-spf.ts'
import type { SpfRequest } from '../../src/spf/identity.ts'
import type { SpfResult } from '../../src/spf/walk.ts'

/** What there is of a name. `drop`: to what is not given here there is no answer. */
export interface SpfNode {
  readonly A?: readonly string[]
  readonly AAAA?: readonly string[]
  readonly MX?: readonly (readonly [preference: number, exchange: string])[]
  readonly PTR?: readonly string[]
  readonly CNAME?: readonly string[]
  readonly TXT?: readonly (readonly string[])[]
  readonly drop?: boolean
}

export type SpfZone = Readonly<Record<string, SpfNode>>

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '')

/** The outcome of a question in a zone, CNAMEs followed. */
export function answerFrom(zone: SpfZone, { type, name }: Question, hops = 0): Outcome {
  const node = Object.hasOwn(zone, name) ? zone[name] : undefined
  if (!node) return { kind: 'nxdomain' }
  const alias = node.CNAME?.[0]
  if (alias !== undefined)
    return hops === 8
      ? { kind: 'failed', reason: 'malformed' }
      : answerFrom(zone, { type, name: bare(alias) }, hops + 1)
  const values = valuesOf(node, type)
  if (values.length > 0) return { kind: 'found', values }
  return node.drop ? { kind: 'failed', reason: 'timeout' } : { kind: 'nodata' }
}

function valuesOf(node: SpfNode, type: Question['type']): readonly string[] {
  switch (type) {
    case 'TXT':
      return (node.TXT ?? []).map(strings => strings.join(''))
    case 'MX':
      return (node.MX ?? []).map(([, exchange]) => bare(exchange))
    case 'PTR':
      return (node.PTR ?? []).map(bare)
    case 'A':
      return node.A ?? []
    case 'AAAA':
      return (node.AAAA ?? []).map(address => normalizeClientAddress(address) ?? '')
    default:
      return []
  }
}

/** The result as RFC 7208 has it: a pass that everybody has is a pass. */
export function standardResult({ decided: { result } }: Checked['finding']): Exclude<SpfResult, 'everybody'> {
  return result === 'everybody' ? 'pass' : result
}

export interface Checked {
  readonly finding: Extract<SpfFinding, { kind: 'settled' }>
  readonly waves: readonly (readonly Question[])[]
}

/** Checks a request until it is settled; `arrive` says which of the questions asked for are answered next, by default all. */
export function checkAgainst(
  zone: SpfZone,
  request: SpfRequest,
  arrive: (questions: readonly Question[]) => readonly Question[] = questions => questions,
  seen?: (finding: SpfFinding) => void,
): Checked {
  const known = new Map<string, Outcome>()
  const answers = { get: (question: Question) => known.get(questionKey(question)) }
  const asked = new Set<string>()
  const waves: (readonly Question[])[] = []
  for (let calls = 0; calls < 100; calls++) {
    const finding = checkSpf(request, answers, asked)
    seen?.(finding)
    if (finding.kind === 'settled') return { finding, waves }
    const next = arrive(finding.questions)
    waves.push(finding.questions)
    for (const question of next) known.set(questionKey(question), answerFrom(zone, question))
  }
  throw new Error('it does not end')
}
