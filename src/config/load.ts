/**
 * Finds and reads the configuration file.
 *
 *   -f FILE or the usual places → the first that exists → checks of the file → read.ts → Config
 *
 * A file is refused if everybody could have written it, if it is no regular file (a FIFO would hold up the mail, a
 * device never ends), if it cannot be read, is no text or has more than 1 MB. The checks are made on the open file, so
 * that it cannot be exchanged behind them, and it is opened without waiting. Symbolic links are followed: the
 * directories of the usual places belong to root, and linking a configuration into place is common; what counts is
 * the file they lead to.
 *
 * Without a file nothing but this module and the table is loaded; a plain one is read by quick.ts, and only what that
 * gives up on by read.ts.
 *
 * Failure: a file that is refused or faulty never stops mail. The built-in defaults serve, marked `faulty`, and the
 * findings say why; who logs or prints them is the caller's choice. Never rejects.
 * Source: specification, chapter "Configuration".
 */
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { readBytes, utf8Text } from '../bytes.ts'
import { type Finding, type FindingCode, makeFinding, type Position } from './finding.ts'
import { builtinConfig, type Config } from './parameters.ts'
import { readQuickly } from './quick.ts'

/** What serves, where it comes from, and what is wrong with it. */
export interface LoadedConfig {
  readonly config: Config
  /** The file that was read or refused; undefined if there is none. */
  readonly path: string | undefined
  readonly findings: readonly Finding[]
  /** Where the file sets parameters: `dnsbl_score` → the place of each host. Empty without a file, or if not wanted. */
  readonly origins: ReadonlyMap<string, readonly Position[]>
}

export interface LoadOptions {
  /** This file and no other; it is an error if it does not exist. */
  readonly file?: string | undefined
  /** Not under spawn(8): the working directory is Postfix's queue there. */
  readonly searchWorkingDirectory: boolean
  /** Whether to find out where the file sets parameters; it takes longer. */
  readonly withOrigins?: boolean
  /** The places to look, for tests. */
  readonly usualPlaces?: readonly string[]
}

/** Where a configuration is looked for, in this order. */
export const USUAL_PLACES = [
  '/etc/policyd-weight.conf',
  '/etc/postfix/policyd-weight.cf',
  '/usr/local/etc/policyd-weight.conf',
]
const WORKING_DIRECTORY_PLACE = './policyd-weight.conf'

const MAX_FILE_BYTES = 1024 * 1024
const WRITABLE_BY_EVERYBODY = 0o002

/** Loads the configuration. `{ file: undefined, searchWorkingDirectory: false }` is what spawn(8) needs. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const places = options.usualPlaces ?? USUAL_PLACES
  const path =
    options.file ?? (options.searchWorkingDirectory ? [...places, WORKING_DIRECTORY_PLACE] : places).find(exists)
  if (path === undefined) return { config: builtinConfig(), path, findings: [], origins: new Map() }

  const file = readFile(path)
  if (file.kind === 'refused') {
    const finding = makeFinding('error', file.code, path, undefined, file.message)
    return { config: builtinConfig({ faulty: true }), path, findings: [finding], origins: new Map() }
  }
  if (!options.withOrigins) {
    const config = readQuickly(file.text)
    if (config) return { config, path, findings: [], origins: new Map() }
  }
  const { comparePlaces, readConfiguration, withoutKeys } = await import('./read.ts')
  const { config, findings, origins, secretZones } = readConfiguration(file.text, path)
  const badServer = config && (await findBadNameServer(config, path, origins.get('NS')?.[0], withoutKeys))
  if (!config || badServer) {
    const all = badServer ? [...findings, badServer].sort(comparePlaces) : findings
    const zone_codes = config?.zone_codes ?? secretZones
    return { config: builtinConfig({ faulty: true, zone_codes }), path, findings: all, origins }
  }
  return { config, path, findings, origins }
}

/** `$NS` is checked by what will read it. */
async function findBadNameServer(
  config: Config,
  path: string,
  position: Position | undefined,
  withoutKeys: (text: string) => string,
): Promise<Finding | undefined> {
  if (config.NS.length === 0) return undefined
  const { parseNameServerList } = await import('../dns/resolv-conf.ts')
  const [bad] = parseNameServerList(config.NS).bad
  if (bad === undefined) return undefined
  const message = `$NS: found "${withoutKeys(bad)}", expected addresses of name servers: IP, IP:PORT or [IPv6]:PORT`
  return makeFinding('error', 'bad-value', path, position, message)
}

type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: FindingCode; readonly message: string }

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // Something is there that we may not look at: refused when it is opened, and told.
    return true
  }
}

function readFile(path: string): FileText {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? refused('file-missing', 'this configuration file does not exist; correct the name behind -f')
      : refused('file-unreadable', `cannot be opened (${errorCode(error)}); let the user of this service read it`)
  }
  try {
    const { mode, size } = fstatSync(descriptor)
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      return refused('file-not-regular', 'is no regular file; a configuration is a plain file')
    if ((mode & WRITABLE_BY_EVERYBODY) !== 0)
      return refused('file-world-writable', 'everybody may write to this file; take that away with chmod o-w')
    const text = readBounded(descriptor, size)
    if (text === undefined)
      return refused('file-too-large', `has more than ${MAX_FILE_BYTES} bytes; no configuration needs that`)
    if (text.includes('\0')) return refused('file-binary', 'holds NUL bytes; a configuration is plain text')
    return { kind: 'text', text }
  } catch (error) {
    return refused('file-unreadable', `cannot be read (${errorCode(error)})`)
  } finally {
    closeSync(descriptor)
  }
}

/** The text of a file; undefined if there is too much. The size it claims is not trusted, only tried first. */
function readBounded(descriptor: number, claimedBytes: number): string | undefined {
  let bytes = new Uint8Array(Math.min(claimedBytes, MAX_FILE_BYTES) + 1)
  for (let total = 0; total <= MAX_FILE_BYTES; ) {
    if (total === bytes.length) bytes = Buffer.concat([bytes], 2 * total)
    const length = readBytes(descriptor, bytes.subarray(total))
    if (length === 0) return utf8Text(bytes, 0, total)
    total += length
  }
  return undefined
}

function refused(code: FindingCode, message: string): FileText {
  return { kind: 'refused', code, message }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
