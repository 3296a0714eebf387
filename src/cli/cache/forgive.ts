/**
 * `policyd-weight forgive CLIENT | SENDER | REF`: forgets what is remembered of one client or sender, and says what that was.
 *
 *   handlers.ts, as $USER: what is to be forgiven → whoIsMeant → forgive → what was forgotten, and the exit status
 *
 * A refusal that is remembered, under the client, its network, or client and sender; an acceptance; what other recipients of a mail
 * were answered. A reference stands for the client of its decision, which the cache knows, or else the journal. All processes see it
 * at once, for it is done in the file that they share; the next mail is scored afresh, and may be refused again.
 *
 * What matches is found in a copy, and then removed under the lock, key by key, so that mail is not held up; what a mail adds
 * meanwhile is found in the next round.
 *
 * Failure: a value: 64 it is neither an address, a sender nor a reference, 69 there is no cache or nothing remembered, 73 the cache
 * cannot be changed, 77 it may not be read.
 * Source: docs/behaviour/cache.md.
 */
import { join } from 'node:path'
import { limitsOf } from '../../cache/cache.ts'
import { readStore } from '../../cache/store.ts'
import type { Tables } from '../../cache/tables.ts'
import { ownCommand } from '../../config/own-command.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { readJournal } from '../../journal/read-journal.ts'
import { readReference } from '../../policy/reference.ts'
import {
  EXIT_CANNOT_CREATE,
  EXIT_NO_PERMISSION,
  EXIT_OK,
  EXIT_UNAVAILABLE,
  EXIT_USAGE,
} from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { codeOf } from '../../system/errno.ts'
import { networkOf, normalizeClientAddress, withoutNat64 } from '../../text/address.ts'
import { maskText } from '../../text/mask.ts'
import { formatNumber } from '../../text/number.ts'
import { quotedReference } from '../../policy/quoted-reference.ts'
import { describeSpan } from './cache-report.ts'
import { type CachePlace, changeCache } from './change-cache.ts'

/** What came of it, lines that end in a line feed, and the exit status. */
export interface Forgiven {
  readonly text: string
  readonly status: number
}

/** Whom what is remembered is about. `sender`: an address, or a domain with `@` in front. */
export type Meant =
  | { readonly kind: 'client'; readonly client: string }
  | { readonly kind: 'sender'; readonly sender: string }
  | { readonly kind: 'reference'; readonly reference: string }

interface Found {
  readonly table: 'spam' | 'ham' | 'messages'
  readonly key: string
  /** For people. */
  readonly words: string
  /** Its address, or its network as keys have it. */
  readonly client: string
}

const MOST_ROUNDS = 5
const MOST_NAMED = 10
const DAY_MS = 86_400_000

/**
 * `'203.0.113.9'`, `'2001:db8::9'`, `'a@example.org'`, `'@example.org'` or `'example.org'`, `'7QK2M0XN4B'` or a refusal that ends in it;
 * undefined: none of them.
 */
export function whoIsMeant(typed: string): Meant | undefined {
  const quoted = quotedReference(typed)
  if (quoted !== undefined) return { kind: 'reference', reference: quoted }
  const wanted = typed.trim()
  const client = normalizeClientAddress(wanted.replace(/^\[(.*)\]$/, '$1'))
  if (client !== undefined) return { kind: 'client', client }
  const reference = readReference(wanted)
  if (reference !== undefined) return { kind: 'reference', reference }
  const sender = wanted.replace(/^<(.*)>$/, '$1').toLowerCase()
  if (/^[^\s@]*@[^\s@]+$/.test(sender)) return { kind: 'sender', sender }
  const domain = sender.replace(/\.$/, '')
  if (/^(?:[a-z\d_-]+\.)+[a-z][a-z\d-]+$/.test(domain)) return { kind: 'sender', sender: `@${domain}` }
  return undefined
}

/** A client is remembered by the address that is scored. */
function asRemembered(meant: Meant | undefined, { NAT64 }: Config): Meant | undefined {
  return NAT64 && meant?.kind === 'client' ? { kind: 'client', client: withoutNat64(meant.client) } : meant
}

