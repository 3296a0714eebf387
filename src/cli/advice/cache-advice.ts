/**
 * What the shared cache meets on this machine, and what to do about it.
 *
 *   run-check.ts: configuration, native part, user of the service → adviseOnCache → check.ts prints it
 *
 * `check` may run as root or as anybody, so everything is judged from the point of view of the user of the service
 * ($USER): the rules are those of cache-file.ts, and nothing is made or changed. Without a cache mail is answered all
 * the same, so there are warnings and notes, never errors.
 *
 * Failure: what we may not look at ourselves is a note that says so. Only errors of system calls are caught.
 * Sources: cache-file.ts; docs/behaviour/cache.md#without-the-file; access(2), tmpfiles.d(5).
 */
import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats, statfsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isSwitchedOff, limitsOf } from '../../cache/cache.ts'
import { geometryOf } from '../../cache/tables.ts'
import { codeOf } from '../../system/errno.ts'
import { type Finding, type FindingCode, makeFinding } from '../../config/findings/finding.ts'
import { builtinConfig, type Config } from '../../config/parameters/parameters.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { attempt, howToMove } from '../rights/look-files.ts'
import type { ServiceUser } from '../rights/service-user.ts'
import { obstacle } from '../rights/try-rights.ts'

/** Warnings, and lines that merely say how things are. */
export interface CacheAdvice {
  readonly findings: readonly Finding[]
  readonly notes: readonly string[]
  /** What puts the directory right, and keeps it so; the finding ends with it. */
  readonly remedy?: readonly string[]
}

/** What advice is given on. */
export interface Surroundings {
  readonly native: Native | NativeUnavailable
  readonly user: ServiceUser
  readonly cacheFileName: string
  /** Bytes that others than root may still write to the file system of a directory; for tests. */
  readonly freeBytes?: (directory: string) => number
}

/** What is at a path: as stat(2) says, nothing, or what we may not look at. */
type Seen = { readonly kind: 'seen'; readonly stat: Stats } | { readonly kind: 'missing' } | { readonly kind: 'hidden' }

const WRITABLE_BY_ALL = 0o002
/** A directory of that name, or a file, is nobody else's. */
const OUR_NAME = /^(?:policyd-weight|polw)/
const ANOTHER_DIRECTORY = `$LOCKPATH = '${builtinConfig().LOCKPATH}';`
const MEGABYTE = 1024 * 1024
const BUILD_ANEW =
  'There was no gcc for this machine: apt-get install gcc libc6-dev, and build it anew (npm run build). It needs Linux on x64 or arm64'
const PLACE_TO_LOAD =
  'It needs Linux on x64 or arm64, and /dev/shm or /tmp mounted without noexec, or else "policyd-weight prepare", run as root'

/** Advice on the cache, for the user that mail is served as. */
export function adviseOnCache(config: Config, surroundings: Surroundings): CacheAdvice {
  const { native, user, cacheFileName } = surroundings
  const findings: Finding[] = []
  const warn = (code: FindingCode, what: string, message: string): void => {
    findings.push(makeFinding('warning', code, what, undefined, message))
  }
  if (native.kind === 'unavailable') {
    warn(
      'native-missing',
      'native part',
      `${native.why}: no shared cache, and the log takes logger(1). ${native.isNotInside ? BUILD_ANEW : PLACE_TO_LOAD}`,
    )
  }
  // The defaults serve in place of a file that cannot be used: where they would have it says nothing of this machine.
  if (config.faulty || config.configError.includes('$LOCKPATH')) return { findings, notes: [] }
  if (isSwitchedOff(limitsOf(config)))
    return { findings, notes: ['cache: note: switched off ($CACHESIZE and $POSCACHESIZE): nothing is shared'] }
  if (user.uid === undefined) {
    warn(
      'service-user',
      `user ${user.name}`,
      `does not exist; make it (adduser --system --group --no-create-home ${user.name}), or set $USER to the user= of master.cf`,
    )
  }
  if (user.name === 'root') {
    warn(
      'service-user',
      `user ${user.name}`,
      'neither spawn(8) nor the daemon serves as root; set $USER to the user= of master.cf',
    )
    return { findings, notes: [] }
  }
  const directory = resolve(config.LOCKPATH)
  const path = join(directory, cacheFileName)
  const seen = look(directory, statSync)
  if (seen.kind === 'hidden') return { findings, notes: [hiddenNote(directory, user)] }
  const trouble = troubleWithDirectory(directory, seen.kind === 'seen' ? seen.stat : undefined, user)
  if (trouble !== undefined) {
    const isShared = isOthersToo(directory)
    const remedy = isShared ? [ANOTHER_DIRECTORY] : remedyFor(directory, user)
    const where = isShared ? 'In the configuration' : 'As root'
    warn('cache-directory', directory, `${trouble}: no shared cache. ${where}: ${remedy.join(' - and ')}`)
    return { findings, notes: [], remedy }
  }
  const file = look(path, lstatSync)
  if (file.kind === 'hidden') return { findings, notes: [hiddenNote(path, user)] }
  if (file.kind === 'seen') {
    const fault = faultOfFile(path, file.stat, user)
    if (fault !== undefined)
      warn('cache-file', path, `${fault}, so it is not used; ${howToMove(path) ?? 'remove it: policyd-weight -k'}`)
  } else {
    // A directory that is still to be made lies where its parent lies.
    const place = seen.kind === 'seen' ? directory : dirname(directory)
    const shortage = shortageFor(config, place, surroundings.freeBytes ?? freeBytesOf)
    if (shortage !== undefined) warn('cache-space', directory, `${shortage}: no shared cache`)
  }
  if (findings.length > 0) return { findings, notes: [] }
  const state = file.kind === 'seen' ? '' : '; the first mail that is looked up makes it'
  return { findings, notes: [`${path}: note: shared by all processes of user ${user.name}${state}`] }
}

