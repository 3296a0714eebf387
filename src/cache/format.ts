/**
 * The cache file: its byte layout, and the contract under which processes share it.
 *
 * All numbers are in the byte order of the machine; offsets and sizes in bytes. The file is mapped by every process.
 *
 *      0   16 words of 4 bytes: the header, written once, before the file has its name
 *            0  magic, 8 bytes            2  format version        3  size of the file
 *            4  offset and number of slots of each kind but exceptions: spam, ham, messages, lists, probes
 *           14  0                        15  checksum of words 0 to 14
 *     64   6 words: entries of each kind; hints, put right by the next purge
 *     96   1 double: when "the lock was not had" was last logged, ms since the epoch
 *    128   48 doubles: counters, in the order of COUNTERS
 *    512   43,024 words: questions under way, as under-way.ts lays them out
 * 172608   96 words: name servers that do not answer, as servers.ts lays them out
 * 172992   the slots of each kind, one after the other, those of exceptions last; the size of a slot is SLOT_BYTES[kind]
 *
 * A slot:
 *      0  checksum, 0: not valid
 *      4  hash of the key
 *      8  length of the key, + 65536 times the length of the text
 *     12  retries or queries left; 1: the message was rejected; errors in a row; of a probe what it has shown (entries.ts)
 *     16  last seen      20  since      24  hard since        (times: whole seconds since the epoch, without sign)
 *     28  lists: how often it is still skipped; probes: how many in a row were clean; spam, ham: hash of the configuration it was decided by (verdict-hash.ts)
 *     32  double  score; of a probe that is over when it was asked, ms since the epoch; of an exception how often it was used
 *     40  the key, right behind it the text (of a message what it was rejected with, of spam the reasons; in front, behind a byte 1, the reference of the decision), a byte a character; zeros to the end of the word; behind that, whatever
 *         the slot had before
 *
 * A slot is valid if and only if its lengths end inside of it, and its first word is the checksum of its words from the
 * hash to the score and of those in which the text lies, seeded with the slot's place; and the key has this hash, which
 * stands for it in the checksum. The slots of a kind are divided into buckets of 8; the hash of a key names two of them.
 * The key may be in any slot of these two, its window, and nowhere else.
 *
 * Reader: takes the lock; looks at all slots of the window, stopping at no empty or damaged one; the one that has the
 * hash and the key and is valid is the entry; copies what it needs; gives the lock back.
 *
 * Writer: takes the lock; puts the slot together in memory of its own; chooses the key's own slot, else one that is
 * empty, else the one it has looked at if that is not valid, else the least recently seen of the window; sets its checksum
 * to 0; copies everything in use but the checksum; sets the checksum; gives the lock back. Deleting is setting the
 * checksum to 0. A counter is one aligned 8-byte store.
 *
 * Instances of different configurations may share a file. What they rejected and accepted is theirs: an entry of spam or
 * ham with another hash is none for the reader, and the writer puts its own in that place. What a mail's other
 * recipients are answered, and which lists are in trouble or lie, holds for all: a mail gets one answer, even if the
 * configuration is changed between two recipients.
 *
 * Why a crash is harmless: the kernel gives the lock back when the process is gone. Whatever the last instruction was,
 * at most one slot is half written, and it has no checksum, so it is empty: one entry is forgotten. If stores arrive in
 * another order (a machine that lost power), the checksum does not fit, with a chance of one in four thousand million
 * to be wrong; a single damaged bit is always found, unless it is one of the lengths, where the same chance holds. No
 * slot is needed to find another. A counter is the old or the new number. A hint that is off makes a purge come early
 * or late, and the purge counts anew. Questions under way of a process that is gone count for twelve seconds at most: until
 * then others may get fewer places than there are, and no mail waits for one. A row of a name server says what it said, or
 * nothing, or what it was to say.
 *
 * What it cannot promise: a file that somebody truncates while it is mapped ends the process (SIGBUS): only its owner
 * can, and we never do. A file system that takes no room for written zeros (compression, copy on write) may do the
 * same when it is full. The content is as trustworthy as the account that owns it. Entries are lost when the file is
 * replaced: it was damaged, of another version, or too small for the configured sizes; in the last case the counters go on,
 * but for what is counted in the old file until its users notice, a second at most. Keys and texts that do not fit
 * into a slot, or hold characters beyond 8 bits, are not cached.
 *
 * Rejected: one record log (readers would scan), chains and tombstones (a torn link loses others' entries), a lock per
 * kind (a request takes the lock twice as it is), fcntl locks (closing any descriptor of the file gives them back).
 *
 * Sources: lmdb.h and SQLite's wal.c, for how to say this; flock(2), mmap(2); docs/behaviour/cache.md.
 */
