/**
 * Whether decisions can be written to `$JOURNAL` here, who else gets at them, and how far they reach back.
 *
 *   run-check.ts, doctor/doctor.ts: configuration, user of the service → adviseOnJournal → check.ts prints it, doctor/
 *
 * `check` may run as root or as anybody, so everything is judged from the point of view of $USER: the rules are those of
 * journal.ts, and nothing is made or changed. Mail goes on without a journal, so there are warnings and notes, never errors.
 *
 * Failure: what we may not look at ourselves is a note that says so. Only errors of system calls are caught.
 * Sources: journal/journal.ts, journal/parts.ts; docs/journal.md#where-it-can-be.
 */
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { type Finding, makeFinding } from '../../config/findings/finding.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { type JournalPart, partsOf } from '../../journal/parts.ts'
import { firstTimeOf } from '../../journal/read-journal.ts'
import { attempt, statOf } from '../rights/look-files.ts'
import type { ServiceUser } from '../rights/service-user.ts'
import { obstacle } from '../rights/try-rights.ts'
import { isOthersToo } from './cache-advice.ts'

/** Warnings with their remedies, and lines that merely say how things are. */
export interface JournalAdvice {
  readonly findings: readonly Finding[]
  /** Commands, or a line of the configuration, for each finding; the finding ends with them. */
  readonly remedies: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

/** What is wrong, what comes of it, and what puts it right. */
interface Trouble {
  readonly path: string
  readonly what: string
  readonly remedy: readonly string[]
}

const OF_OTHERS = 0o077
const WRITABLE_BY_OTHERS = 0o022
const PLACE_OF_PACKAGE = '/var/log/policyd-weight/journal'
const NOT_WRITTEN = 'decisions are not written down'
const HAS_ADDRESSES = 'it has the senders and recipients of all mail'
const DAY_MS = 86_400_000
const MEGABYTE = 1_000_000

/** Advice on the journal, for the user that mail is served as; none where there is none, or what is told elsewhere. */
export function adviseOnJournal(config: Config, user: ServiceUser, nowMs = Date.now()): JournalAdvice {
  const { JOURNAL } = config
  // A relative path is another file for each process, and told of (advice.ts); so is a user that is none (cache-advice.ts).
  if (!JOURNAL.startsWith('/') || config.faulty || user.uid === undefined || user.uid === 0) return adviceOf([])
  const directory = dirname(JOURNAL)
  const folder = statOf(directory)
  if (folder === 'hidden') return adviceOf([], [hiddenNote(directory, user)])
  const trouble = troubleWithDirectory(JOURNAL, folder === 'missing' ? undefined : folder, user)
  if (trouble) return adviceOf([trouble])
  const parts = attempt(() => partsOf(JOURNAL))
  const file = statOf(JOURNAL, lstatSync)
  if (!parts || file === 'hidden') return adviceOf([], [hiddenNote(JOURNAL, user)])
  const found = [
    ...(file === 'missing' ? [] : troubleWithFile(JOURNAL, file, user)),
    ...parts.slice(file === 'missing' ? 0 : 1).flatMap(({ path }) => readableByOthers(path, HAS_ADDRESSES)),
    ...troubleWithKey(`${JOURNAL}.key`, user),
  ]
  return adviceOf(found, found.length > 0 ? [] : [`${JOURNAL}: note: ${describe(parts, user, nowMs)}`])
}

function adviceOf(troubles: readonly Trouble[], notes: readonly string[] = []): JournalAdvice {
  const findings = troubles.map(({ path, what, remedy }) => {
    const isLine = remedy.some(line => line.startsWith('$'))
    const how = `${isLine ? 'In the configuration' : 'As root'}: ${remedy.join(' - and ')}`
    return makeFinding('warning', 'journal', path, undefined, `${what}. ${how}`)
  })
  return { findings, notes, remedies: troubles.map(({ remedy }) => remedy) }
}

function hiddenNote(path: string, { name }: ServiceUser): string {
  return `${path}: note: cannot be looked at; run check as root or as user ${name}`
}

/** Why nothing is written there, or not safely; `stat` undefined: there is no such directory. */
function troubleWithDirectory(journal: string, stat: Stats | undefined, user: ServiceUser): Trouble | undefined {
  const path = dirname(journal)
  const make = isSharedWithOthers(path, journal)
    ? [`$JOURNAL = '${PLACE_OF_PACKAGE}';`]
    : [installDirectory(path, user)]
  if (!stat) return { path, what: `there is no such directory: ${NOT_WRITTEN}`, remedy: make }
  if (!stat.isDirectory())
    return {
      path,
      what: `is no directory: ${NOT_WRITTEN}`,
      remedy: [`mv ${path} ${path}.old`, ...make],
    }
  if (stat.uid !== user.uid)
    return {
      path,
      what: `belongs to user ${stat.uid}, not to ${user.name} (${user.uid}), who makes the journal there: ${NOT_WRITTEN}`,
      remedy: make,
    }
  const inTheWay = obstacle(path, user, 'fill')
  if (inTheWay !== undefined)
    return { path, what: `is not writable for user ${user.name}: ${inTheWay}: ${NOT_WRITTEN}`, remedy: make }
  if ((stat.mode & WRITABLE_BY_OTHERS) === 0) return undefined
  const what = `others than ${user.name} may put files there and take them away, and so the journal`
  return { path, what, remedy: [`chmod go-w ${path}`] }
}

/** Whether other files are in it: nobody is to have a directory of others to himself. */
function isSharedWithOthers(directory: string, journal: string): boolean {
  const names = attempt(() => readdirSync(directory)) ?? []
  return isOthersToo(directory) && names.some(name => !name.startsWith(basename(journal)))
}

/** install(1) puts owner and mode right, whether it exists or not. */
function installDirectory(path: string, { name, group }: ServiceUser): string {
  return `install -d -o ${name} -g ${group} -m 0750 ${path}`
}

/** What journal.ts leaves alone, and what others may read. */
function troubleWithFile(path: string, stat: Stats, user: ServiceUser): Trouble[] {
  const remedy = [`mv ${path} ${path}.old`]
  const refused = (what: string): Trouble[] => [{ path, what: `${what}: ${NOT_WRITTEN}`, remedy }]
  if (stat.isSymbolicLink()) return refused('is a symbolic link')
  if (!stat.isFile()) return refused('is no regular file')
  if (stat.uid !== user.uid) return refused(`belongs to user ${stat.uid}, not to ${user.name} (${user.uid})`)
  const inTheWay = obstacle(path, user, 'write')
  if (inTheWay !== undefined) return refused(`is not writable for user ${user.name}: ${inTheWay}`)
  const isStrange = attempt(() => firstTimeOf(path) === undefined) === true
  const strange = isStrange ? [{ path, what: 'begins with what is no decision, as another log does', remedy }] : []
  return [...strange, ...readableByOthers(path, HAS_ADDRESSES)]
}

function readableByOthers(path: string, what: string): Trouble[] {
  const mode = attempt(() => lstatSync(path))?.mode ?? 0
  if ((mode & OF_OTHERS) === 0) return []
  return [{ path, what: `others may get at it, and ${what}`, remedy: [`chmod 600 ${path}`] }]
}

/** The key of `$JOURNAL_PRIVACY`: without it local parts are `~`, and with it anybody can try names. */
function troubleWithKey(path: string, user: ServiceUser): Trouble[] {
  const stat = statOf(path, lstatSync)
  if (typeof stat === 'string') return []
  if (stat.isFile() && stat.uid === user.uid) return readableByOthers(path, 'with it hidden addresses can be tried')
  const what = `is not a regular file of user ${user.name}: addresses are written without their local parts`
  return [{ path, what, remedy: [`mv ${path} ${path}.old`] }]
}

/** `'decisions since 2026-11-15 08:30 UTC, 14.6 days; 123.4 MB in 9 files'`. */
function describe(parts: readonly JournalPart[], { name }: ServiceUser, nowMs: number): string {
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  if (bytes === 0) return `no decision yet; the next mail makes it, and user ${name} and root can read it`
  const size = `${(bytes / MEGABYTE).toFixed(1)} MB in ${parts.length === 1 ? 'one file' : `${parts.length} files`}`
  const first = attempt(() => firstTimeOf(parts.at(-1)?.path ?? ''))
  const since = Date.parse(first ?? '')
  if (first === undefined || Number.isNaN(since)) return size
  const days = Math.max(0, (nowMs - since) / DAY_MS).toFixed(1)
  return `decisions since ${first.slice(0, 16).replace('T', ' ')} UTC, ${days} days; ${size}`
}
