/**
 * What somebody asks `why` about: a reference, an address, a mailbox, a name or a list; or several of them, all of which have to fit.
 *
 *   words of the command line → parseWords → matches(record)
 *
 * Ten letters may be a reference or a HELO name, so what looks like a reference is looked for as a name, too. A refusal that was
 * copied as a whole, as one word or as many, is its reference and nothing else.
 *
 * Pure, total.
 */
import { readNetwork } from '../../exceptions/client-networks.ts'
import type { Network } from '../../exceptions/exception.ts'
import type { LookupOfRecord } from '../../journal/decision-record.ts'
import { readReference } from '../../policy/reference.ts'
import { normalizeClientAddress, withoutNat64 } from '../../text/address.ts'
import { quotedReference } from '../../policy/quoted-reference.ts'

/** One word: all that it may be. */
export interface Wanted {
  /** As it was typed. */
  readonly word: string
  readonly id?: string
  /** In normal form. */
  readonly client?: string
  readonly network?: Network
  /** `user@example.org`, `user@` (whatever the domain), `@example.org` (whoever in it), `` (nobody: a bounce). */
  readonly mailbox?: string
  /** The same as a journal has it that hides local parts. */
  readonly hidden?: string
  readonly name?: string
  /** The list that it is called. */
  readonly list?: WantedList
}

/** A list, by what a decision has of it. */
export interface WantedList {
  /** Its hosts, as they are shown. */
  readonly shown: ReadonlySet<string>
  /** The words that it adds to the reasons where it lists. */
  readonly rules: ReadonlySet<string>
}

/** All words of a command line; a text says what is wrong with one. */
export function parseWords(words: readonly string[]): readonly Wanted[] | string {
  const id = quotedReference(words.join(' '))
  if (id !== undefined) return [parseWanted(id)]
  const wanted = words.map(word => word.trim()).filter(word => word !== '')
  const networks = wanted.filter(word => /^[\d.:a-f]+\/\d*$/i.test(word)).map(word => readNetwork(word.toLowerCase()))
  return networks.find(network => typeof network === 'string') ?? wanted.map(parseWanted)
}

/** `'0f8k-…'`, `'192.0.2.1'`, `'192.0.2.0/24'`, `'<alice@example.org>'`, `'mail.example.org'`. */
export function parseWanted(word: string): Wanted {
  const bare = word.replace(/^<(.*)>$/, '$1').toLowerCase()
  if (word === '<>' || bare.includes('@')) return { word, mailbox: bare }
  const client = normalizeClientAddress(bare.replace(/^\[(.*)\]$/, '$1'))
  if (client !== undefined) return { word, client, name: bare }
  const network = bare.includes('/') ? readNetwork(bare) : ''
  if (typeof network !== 'string') return { word, network }
  const id = readReference(bare)
  return { word, name: bare.replace(/\.$/, ''), ...(id !== undefined && { id }) }
}

/** What of a decision is looked at. */
export interface Matched {
  readonly id: string
  /** Of an answer from memory: the reference it was given with. */
  readonly repeats?: string | undefined
  readonly request: Readonly<Record<string, string>>
  readonly rules?: readonly { readonly rule: string }[] | undefined
  readonly lookups?: readonly LookupOfRecord[] | undefined
}

/** Whether a decision is one of those that are asked about. */
export function matches(decision: Matched, wanted: readonly Wanted[]): boolean {
  const { id, repeats, request } = decision
  return wanted.every(each => {
    if (each.list && isListedBy(decision, each.list)) return true
    if (each.id !== undefined && (id === each.id || repeats === each.id)) return true
    const of = (name: string): string => (request[name] ?? '').toLowerCase()
    const mailboxes = [of('sender'), of('recipient')]
    const { client, network, mailbox, hidden, name } = each
    if (network !== undefined) return isWithin(of('client_address'), network)
    if (hidden !== undefined && mailboxes.includes(hidden)) return true
    if (client !== undefined && hostOf(of('client_address')) === withoutNat64(client)) return true
    if (mailbox !== undefined) return mailboxes.some((one, index) => isMailbox(one, mailbox, index === 0))
    if (name === undefined) return false
    const names = [of('client_name'), of('helo_name'), ...mailboxes.map(one => one.slice(one.lastIndexOf('@') + 1))]
    return names.some(one => one === name || one.endsWith(`.${name.replace(/^\./, '')}`) || one === `[${name}]`)
  })
}

/** Whether a list counted: of two with one label, the one that has answered. */
function isListedBy({ rules = [], lookups = [] }: Matched, list: WantedList): boolean {
  if (!rules.some(({ rule }) => list.rules.has(rule))) return false
  return (
    lookups.length === 0 ||
    lookups.some(({ list: asked, answer }) => answer?.kind === 'found' && list.shown.has(asked ?? ''))
  )
}

/** In normal form, whatever stands between it and us. */
function hostOf(address: string): string {
  return withoutNat64(normalizeClientAddress(address) ?? '')
}

function isWithin(address: string, { version, first, last }: Network): boolean {
  const one = readNetwork(hostOf(address))
  return typeof one !== 'string' && one.version === version && first <= one.first && one.first <= last
}

function isMailbox(one: string, mailbox: string, isSender: boolean): boolean {
  if (mailbox === '') return isSender && one === ''
  if (mailbox.endsWith('@')) return one.startsWith(mailbox)
  return mailbox.startsWith('@') ? one.endsWith(mailbox) : one === mailbox
}