import { checksum } from '../system/sum.ts'
import { SERVERS_BYTES } from './servers.ts'
import { UNDER_WAY_BYTES } from './under-way.ts'

/** The kinds of slots, in the order of their areas. */
export const KINDS = ['spam', 'ham', 'messages', 'lists', 'probes', 'exceptions'] as const
export type EntryKind = (typeof KINDS)[number]

/** How large a slot is; multiples of 8. A key and its text share what SLOT.data leaves of it. */
export const SLOT_BYTES: Readonly<Record<EntryKind, number>> = {
  spam: 256,
  ham: 256,
  messages: 640,
  lists: 256,
  probes: 256,
  exceptions: 304,
}

/** How long the text of an entry with this key may be. */
export function roomForText(kind: EntryKind, key: string): number {
  return Math.max(0, SLOT_BYTES[kind] - SLOT.data - key.length)
}

/** Offsets inside of a slot, see above; its checksum is in front. */
export const SLOT = {
  hash: 4,
  lengths: 8,
  left: 12,
  seen: 16,
  since: 20,
  hardSince: 24,
  extra: 28,
  score: 32,
  data: 40,
} as const

/** Slots of a bucket; a key has two buckets. */
export const BUCKET_SLOTS = 8

/**
 * Counters for statistics, of all instances together; docs/daemon.md says what each counts. New ones are added at the end.
 */
export const COUNTERS = [
  'requests',
  'messageHits',
  'spamHits',
  'hamHits',
  'hardHamHits',
  'evaluations',
  'accepted',
  'rejected',
  'deferred',
  'locksNotHad',
  'purges',
  'evictions',
  'passed',
  'busy',
  'nullSenders',
  'roleRecipients',
  'unknownClients',
  'unanswered',
  'exempted',
] as const
export type Counter = (typeof COUNTERS)[number]

/** Those of answers: each request adds one to one of them, unless its client goes away first. */
export const ANSWERS = [
  ...(['accepted', 'passed', 'deferred', 'busy', 'rejected'] as const),
  ...(['messageHits', 'spamHits', 'hardHamHits'] as const),
  ...(['nullSenders', 'roleRecipients', 'unknownClients', 'unanswered', 'exempted'] as const),
] as const satisfies readonly Counter[]

export const FORMAT_VERSION = 6
export const HEADER_WORDS = 16
export const ENTRY_HINTS_OFFSET = 64
export const BUSY_LOGGED_OFFSET = 96
export const COUNTERS_OFFSET = 128
export const COUNTERS_BYTES = 48 * 8
export const UNDER_WAY_OFFSET = COUNTERS_OFFSET + COUNTERS_BYTES
export const SERVERS_OFFSET = UNDER_WAY_OFFSET + UNDER_WAY_BYTES
const SLOTS_OFFSET = SERVERS_OFFSET + SERVERS_BYTES
const PAGE_BYTES = 4096

/** Entries per kind are bounded, so that a file can always be mapped; a million take half a gigabyte. */
const MAX_ENTRIES = 1_000_000
/** Slots per entry: at this load, one entry in a thousand finds both of its buckets full (measured). */
const SLOTS_PER_ENTRY = 1.3
/** Ten minutes of messages on a busy server; a window that is full forgets its oldest. */
const MESSAGE_SLOTS = 2048
const LIST_SLOTS = 128
/** What was used lately of a file with more exceptions. */
const EXCEPTION_SLOTS = 512
/** How many kinds the header has; the slots of the others are always as many. */
const KINDS_OF_HEADER = 5

// 'PDWCACHE' on a little-endian machine.
const MAGIC = [0x43574450, 0x45484341] as const
const CHECKSUM_WORD = HEADER_WORDS - 1

