/**
 * Does what is between us and the lists leave their answers as they are?
 *
 *   addresses of name servers, an answer about a name that is not there → diagnoses; whose machine it is → what helps a list that
 *   refuses (check-lists.ts)
 *
 * A resolver that gives names which do not exist an address has every list list everybody. One that many people share is refused
 * by lists, for they cannot tell who asks; so are the resolvers of clouds, one's own included: there a key is what helps.
 *
 * What a name server of one's own forwards to is not seen. Pure, total.
 * Sources: RFC 8499 6 ("public resolver"); the providers' own pages of their resolvers' addresses, 2026; SMBIOS, system manufacturer.
 */
import type { Outcome, Question } from '../../dns/outcome.ts'
import type { NameServer } from '../../dns/resolv-conf.ts'
import { type Diagnosis, warning } from './diagnosis.ts'

/** Where this machine stands: what a list that refuses it goes by. */
export type Standing = 'cloud' | 'public-resolver' | 'own'

export const OWN_RESOLVER = "a resolver of your own: apt-get install unbound, and $NS = '127.0.0.1';"

const PUBLIC_RESOLVERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Google: '8.8.8.8 8.8.4.4 2001:4860:4860::8888 2001:4860:4860::8844',
    Cloudflare: '1.1.1.1 1.0.0.1 2606:4700:4700::1111 2606:4700:4700::1001',
    Quad9: '9.9.9.9 9.9.9.10 149.112.112.112 2620:fe::fe 2620:fe::9',
    OpenDNS: '208.67.222.222 208.67.220.220 2620:119:35::35 2620:119:53::53',
    Vercara: '64.6.64.6 64.6.65.6 156.154.70.1 156.154.71.1',
    'Level 3': '4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4',
    AdGuard: '94.140.14.14 94.140.15.15',
    'Control D': '76.76.2.0 76.76.10.0',
  }).flatMap(([who, addresses]) => addresses.split(' ').map(address => [address, who] as const)),
)

/** Makers of machines, as clouds call themselves. */
const CLOUDS =
  /\b(?:Amazon EC2|Google|Microsoft Corporation|DigitalOcean|Hetzner|OVHcloud|Scaleway|Linode|Akamai|Vultr|Alibaba Cloud|OracleCloud|UpCloud|Exoscale|OpenStack)\b/i

/** Who runs a public resolver at this address: `'8.8.8.8'` → `'Google'`. */
function publicResolverAt({ address }: NameServer): string | undefined {
  return PUBLIC_RESOLVERS.get(address)
}

/** `maker`: what the machine says of who made it; empty: nothing. */
export function standingOf(servers: readonly NameServer[], maker: string): Standing {
  if (CLOUDS.test(maker)) return 'cloud'
  return servers.some(server => publicResolverAt(server) !== undefined) ? 'public-resolver' : 'own'
}

/** A name that is not there, under a zone that everybody knows and whose operators add no wildcard. */
export function absentName(random: string): Question {
  return { type: 'A', name: `${random}.root-servers.net` }
}

/** `absent`: what came of the question for such a name; undefined: nobody was asked. */
export function checkResolver(servers: readonly NameServer[], absent: Outcome | undefined): Diagnosis[] {
  const ofOthers = servers.flatMap((server): Diagnosis[] => {
    const who = publicResolverAt(server)
    const text = `is a public resolver (${who}): many lists refuse it, or answer it as if nobody were listed`
    return who === undefined ? [] : [warning('public-resolver', `name server ${server.address}`, text, OWN_RESOLVER)]
  })
  if (absent?.kind !== 'found') return ofOthers
  const text = `gives names that do not exist an address (${absent.values[0]}): every list seems to list everybody`
  return [...ofOthers, warning('nxdomain-rewritten', 'name servers', text, OWN_RESOLVER)]
}
