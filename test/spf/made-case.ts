/**
 * A request, and records and a zone that fit to it, made by chance: what two evaluators of SPF are held against each other
 * with.
 *
 *   random numbers → makeCase → zoneOf → a zone
 *
 * Records are lists of terms, so that what is behind a difference can be taken out and the rest be evaluated again. Names of
 * hosts end in `x.example`, exchanges among them begin with `m`, and what `exists` asks for ends in `e.example`.
 */
import type { SpfNode, SpfZone } from './zone-answers.ts'

export type Random = (below: number) => number

export interface MadeCase {
  readonly client: string
  readonly sender: string
  readonly helo: string
  /** Terms of the record of a name. */
  readonly records: Readonly<Record<string, readonly string[]>>
  readonly hosts: SpfZone
}

/** Wrong terms, with what is wrong about them (RFC 7208). */
export const WRONG_TERMS: Readonly<Record<string, string>> = {
  'a:': '5.3: a colon, and no domain',
  'a/33': '5.6: 32 bits at most',
  'a:a1.x.example/024': '5.6: no leading zeros',
  'mx//129': '5.6: 128 bits at most',
  'a:example': '7.1: a domain-end has a dot',
  'a:a1.x.example:25': '7.1: no colon in a top label',
  'a:a1.x.1': '7.1: a top label is no number',
  'a:%{d0}.x.example': '7.3: no part is none',
  'a:%{x}.x.example': '7.2: no such letter',
  'a:%x.x.example': '7.1: % begins a macro',
  'exists:%{r}.e.example': '7.2: of explanations alone',
  'exists:%{l!}.e.example': '7.1: no delimiter',
  exists: '5.7: a domain is required',
  include: '5.2: a domain is required',
  'ptr:': '5.5: a colon, and no domain',
  'ip4:192.0.2': '5.6: four octets',
  'ip4:192.0.2.1/33': '5.6: 32 bits at most',
  'ip4:192.0.2.0//64': '5.6: one prefix',
  'ip6:2001:db8::/129': '5.6: 128 bits at most',
  'all:x.example': '5.1: no argument',
  'unknown:x.example': '4.6.1: no such mechanism',
  'redirect=': '6.1: a domain is required',
  'exp=%{l': '7.1: a macro has an end',
}

/** Too long for a label. */
export const LONG_LABEL = 'l'.repeat(64)

const CLIENTS = ['192.0.2.1', '192.0.2.1', '198.51.100.7', '2001:db8::1', '2001:db8:1::7', '::ffff:192.0.2.1']
const LOCALS = ['user', 'strong-bad', 'A+b', 'strong-bad', '"a@b"', 'u..v', 'u'.repeat(60)]
const HELOS = ['h.x.example', 'h.x.example', 'h.x.example', 'unqualified', '[192.0.2.1]']
const NESTED = ['i1.x.example', 'i2.x.example', 'i3.x.example', 'i4.x.example']
const HOSTS = [
  'a1.x.example',
  'a2.x.example',
  'a3.x.example',
  'timeout.x.example',
  'servfail.x.example',
  'no.x.example',
]
const MACROS = [
  '%{i}',
  '%{ir}.%{v}',
  '%{l}',
  '%{lr-}',
  '%{l1-}',
  '%{l1r-}',
  '%{L}',
  '%{S}',
  '%{s}',
  '%{h}',
  '%{o}',
  '%{d}',
  '%{d1}',
  '%{d1r}',
  '%{dr}',
]
const MODIFIERS = [
  'exp=%{d}',
  'exp=why.x.example',
  'moo=%{l}',
  'moo.cow-1=',
  'redirect=i4.x.example',
  'redirect=%{d2}',
  'redirect=%{h}',
]

export function makeCase(random: Random): MadeCase {
  const from = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const client = from(CLIENTS)
  const isBounce = random(8) === 0
  const local = isBounce ? 'postmaster' : from(LOCALS)
  const helo = from(HELOS)
  const names = ['d.example', 'h.x.example', ...NESTED]
  const records = names
    .filter(name => random(name === 'd.example' ? 40 : 8))
    .map(name => [name, makeTerms(random, name)])
  return {
    client,
    sender: isBounce ? '' : `${local}@d.example`,
    helo,
    records: Object.fromEntries(records),
    hosts: makeHosts(random, { client: client.replace('::ffff:', ''), local, helo }),
  }
}