/** Where the slots of a kind are: `{ offset: 172992, slots: 5200 }`. */
export interface Area {
  readonly offset: number
  readonly slots: number
}

/** The sizes of a file. */
export interface Geometry {
  readonly fileBytes: number
  readonly areas: Readonly<Record<EntryKind, Area>>
}

/** The geometry for so many entries at most: `{ spam: 4000, ham: 2000 }` → 3.5 MB. 0: no slots of that kind. */
export function geometryFor(maxEntries: { readonly spam: number; readonly ham: number }): Geometry {
  return geometryOf(slotsFor(maxEntries.spam), slotsFor(maxEntries.ham), MESSAGE_SLOTS, LIST_SLOTS)
}

/** The geometry that has room for both: files only grow, so two configurations that share one do not fight over it. */
export function largerGeometry(one: Geometry, other: Geometry): Geometry {
  const slots = (kind: EntryKind): number => Math.max(one.areas[kind].slots, other.areas[kind].slots)
  return geometryOf(slots('spam'), slots('ham'), slots('messages'), slots('lists'))
}

function slotsFor(entries: number): number {
  if (entries === 0) return 0
  const buckets = Math.ceil((Math.min(entries, MAX_ENTRIES) * SLOTS_PER_ENTRY) / BUCKET_SLOTS)
  return Math.max(2, buckets) * BUCKET_SLOTS
}

function geometryOf(spamSlots: number, hamSlots: number, messageSlots: number, listSlots: number): Geometry {
  const spam = { offset: SLOTS_OFFSET, slots: spamSlots }
  const ham = { offset: endOf(spam, 'spam'), slots: hamSlots }
  const messages = { offset: endOf(ham, 'ham'), slots: messageSlots }
  const lists = { offset: endOf(messages, 'messages'), slots: listSlots }
  const probes = { offset: endOf(lists, 'lists'), slots: listSlots }
  const exceptions = { offset: endOf(probes, 'probes'), slots: EXCEPTION_SLOTS }
  const fileBytes = Math.ceil(endOf(exceptions, 'exceptions') / PAGE_BYTES) * PAGE_BYTES
  return { fileBytes, areas: { spam, ham, messages, lists, probes, exceptions } }
}

function endOf({ offset, slots }: Area, kind: EntryKind): number {
  return offset + slots * SLOT_BYTES[kind]
}

/** The header of a file with this geometry. */
export function renderHeader({ fileBytes, areas }: Geometry): Int32Array {
  const words = new Int32Array(HEADER_WORDS)
  words.set([...MAGIC, FORMAT_VERSION, fileBytes])
  for (const [index, kind] of KINDS.slice(0, KINDS_OF_HEADER).entries())
    words.set([areas[kind].offset, areas[kind].slots], 4 + 2 * index)
  words[CHECKSUM_WORD] = checksum(words, 0, CHECKSUM_WORD, 0)
  return words
}

/**
 * The geometry a header of HEADER_WORDS words states. `other-version`: a cache file, but not for us. `damaged`: anything
 * else, or not what such a file would have. Whoever maps the file has to hold `fileBytes` against its real size first.
 */
export function parseHeader(words: Int32Array): Geometry | 'other-version' | 'damaged' {
  if (words[0] !== MAGIC[0] || words[1] !== MAGIC[1]) return 'damaged'
  if (words[2] !== FORMAT_VERSION) return 'other-version'
  if (words[CHECKSUM_WORD] !== checksum(words, 0, CHECKSUM_WORD, 0)) return 'damaged'
  const slotsOf = (kind: number): number => words[5 + 2 * kind] as number
  for (let kind = 0; kind < KINDS_OF_HEADER; kind++) if (!isPossible(slotsOf(kind))) return 'damaged'
  const geometry = geometryOf(slotsOf(0), slotsOf(1), slotsOf(2), slotsOf(3))
  return geometry.fileBytes === words[3] ? geometry : 'damaged'
}

function isPossible(slots: number): boolean {
  return slots === 0 || (slots % BUCKET_SLOTS === 0 && slots >= 2 * BUCKET_SLOTS && slots <= slotsFor(MAX_ENTRIES))
}
