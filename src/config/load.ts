/**
 * Finds and reads the configuration file.
 *
 *   -f FILE or the usual places (usual-file.ts) → the first that exists → what is kept of it (kept.ts)
 *                                                       → or checks of the file → full.ts → Config
 *
 * A file is refused if everybody could have written it, if it is no regular file (a FIFO would hold up the mail, a
 * device never ends), if it cannot be read, is no text or has more than 1 MB; and, where a command says so, if it belongs to
 * somebody else. The checks are made on the open file, so that it cannot be exchanged behind them, and it is opened without
 * waiting. Symbolic links are followed: the directories of the usual places belong to root, and linking a configuration into
 * place is common; what counts is the file they lead to.
 *
 * Failure: a file that is refused or faulty never stops mail. Of a refused one the built-in defaults serve, marked
 * `faulty`, of one with errors in it everything but these (read.ts); the findings say why, and who logs or prints them is
 * the caller's choice. Never rejects.
 * Sources: docs/behaviour/configuration.md#where-it-is-looked-for,
 * docs/behaviour/configuration.md#files-that-are-not-used-at-all.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { readBounded } from '../system/bytes.ts'
import { codeOf } from '../system/errno.ts'
import { type FindingCode, makeFinding } from './findings/finding.ts'
import type { FileText, LoadedConfig } from './loaded.ts'
import { identityOf, keptPlaces, readKept } from './kept.ts'
import { builtinConfig } from './parameters/parameters.ts'
import { usualFile } from './usual-file.ts'

export interface LoadOptions {
  /** This file and no other; it is an error if it does not exist. */
  readonly file?: string | undefined
  /** Whether to find out where the file sets parameters; it takes longer. */
  readonly withOrigins?: boolean
  /** Whose the file must be, for those who act on what it says as root; it is read anew. Absent: anybody's. */
  readonly owners?: readonly number[] | undefined
  /** The places to look, for tests; and where it may be kept, given its path. */
  readonly usualPlaces?: readonly string[]
  readonly keptPlaces?: (path: string) => readonly string[]
}

const MAX_FILE_BYTES = 1024 * 1024
const WRITABLE_BY_EVERYBODY = 0o002

/** Loads the configuration. `{}` is what spawn(8) needs. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { file, withOrigins, owners, usualPlaces } = options
  const path = file ?? usualFile(usualPlaces)
  if (path === undefined) return { config: builtinConfig(), path, findings: [], origins: NO_ORIGINS }
  const isAsKept = !withOrigins && owners === undefined && path.startsWith('/')
  const places = (options.keptPlaces ?? keptPlaces)(path)
  const kept = isAsKept ? readKept(path, places) : undefined
  if (kept) return { ...kept, path, origins: NO_ORIGINS }
  const read = readFile(path, owners)
  if (read.kind === 'refused') {
    const finding = makeFinding('error', read.code, path, undefined, read.message)
    return { config: builtinConfig({ faulty: true }), path, findings: [finding], origins: NO_ORIGINS }
  }
  const { readFully } = await import('./full.ts')
  return readFully(read, places)
}

const NO_ORIGINS: LoadedConfig['origins'] = new Map()

interface Refused {
  readonly kind: 'refused'
  readonly code: FindingCode
  readonly message: string
}

function readFile(path: string, owners: readonly number[] | undefined): FileText | Refused {
  const beganMs = Date.now()
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error'
    if (code === 'ENOENT')
      return refused('file-missing', 'this configuration file does not exist; correct the name behind -f')
    const remedy = code === 'EACCES' ? 'let the user of this service read it' : `see where it leads: namei -l ${path}`
    return refused('file-unreadable', `cannot be opened (${code}); ${remedy}`)
  }
  try {
    const { mode, size, uid } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      return refused('file-not-regular', 'is no regular file; a configuration is a plain file')
    if ((mode & WRITABLE_BY_EVERYBODY) !== 0)
      return refused('file-world-writable', 'everybody may write to this file; take that away with chmod go-w')
    if (owners && !owners.includes(uid))
      return refused('file-owner', `belongs to user ${uid}, and root does not do what that user says; chown root it`)
    const identity = identityOf(descriptor)
    const text = readBounded(descriptor, size, MAX_FILE_BYTES)
    if (text === undefined)
      return refused('file-too-large', `has more than ${MAX_FILE_BYTES} bytes; no configuration needs that`)
    if (text.includes('\0')) return refused('file-binary', 'holds NUL bytes; a configuration is plain text')
    // Written to meanwhile: too young to be kept, even if the clock of a file server says otherwise.
    const isSame = identityOf(descriptor) === identity
    return { kind: 'text', path, text, identity, uid, beganMs: isSame ? beganMs : 0 }
  } catch (error) {
    return refused('file-unreadable', `cannot be read (${codeOf(error) ?? 'unknown error'})`)
  } finally {
    closeSync(descriptor)
  }
}

function refused(code: FindingCode, message: string): Refused {
  return { kind: 'refused', code, message }
}