function makeTerms(random: Random, name: string): string[] {
  const isOuter = name === 'd.example'
  const from = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const prefix = () => from(['', '', '', '/24', '//64', '/20//47'])
  const macro = () => from(random(12) ? MACROS : ['%{p}'])
  const makeTerm = (): string => {
    switch (random(17)) {
      case 0:
        return `ip4:${from(['192.0.2.0/24', '198.51.100.7', '203.0.113.0/25'])}`
      case 1:
        return `ip6:${from(['2001:db8::/64', '2001:db8:1::7', '2001:db8:2::/47'])}`
      case 2:
        return `a${prefix()}`
      case 3:
      case 4:
        return `a:${from(HOSTS)}${prefix()}`
      case 5:
        return `a:${from([`${macro()}.x.example`, 'a1.x.example.', `${LONG_LABEL}.x.example`, '%{h}'])}`
      case 6:
        return `mx${prefix()}`
      case 7:
      case 8:
        return `mx:${from(HOSTS.slice(0, 4))}${prefix()}`
      case 9:
        return from(['ptr', 'ptr:x.example', 'ptr:d.example', 'ptr:%{l}.x.example'])
      case 10:
      case 11:
        return `exists:${macro()}.${from(['e.example', '%{l}.%{l}.%{l}.%{l}.e.example', 'e.example'])}`
      case 12:
      case 13:
      case 14:
        return `include:${from(random(8) ? NESTED : ['no.x.example', 'timeout.x.example', 'servfail.x.example', '%{h}'])}`
      case 15:
        return from(Object.keys(WRONG_TERMS))
      default:
        return from(MODIFIERS)
    }
  }
  // Near the limit of terms; they find something that does not match.
  const many = isOuter && random(12) === 0 ? Array.from({ length: 7 + random(4) }, () => 'a:full.x.example') : []
  const terms = Array.from({ length: random(isOuter ? 7 : 4) + 1 }, () => {
    const term = makeTerm()
    return /^[a-z.0-9-]+=/.test(term) ? term : from(['', '', '+', '-', '~', '?']) + term
  })
  return [...many, ...terms, ...(random(2) ? [] : [from(['-all', '~all', '?all', 'all'])])]
}

function makeHosts(random: Random, { client, local, helo }: { client: string; local: string; helo: string }): SpfZone {
  const isSix = client.includes(':')
  const from = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const addresses = (): SpfNode => ({
    ...(random(4) && { A: [from(['192.0.2.1', '192.0.2.77', '198.51.100.9', '203.0.113.5'])] }),
    ...(random(3) && { AAAA: [from(['2001:db8::1', '2001:db8::77', '2001:db8:1::9', '2001:db8:2::5'])] }),
    ...(random(12) === 0 && { drop: true }),
  })
  const exchanges = Array.from({ length: 12 }, (_, at) => `m${at}.x.example`)
  const someExchanges = (): SpfNode =>
    random(6) ? { MX: exchanges.slice(random(12), 2 + random(11)).map((host, at) => [at, host] as const) } : {}
  const nibbles = isSix ? expand(client).split('') : client.split('.')
  const reversed = `${[...nibbles].reverse().join('.')}.${isSix ? 'ip6' : 'in-addr'}`
  const labels = [nibbles.join('.'), local, local.split('-').reverse().join('.'), local.toLowerCase(), helo]
  const asked = [
    ...labels,
    reversed,
    ...[
      'unknown',
      'd.example',
      'example.d',
      'example',
      'd',
      'strong',
      'i1.x.example',
      'x.example',
      'example.x',
      'example.x.i1',
      'h.x.example',
    ],
    ...[
      `${local}@d.example`,
      'bad',
      '%22a%40b%22',
      'A%2Bb',
      `${local}%40d.example`,
      'm1.x.example',
      'd.example.h.x.example',
    ],
  ].flatMap(label => [`${label}.e.example`, `${label}.${local}.${local}.${local}.${local}.e.example`])
  const plain = [
    'd.example',
    'h.x.example',
    ...HOSTS.slice(0, 3),
    ...NESTED,
    ...labels.map(label => `${label}.x.example`),
  ]
  const pointer = `${reversed}.arpa`
  const pointers = [...exchanges, ...HOSTS, 'd.example', 'h.x.example'].filter(() => random(4) === 0)
  return Object.fromEntries([
    ...exchanges.filter(() => random(6)).map(name => [name, addresses()] as const),
    ...plain.filter(() => random(6)).map(name => [name.toLowerCase(), { ...addresses(), ...someExchanges() }] as const),
    ...asked.filter(() => random(2)).map(name => [name.toLowerCase(), { A: ['127.0.0.2'] }] as const),
    ['full.x.example', { A: ['203.0.113.5'], AAAA: ['2001:db8:2::5'] }] as const,
    ['timeout.x.example', { drop: true }] as const,
    ['servfail.x.example', { drop: true }] as const,
    [pointer, random(4) ? { PTR: pointers } : { drop: random(2) === 0 }] as const,
  ])
}

/** `2001:db8::1` → 32 digits. */
function expand(address: string): string {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): string[] => text.split(':').map(group => group.padStart(4, '0'))
  return groups(head).join('').padEnd(28, '0') + groups(tail).join('')
}

export function zoneOf({ records, hosts }: MadeCase): SpfZone {
  const texts = Object.entries(records).map(([name, terms]) => [
    name,
    { ...hosts[name], TXT: [[['v=spf1', ...terms].join(' ')]] },
  ])
  return { ...hosts, ...Object.fromEntries(texts) }
}
