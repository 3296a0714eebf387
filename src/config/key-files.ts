/**
 * Reads the files that hold subscribers' keys.
 *
 *   key-ring.ts: `$DQS_KEY_FILE` → KeyFiles.open → key → hosts of lists (values/keyed-lists.ts)
 *   full.ts: which files were read → keep.ts
 *
 * So a configuration can be shown to anybody. The first line of the file is the key: letters and digits. Where it cannot be
 * opened, a daemon of systemd's may have it as a credential (`LoadCredential=dqs-key:FILE`), which that puts into a directory for
 * this process alone; what spawn(8) starts has none.
 *
 * A file that everybody may write is refused, as a configuration is. Root reads for a configuration of another user only what is
 * that user's: what it says is sent to name servers which that user names.
 *
 * Each file is read once. Failure: a value that says what is wrong and what helps, never what the file holds.
 * Sources: systemd.exec(5), "Credentials"; docs/behaviour/configuration.md#keys.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { latin1Text, readBytes } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { identityOf, type Source } from './kept.ts'
import { KEYS, type KeyName } from './findings/key-marks.ts'
import type { KeyFile, KeySource } from './key-ring.ts'

/** More than a line with a key has. */
const MOST_BYTES = 4096
/** A label has 63 characters; what is shorter than 8 is none. */
const KEY = /^[A-Za-z\d]{8,63}$/
const WRITABLE_BY_EVERYBODY = 0o002
/** Read by everybody, written by a group. */
const TOO_WIDE = 0o024

export class KeyFiles implements KeySource {
  /** The files that were read. */
  readonly sources: Source[] = []
  /** The keys, as they were had last. */
  readonly keys = new Map<KeyName, string>()
  /** Whether all that was asked for is in these files, and the same for whoever may read them. */
  isWhole = true
  readonly #ownerUid: number
  readonly #read = new Map<string, KeyFile>()

  /** `ownerUid`: whose the configuration is. */
  constructor(ownerUid: number) {
    this.#ownerUid = ownerUid
  }

  open(name: KeyName, path: string): KeyFile {
    const file = this.#read.get(`${name} ${path}`) ?? this.#openFirst(name, path)
    this.#read.set(`${name} ${path}`, file)
    if (file.kind === 'key') this.keys.set(name, file.key)
    return file
  }

  #openFirst(name: KeyName, path: string): KeyFile {
    const file = this.#readFile(path)
    if (file.kind === 'key') return file
    this.isWhole = false
    return this.#readCredential(name) ?? file
  }

  #readCredential(name: KeyName): KeyFile | undefined {
    const directory = process.env.CREDENTIALS_DIRECTORY
    if (!directory?.startsWith('/')) return undefined
    const credential = readKey(`${directory}/${KEYS[name].credential}`, undefined)
    return credential.kind === 'key' ? { ...credential, remark: undefined } : undefined
  }

  #readFile(path: string): KeyFile {
    if (!path.startsWith('/')) return noKey('whose path begins with /')
    const read = readKey(path, process.geteuid?.() === 0 && this.#ownerUid !== 0 ? this.#ownerUid : undefined)
    if (read.kind === 'key') this.sources.push({ path, identity: read.identity })
    return read
  }
}

type NoKey = Extract<KeyFile, { kind: 'no-key' }>
type FoundKey = Exclude<KeyFile, NoKey> & { readonly identity: string }

/** `ownerUid`: whose the file has to be; undefined: anybody's. */
function readKey(path: string, ownerUid: number | undefined): FoundKey | NoKey {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const { mode, uid } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return noKey('which is a plain file')
    if ((mode & WRITABLE_BY_EVERYBODY) !== 0) return noKey('that not everybody may write to: chmod 640')
    if (ownerUid !== undefined && uid !== ownerUid)
      return noKey(`of user ${ownerUid}, as the configuration: root reads no other for that user; chown one of them`)
    const identity = identityOf(descriptor)
    const bytes = new Uint8Array(MOST_BYTES)
    const [line = ''] = latin1Text(bytes, 0, readBytes(descriptor, bytes, 0)).split('\n', 1)
    const key = line.trim()
    if (key === '') return noKey('in its first line, which is empty')
    if (!KEY.test(key)) return noKey('alone in its first line: 8 to 63 letters and digits')
    const remark = (mode & TOO_WIDE) === 0 ? undefined : 'is open to more users than have to read it: chmod 640'
    return { kind: 'key', key, remark, identity }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    const remedy = code === 'ENOENT' ? 'write it there' : 'chown it root:polw, and chmod 640'
    return noKey(`that can be read (${code}): ${remedy}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function noKey(how: string): NoKey {
  return { kind: 'no-key', expected: `a file with a key ${how}` }
}