/** `path`: of the configuration. */
export function forgive(
  wanted: string,
  config: Config,
  place: CachePlace,
  native: Native | NativeUnavailable,
  path?: string,
): Forgiven {
  const meant = asRemembered(whoIsMeant(wanted), config)
  if (!meant) {
    const what =
      'neither the address of a client, nor a sender (a@example.org, example.org), nor a reference of ten characters'
    return told(`${maskText(wanted)} is ${what}`, EXIT_USAGE)
  }
  const limits = limitsOf(config)
  const cache = join(place.directory, place.fileName)
  const seen = readStore(cache, limits)
  if (seen.kind === 'unavailable') {
    const what = seen.code === 'missing' ? 'nothing is remembered' : 'what is remembered cannot be looked at'
    const isOthers = seen.why.startsWith('EACCES')
    return told(
      `${what}: ${seen.why}${isOthers ? '; run this as root or as $USER' : ''}`,
      isOthers ? EXIT_NO_PERMISSION : EXIT_UNAVAILABLE,
    )
  }
  const clients = clientsMeant(meant, seen.tables, config)
  if (typeof clients === 'string') return told(clients, EXIT_UNAVAILABLE)
  const matches = matcherOf(meant, clients)
  let found = findAll(seen.tables, matches, Date.now() / 1000)
  if (found.length === 0) return told(nothingOf(meant, clients, path), EXIT_UNAVAILABLE)
  const forgotten = new Map<string, Found>()
  for (let round = 0; found.length > 0 && round < MOST_ROUNDS; round++) {
    const removed = changeCache(place, config, native, tables =>
      found.filter(({ table, key }) => tables[table].delete(key)),
    )
    if (removed.kind === 'not') return told(removed.why, EXIT_CANNOT_CREATE)
    for (const one of removed.value) forgotten.set(`${one.table} ${one.key}`, one)
    const again = readStore(cache, limits)
    found = again.kind === 'tables' ? findAll(again.tables, matches, Date.now() / 1000) : []
  }
  const lines = [...forgotten.values()].map(({ words }) => `  ${maskText(words)}\n`)
  const refused = meant.kind === 'sender' ? stillRefused([...forgotten.values()], readStore(cache, limits)) : []
  const then =
    refused.length === 0
      ? ['The next mail is scored afresh.\n']
      : refused.map(
          one =>
            `Still refused, whoever sends: ${one}. To forget that, too: ${maskText(ownCommand(path, ['forgive', one]))}\n`,
        )
  return {
    text: `${describeMeant(meant, clients)}: forgotten\n${lines.join('')}${then.join('')}`,
    status: EXIT_OK,
  }
}

/** Clients that sent what was forgotten, and are remembered as refused themselves; of many the first. */
function stillRefused(forgotten: readonly Found[], store: ReturnType<typeof readStore>): readonly string[] {
  if (store.kind === 'unavailable') return []
  const keys = [...store.tables.spam.entries()].map(([key]) => key).filter(key => clientOf(key) === key)
  const clients = new Set(forgotten.flatMap(({ client }) => normalizeClientAddress(client) ?? []))
  return [...clients].filter(client => keys.some(key => isSame(client, key))).slice(0, MOST_NAMED)
}

/** The clients, addresses or networks as keys have them, that a reference stands for; a sentence if it stands for none. */
function clientsMeant(meant: Meant, tables: Tables, config: Config): readonly string[] | string {
  if (meant.kind !== 'reference') return meant.kind === 'client' ? [meant.client] : []
  const { reference } = meant
  const known = new Set<string>()
  for (const [key, entry] of tables.spam.entries()) if (entry.reference === reference) known.add(clientOf(key))
  for (const [key, entry] of tables.ham.entries()) if (entry.reference === reference) known.add(clientOf(key))
  for (const [key, entry] of tables.messages.entries())
    if (entry.reference === reference) known.add(key.split('\n')[1] ?? '')
  if (known.size > 0) return [...known]
  const nobody = `nothing is remembered under ${reference}`
  if (config.JOURNAL === '') return `${nobody}; give the address of the client`
  try {
    for (const { id, repeats, request } of readJournal(config.JOURNAL, Date.now() - config.JOURNAL_DAYS * DAY_MS))
      if (id === reference || repeats === reference) {
        const client = normalizeClientAddress(request.client_address ?? '')
        if (client === undefined) return `${nobody}: its client had no address`
        return [config.NAT64 ? withoutNat64(client) : client]
      }
    return `${nobody}, nor is it in the journal; give the address of the client`
  } catch (error) {
    return `${nobody}, and the journal cannot be read (${codeOf(error) ?? 'damaged'}); give the address of the client`
  }
}

