/**
 * Which name servers to ask: `$NS` of the configuration, or resolv.conf(5).
 *
 * Text → name servers in order → resolver. Of resolv.conf only `nameserver` lines count: names are never completed
 * with a search list, and times and tries are the configuration's (`$DNS_RETRIES`, `$DNS_RETRY_IVAL`).
 *
 * Invariant: an address is a dotted quad, or IPv6 in full form with the scope it was given (`fe80:…:0001%eth0`).
 * There is at least one server: where none is named, 127.0.0.1, as resolv.conf(5) says.
 * Failure: what is no name server is left out.
 *
 * Sources: resolv.conf(5); RFC 4007 11 (scopes); docs/behaviour/dns-and-lists.md#name-servers.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { latin1Text, readBytes } from '../system/bytes.ts'
import { DNS_PORT, describeServer, makeNameServer, type NameServer, parseNameServer } from './name-server.ts'

export type { NameServer } from './name-server.ts'

/** As many as the C library asks (MAXNS). */
const MAX_SYSTEM_SERVERS = 3
const MAX_FILE_BYTES = 64 * 1024
const LOCAL_SERVER: readonly NameServer[] = [{ address: '127.0.0.1', port: DNS_PORT, family: 4 }]

const RESOLV_CONF = '/etc/resolv.conf'

/** The name servers of this system: those of resolv.conf, or 127.0.0.1 if it cannot be read or names none. */
export function readNameServers(path = RESOLV_CONF): readonly NameServer[] {
  return parseNameServers(readText(path))
}

/** Those that mail is looked up with: the words of `$NS`, or the system's. */
export function nameServersOf(words: readonly string[]): readonly NameServer[] {
  return words.length > 0 ? parseNameServerList(words) : readNameServers()
}

/** resolv.conf, for whoever runs long enough to see it change. */
export class SystemServers {
  servers: readonly NameServer[]
  readonly #path: string
  #text: string

  constructor(path = RESOLV_CONF) {
    this.#path = path
    this.#text = readText(path)
    this.servers = parseNameServers(this.#text)
  }

  /**
   * Reads it again; whether there is anything new, which `servers` are then. What is read is compared, for a file that is changed
   * twice in a moment may look like one that was changed once. One that names nobody is being written, or gone: that is no
   * reason to ask whoever may be at 127.0.0.1.
   */
  hasChanged(): boolean {
    const text = readText(this.#path)
    if (text === this.#text) return false
    const servers = parseNameServers(text)
    if (servers === LOCAL_SERVER) return false
    this.#text = text
    const isNew = servers.map(describeServer).join() !== this.servers.map(describeServer).join()
    this.servers = servers
    return isNew
  }
}

function readText(path: string): string {
  try {
    // Not waiting: what is no file must not hold up a mail.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const bytes = new Uint8Array(MAX_FILE_BYTES)
      return latin1Text(bytes, 0, readBytes(descriptor, bytes))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // No file is as good as an empty one.
    return ''
  }
}

/**
 * The first three name servers of a resolv.conf; 127.0.0.1 if there are none. `'nameserver ::1\nsearch example.org\n'`
 * → `::1` in full form, port 53.
 */
export function parseNameServers(text: string): readonly NameServer[] {
  const servers: NameServer[] = []
  for (const line of text.split('\n')) {
    const [keyword, word] = line.trim().split(/[ \t]+/, 2)
    if (keyword !== 'nameserver' || word === undefined) continue
    const server = makeNameServer(word, DNS_PORT)
    if (server && servers.length < MAX_SYSTEM_SERVERS) servers.push(server)
  }
  return servers.length > 0 ? servers : LOCAL_SERVER
}

/**
 * The name servers of `$NS`, one a word: `['192.0.2.1', '192.0.2.2:5353', '[2001:db8::1]:53', '::1']`. All of them
 * count; 127.0.0.1 if there are none.
 */
export function parseNameServerList(words: readonly string[]): readonly NameServer[] {
  const servers = words.flatMap(word => parseNameServer(word) ?? [])
  return servers.length > 0 ? servers : LOCAL_SERVER
}