function hiddenNote(path: string, { name }: ServiceUser): string {
  return `${path}: note: cannot be looked at; run check as root or as user ${name}`
}

/** Why the cache cannot lie there; undefined: it can, as far as can be seen. Without `stat` there is no such directory. */
function troubleWithDirectory(directory: string, stat: Stats | undefined, user: ServiceUser): string | undefined {
  if (!stat) {
    const parent = look(dirname(directory), statSync)
    const isMade = parent.kind === 'seen' && parent.stat.isDirectory() && user.uid !== undefined
    const inTheWay = isMade ? obstacle(dirname(directory), user, 'fill') : ''
    return inTheWay === undefined ? undefined : `does not exist, and user ${user.name} cannot make it`
  }
  if (!stat.isDirectory()) return 'is no directory'
  if (user.uid !== undefined && stat.uid !== user.uid && stat.uid !== 0)
    return `belongs to user ${stat.uid}, not to ${user.name} (${user.uid})`
  if ((stat.mode & WRITABLE_BY_ALL) !== 0) return 'is writable for everybody'
  const inTheWay = obstacle(directory, user, 'fill')
  return inTheWay === undefined ? undefined : `is not writable for user ${user.name}: ${inTheWay}`
}

/** Whether files of others are in a directory that is not named for us, as in /tmp: nobody but us must not have that to himself. */
export function isOthersToo(directory: string): boolean {
  const path = attempt(() => realpathSync(directory)) ?? directory
  if (isLink(directory) || OUR_NAME.test(basename(path))) return false
  return (attempt(() => readdirSync(path)) ?? []).some(name => !OUR_NAME.test(name))
}

function isLink(path: string): boolean {
  return attempt(() => lstatSync(path))?.isSymbolicLink() === true
}

/**
 * install(1) puts owner and mode right, whether the directory exists or not; it removes nothing that is in its way, and follows a
 * link, so that goes first.
 */
function remedyFor(directory: string, { name, group }: ServiceUser): string[] {
  const mount = readOnlyMount(directory)
  if (mount !== undefined) return [`mount -o remount,rw ${mount}`]
  const file = isLink(directory) ? directory : fileInTheWay(directory)
  const install = [
    ...(file === undefined ? [] : [`mv ${file} ${file}.old`]),
    `install -d -o ${name} -g ${group} -m 700 ${directory}`,
  ]
  const underRun = /^(?:\/var)?(\/run\/.*)/.exec(directory)
  if (!underRun) return install
  return [
    ...install,
    `for the next start of the machine, in /etc/tmpfiles.d/policyd-weight.conf: d ${underRun[1]} 0700 ${name} ${group} -`,
  ]
}

/** What is no directory where one has to be. */
function fileInTheWay(directory: string): string | undefined {
  for (let path = directory; path !== dirname(path); path = dirname(path)) {
    const seen = look(path, statSync)
    if (seen.kind === 'seen') return seen.stat.isDirectory() ? undefined : path
  }
  return undefined
}

/** Where the file system of a directory is mounted, if nobody may write to it. */
function readOnlyMount(directory: string): string | undefined {
  try {
    accessSync(directory, constants.W_OK)
    return undefined
  } catch (error) {
    if (codeOf(error) !== 'EROFS') return undefined
  }
  let path = realpathSync(directory)
  const { dev } = statSync(path)
  while (path !== dirname(path) && statSync(dirname(path)).dev === dev) path = dirname(path)
  return path
}

/** The rules of cache-file.ts for a file that is refused, and not simply replaced. */
function faultOfFile(path: string, stat: Stats, user: ServiceUser): string | undefined {
  if (stat.isSymbolicLink()) return 'is a symbolic link'
  if (!stat.isFile()) return 'is no regular file'
  if (user.uid !== undefined && stat.uid !== user.uid)
    return `belongs to user ${stat.uid}, not to ${user.name} (${user.uid})`
  if (stat.nlink > 1) return 'has another name as well (hard link)'
  const inTheWay = obstacle(path, user, 'write')
  return inTheWay === undefined ? undefined : `is not writable for user ${user.name}: ${inTheWay}`
}

function shortageFor(config: Config, directory: string, freeBytes: (directory: string) => number): string | undefined {
  const neededBytes = geometryOf(limitsOf(config)).fileBytes
  const free = freeBytes(directory)
  const inMegabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1)
  return free < neededBytes
    ? `has ${inMegabytes(free)} MB left, the cache takes ${inMegabytes(neededBytes)} MB`
    : undefined
}

function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function look(path: string, stat: (path: string) => Stats): Seen {
  try {
    return { kind: 'seen', stat: stat(path) }
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return { kind: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'hidden' }
  }
}