interface Matcher {
  readonly spam: (key: string) => boolean
  readonly ham: (key: string) => boolean
  readonly message: (client: string, from: string) => boolean
}

function matcherOf(meant: Meant, clients: readonly string[]): Matcher {
  if (meant.kind === 'sender') {
    const { sender } = meant
    const domain = sender.slice(sender.lastIndexOf('@') + 1)
    const isWhole = sender.startsWith('@')
    // What is kept has no extension: a+b@x is a@x, and so is a-b@x.
    const from = isWhole ? undefined : sender.replace(/[+-].*(?=@)/, '')
    const isOf = (text: string): boolean => {
      const other = text.toLowerCase()
      return isWhole ? other.endsWith(`@${domain}`) : other === from
    }
    return {
      spam: key => isOf(key.replace(/^[^- ]*[- ]/, '')) || key.toLowerCase().endsWith(` @${domain}`),
      ham: key => key.toLowerCase().endsWith(`-${domain}`) && key.length - domain.length - 1 === clientOf(key).length,
      message: (_, other) => isOf(other),
    }
  }
  const isOf = (client: string): boolean => clients.some(one => isSame(one, client))
  return { spam: key => isOf(clientOf(key)), ham: key => isOf(clientOf(key)), message: isOf }
}

/** `'192.0.2.1-a@example.org'`, `'20010db800000000/64 @example.org'` → what stands in front. */
function clientOf(key: string): string {
  return /^[^- ]*/.exec(key)?.[0] ?? ''
}

/** Whether two are one client, or one is a network that holds the other. */
function isSame(one: string, other: string): boolean {
  return one === other || isWithin(one, other) || isWithin(other, one)
}

function isWithin(address: string, network: string): boolean {
  const bits = /^[0-9a-f]*\/(\d+)$/.exec(network)?.[1]
  return bits !== undefined && address.includes(':') && networkOf(address, Number(bits)) === network
}

function findAll(tables: Tables, matches: Matcher, nowSeconds: number): Found[] {
  const found: Found[] = []
  const ago = (seconds: number): string => `${describeSpan(nowSeconds - seconds)} ago`
  const ref = (reference: string | undefined): string => (reference === undefined ? '' : `, ref ${reference}`)
  for (const [key, { score, seenSeconds, reference, reasons }] of tables.spam.entries())
    if (matches.spam(key)) {
      const why = reasons === undefined ? '' : `: ${reasons}`
      const words = `rejected  ${key}  score ${formatNumber(score)}, last seen ${ago(seenSeconds)}${ref(reference)}${why}`
      found.push({ table: 'spam', key, words, client: clientOf(key) })
    }
  for (const [key, { score, seenSeconds, reference }] of tables.ham.entries())
    if (matches.ham(key)) {
      const words = `accepted  ${key}  score ${formatNumber(score)}, last seen ${ago(seenSeconds)}${ref(reference)}`
      found.push({ table: 'ham', key, words, client: clientOf(key) })
    }
  for (const [key, { kind, seenSeconds, reference }] of tables.messages.entries()) {
    const [, client = '', from = ''] = key.split('\n')
    if (matches.message(client, from)) {
      const words = `mail      ${client} <${from}>  ${kind} ${ago(seenSeconds)}, for its other recipients${ref(reference)}`
      found.push({ table: 'messages', key, words, client })
    }
  }
  return found
}

function describeMeant(meant: Meant, clients: readonly string[]): string {
  if (meant.kind === 'reference') return `${meant.reference}, client ${clients.map(maskText).join(', ')}`
  return maskText(meant.kind === 'client' ? meant.client : meant.sender)
}

function nothingOf(meant: Meant, clients: readonly string[], path: string | undefined): string {
  const nothing = `nothing is remembered of ${describeMeant(meant, clients)}`
  if (meant.kind !== 'sender') return `${nothing}: its next mail is scored afresh anyway`
  const command = maskText(ownCommand(path, ['why', meant.sender.replace(/^@/, '')]))
  return `${nothing}; a refusal may be remembered under the client alone: ${command}`
}

function told(text: string, status: number): Forgiven {
  return { text: `${text}\n`, status }
}
