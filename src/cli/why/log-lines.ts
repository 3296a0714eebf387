/**
 * The lines of the mail log, wherever it is.
 *
 *   `--log FILE`, `$LOGFILE`, journalctl(1), /var/log/mail.log and its rotated files → lines → mail-log.ts
 *
 * Read line by line, never as a whole, and no more than MOST_BYTES; journalctl runs with fixed arguments, without a shell, and is
 * ended after a while. Rotated files are read as far back as the question reaches, the oldest first, also compressed.
 *
 * Failure: a file that was named and cannot be read is a LogUnreadable. Of the usual places, those that can be read are.
 * Source: journalctl(1); logrotate(8).
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, createReadStream, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Config } from '../../config/parameters/parameters.ts'
import { codeOf } from '../../system/errno.ts'

/** Of all there is. */
const MOST_BYTES = 1024 * 1024 * 1024
const MOST_LINE = 64 * 1024
const JOURNALCTL_MS = 60_000
const USUAL_FILES = ['/var/log/mail.log', '/var/log/maillog']

/** A log that was named and cannot be read. */
export class LogUnreadable extends Error {
  override readonly name = 'LogUnreadable'
  readonly isMissing: boolean

  constructor(message: string, isMissing: boolean) {
    super(message)
    this.isMissing = isMissing
  }
}

export interface LogPlaces {
  readonly config: Pick<Config, 'LOGFILE' | 'syslog_ident'>
  /** Of `--log`. */
  readonly file: string | undefined
  readonly sinceMs: number
  /** Where journalctl is looked for, and the files if there is none; for tests. */
  readonly searchPath?: string
  readonly usualFiles?: readonly string[]
}

/** Lines, and where they are from, for people. */
export interface LogLines {
  readonly where: string
  readonly open: () => AsyncIterable<string>
}

/** Throws LogUnreadable. */
export async function findLog(places: LogPlaces): Promise<LogLines> {
  const { config, file, sinceMs, usualFiles = USUAL_FILES } = places
  if (file !== undefined) {
    mustRead(file)
    return ofFiles([file])
  }
  if (config.LOGFILE !== '' && isReadable(config.LOGFILE)) return ofFiles(rotatedFiles(config.LOGFILE, sinceMs))
  const journal = journalctl(places)
  for await (const _ of journal()) return { where: 'journalctl', open: journal }
  const found = usualFiles.filter(isReadable).flatMap(each => rotatedFiles(each, sinceMs))
  if (found.length === 0) {
    const hidden = usualFiles.find(each => codeOfReading(each) === 'EACCES')
    if (hidden !== undefined) mustRead(hidden)
    return { where: `journalctl, ${usualFiles.join(', ')}: nothing is there`, open: async function* () {} }
  }
  return ofFiles(found)
}

function ofFiles(files: readonly string[]): LogLines {
  return {
    where: files.join(', '),
    async *open() {
      for (const file of files) yield* linesOf(file)
    },
  }
}

async function* linesOf(file: string): AsyncIterable<string> {
  const isPacked = file.endsWith('.gz')
  // What is asked about stands at its end.
  const start = isPacked ? 0 : Math.max(0, sizeOf(file) - MOST_BYTES)
  const bytes = createReadStream(file, { start })
  const input = isPacked ? unzipped(bytes) : bytes
  try {
    yield* linesFrom(input)
  } catch (error) {
    // A file that is cut off, or was rotated away a moment ago: what there is of it is read.
    if (codeOf(error) === undefined) throw error
  } finally {
    bytes.destroy()
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    // It was rotated away a moment ago.
    return 0
  }
}

function unzipped(bytes: Readable): Readable {
  const gunzip = createGunzip()
  bytes.on('error', error => gunzip.destroy(error))
  return bytes.pipe(gunzip)
}

/** Not by node:readline, which waits for ever for a stream that breaks off. Of a line without an end so much is kept. */
async function* linesFrom(input: Readable): AsyncIterable<string> {
  let bytes = 0
  let rest = ''
  input.setEncoding('latin1')
  for await (const chunk of input as AsyncIterable<string>) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) return
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(0, MOST_LINE)
    yield* lines
  }
  if (rest !== '') yield rest
}

/** A log and those it was rotated to, as far back as is asked, the oldest first. */
function rotatedFiles(file: string, sinceMs: number): readonly string[] {
  const name = basename(file)
  const others = readdirSync(dirname(file)).filter(
    each => each.startsWith(name) && /^[.-][\d.-]+(?:\.gz)?$/.test(each.slice(name.length)),
  )
  const aged = [name, ...others].flatMap(each => {
    const path = join(dirname(file), each)
    const atMs = modifiedMs(path)
    return atMs === undefined || (each !== name && atMs < sinceMs) ? [] : [{ path, atMs }]
  })
  return aged.toSorted((one, other) => one.atMs - other.atMs).map(({ path }) => path)
}

function modifiedMs(path: string): number | undefined {
  try {
    return isReadable(path) ? statSync(path).mtimeMs : undefined
  } catch {
    return undefined
  }
}

/** What journalctl has of us, of the original, and of Postfix's smtpd; nothing if there is no journalctl. */
function journalctl({
  config,
  sinceMs,
  searchPath = process.env.PATH ?? '/usr/bin:/bin',
}: LogPlaces): LogLines['open'] {
  const idents = new Set([config.syslog_ident, 'policyd-weight', 'postfix/policyd-weight', 'postfix/smtpd'])
  const since = `--since=@${Math.floor(sinceMs / 1000)}`
  const args = [
    '--no-pager',
    '--quiet',
    '--output=short-iso',
    since,
    ...[...idents].map(ident => `--identifier=${ident}`),
  ]
  return async function* () {
    const child = spawn('journalctl', args, {
      env: { PATH: searchPath, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.on('error', () => child.stdout.destroy())
    // That of spawn goes on where there is no such program.
    const timer = setTimeout(() => child.kill('SIGKILL'), JOURNALCTL_MS)
    try {
      yield* linesFrom(child.stdout)
    } catch (error) {
      if (codeOf(error) === undefined) throw error
    } finally {
      clearTimeout(timer)
      child.kill('SIGKILL')
    }
  }
}

/** A file: of what is none nobody knows when there is something to read. */
function isReadable(path: string): boolean {
  return codeOfReading(path) === undefined && isFile(path)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function codeOfReading(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK)
    return undefined
  } catch (error) {
    return codeOf(error) ?? 'unknown error'
  }
}

/** What is no file can be read once at most, and is read twice. */
function mustRead(path: string): void {
  const code = codeOfReading(path)
  if (code === undefined && !isFile(path)) throw new LogUnreadable(`${path} is no regular file`, false)
  if (code === undefined) return
  if (code === 'ENOENT') throw new LogUnreadable(`there is no file ${path}`, true)
  const hint = code === 'EACCES' ? '; run this as root' : ''
  throw new LogUnreadable(`${path} cannot be read (${code})${hint}`, false)
}
