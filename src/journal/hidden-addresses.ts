/**
 * `$JOURNAL_PRIVACY`: addresses whose local part is a keyed hash.
 *
 *   journal.ts: hideWithKeyBeside(the journal) → `user@example.org` → `~5f0c2d9e11ab@example.org`
 *   why: the same for what is searched
 *
 * HMAC-SHA-256 over the whole address in lower case, of which 48 bits are kept: one address is one hash, another domain another one,
 * and who does not have the key cannot try names. The key is made by whoever needs it first, beside the journal, `JOURNAL.key`, mode
 * 0600; who removes it makes all that was written before unsearchable.
 *
 * Loaded only with the parameter, behind an answer.
 *
 * Failure: no key can be had: the local part is `~`, and nothing else.
 * Source: RFC 2104.
 */
import { createHmac } from 'node:crypto'
import { closeSync, constants, fstatSync, linkSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PolicyRequest } from '../policy/request.ts'
import { readPart } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { fillRandomly } from '../system/random.ts'
import type { DecisionRecord, LookupOfRecord } from './decision-record.ts'

const KEY_BYTES = 32
const HASH_CHARACTERS = 12
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Whose local parts they are: of the request, as Postfix sent it. */
type Parties = Pick<PolicyRequest, 'sender' | 'domain' | 'helo' | 'name'>

/**
 * A record without the local parts that stand in names which an SPF record has made of the sender (RFC 7208 7.2, `%{l}` and
 * `%{s}`): of these nothing is left but that there was one.
 */
export function hideElsewhere(record: DecisionRecord, parties: Parties): DecisionRecord {
  const { lookups } = record
  return lookups ? { ...record, lookups: withoutLocalPart(lookups, parties) } : record
}

function withoutLocalPart(
  lookups: readonly LookupOfRecord[],
  { sender, domain, helo, name }: Parties,
): readonly LookupOfRecord[] {
  const local = sender.slice(0, Math.max(0, sender.lastIndexOf('@')))
  const parts = local.split(/[^a-z\d]+/).filter(part => part !== '')
  if (parts.length === 0) return lookups
  // What DNS or the client says anyhow: mail@ may well have an exchanger of this name.
  const named = [
    domain,
    helo,
    name,
    ...lookups.flatMap(({ answer }) => (answer?.kind === 'found' ? answer.values : [])),
  ]
  const isNamed = (asked: string): boolean => asked.endsWith('.arpa') || named.some(each => each.includes(asked))
  const hasPart = (asked: string): boolean => {
    const words = asked.toLowerCase().split(/[^a-z\d]+/)
    return parts.some(part => words.includes(part))
  }
  return lookups.map(lookup =>
    lookup.list === undefined && !isNamed(lookup.name) && hasPart(lookup.name) ? { ...lookup, name: '~' } : lookup,
  )
}

/** What hides addresses in this journal, with its key, which is made if there is none, and asked for again where it cannot be had. */
export function hideWithKeyBeside(journal: string): (address: string) => string {
  let key: Uint8Array | undefined
  return address => {
    key ??= keyAt(`${journal}.key`)
    return hideAddress(address, key)
  }
}

/** `'User@example.org'` → `'~5f0c2d9e11ab@example.org'`; without a key `'~@example.org'`. What has no local part stays as it is. */
export function hideAddress(address: string, key: Uint8Array | undefined): string {
  const at = address.lastIndexOf('@')
  if (address === '' || at === 0) return address
  const domain = at < 0 ? '' : address.slice(at)
  if (!key) return `~${domain}`
  const hash = createHmac('sha256', key).update(address.toLowerCase()).digest('hex')
  return `~${hash.slice(0, HASH_CHARACTERS)}${domain}`
}

function keyAt(path: string): Uint8Array | undefined {
  try {
    return readKey(path) ?? makeKey(path)
  } catch {
    return undefined
  }
}

/** The key in a file; undefined: there is no file. Throws for a file that is no key. */
export function readKey(path: string): Uint8Array | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, FLAGS)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile() || stat.size !== KEY_BYTES) throw new Error(`${path} is no key of a journal`)
    return readPart(descriptor, 0, KEY_BYTES)
  } finally {
    closeSync(descriptor)
  }
}

/** Of several who make one, one wins, and all have that one's: it gets its name when it is whole. None is made where no journal is. */
function makeKey(path: string): Uint8Array | undefined {
  if (statSync(dirname(path)).uid !== process.geteuid?.()) return undefined
  const key = new Uint8Array(KEY_BYTES)
  fillRandomly(key)
  const unfinished = `${path}.${process.pid}.new`
  rmSync(unfinished, { force: true })
  const descriptor = openSync(unfinished, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    // Of half a key nobody could make use, nor make another one.
    if (writeSync(descriptor, key) < KEY_BYTES) return undefined
    linkSync(unfinished, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    closeSync(descriptor)
    rmSync(unfinished, { force: true })
  }
  return readKey(path)
}
