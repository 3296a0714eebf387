/**
 * What carries each command out: a row for a command, and what they have in common.
 *
 *   command-line.ts: parsed options → HANDLERS → the command's own file → what it prints, and the exit status
 *
 * Failure: that of the commands; a message on standard error, with the remedy.
 */
import { join } from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import type { Profile } from '../config/profile.ts'
import { DaemonError } from '../daemon/daemon-error.ts'
import { CACHE_FILE_NAME } from '../serve.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { EXIT_CONFIG, EXIT_NO_PERMISSION, EXIT_OK } from '../system/exit-status.ts'
import { loadNative } from '../system/native/native.ts'
import { forgive } from './cache/forgive.ts'
import { renderFindings } from './check.ts'
import type { CommandName } from './commands.ts'
import { renderCompletion, type Shell } from './completion.ts'
import type { DaemonOutcome, DaemonRequest } from './daemon/daemon-control.ts'
import { reloadDaemon } from './daemon/reload.ts'
import { restartDaemon } from './daemon/restart.ts'
import { renderUnit, warnOfHomes } from './daemon/service-unit.ts'
import { startDaemon } from './daemon/start.ts'
import { showStatus } from './daemon/status.ts'
import { stopDaemon } from './daemon/stop.ts'
import { renderDefaults } from './defaults.ts'
import { examine } from './doctor/doctor.ts'
import { exempt } from './exempt/exempt.ts'
import { releaseQuarantine } from './lists/release-list.ts'
import { showLists } from './lists/show-lists.ts'
import type { GivenOptions } from './odd-options.ts'
import { print } from './output.ts'
import { prepare } from './prepare.ts'
import { actAsServiceUser, trustedOwners } from './rights/act-as.ts'
import { runCheck } from './run-check.ts'
import { showConfiguration } from './show-config.ts'
import { explainCommand, whyCommand, type WhyCommandOptions } from './why/why-commands.ts'

/** Put here by the build. */
declare const SERVICE_UNIT: string

/** What was given, by the names of options and arguments. */
export interface Options extends GivenOptions, WhyCommandOptions {
  readonly WHO?: string
  readonly D?: boolean
  readonly changed?: boolean
  readonly full?: boolean
  readonly profile?: Profile
  readonly postfix?: string
  readonly f?: string
  readonly d?: boolean
  readonly k?: boolean
  readonly s?: boolean
  readonly json?: boolean
  readonly watch?: boolean
  readonly licenses?: boolean
  readonly test?: boolean
  readonly dns?: boolean
  readonly release?: string
  readonly shell?: Shell
  readonly ACTION?: string
  readonly until?: string
  readonly note?: string
  readonly remove?: string
}

/** What carries a command out; it returns the exit status. */
export const HANDLERS: Readonly<Record<CommandName, (options: Options) => number | Promise<number>>> = {
  check,
  async config(options) {
    const loaded = await loadConfig({ file: options.f, withOrigins: true, owners: trustedOwners() })
    process.stderr.write(renderFindings(loaded.findings.filter(({ severity }) => severity === 'error')))
    const { changed = false, json = false } = options
    const { text, status } = showConfiguration(loaded, { changed, json })
    process.stdout.write(text)
    return status
  },
  doctor: diagnose,
  lists,
  forgive: forgiveOne,
  why: async options => whyCommand(options, await loadTrusted(options)),
  explain: async options => explainCommand(options, await loadTrusted(options)),
  exempt: exemptOne,
  async prepare({ f }) {
    const { text, status } = await prepare({ file: f, owners: trustedOwners() })
    ;(status === EXIT_OK ? process.stdout : process.stderr).write(text)
    return status
  },
  defaults({ profile = 'modern', full: isFull = false }) {
    process.stdout.write(renderDefaults({ profile, isFull }))
    return EXIT_OK
  },
  start: options => controlDaemon(startDaemon, options),
  stop: options => controlDaemon(stopDaemon, options),
  restart: options => controlDaemon(restartDaemon, options),
  reload: options => controlDaemon(reloadDaemon, options),
  status: options => controlDaemon(showStatus, options),
  async unit({ f: file }) {
    const { config } = await loadConfig({ file, owners: trustedOwners() })
    const facts = { node: process.execPath, program: EXECUTABLE?.path ?? '', file, config }
    process.stderr.write(warnOfHomes(facts))
    process.stdout.write(renderUnit(SERVICE_UNIT, facts))
    return EXIT_OK
  },
  completion({ shell = 'bash' }) {
    process.stdout.write(renderCompletion(shell))
    return EXIT_OK
  },
}

async function check(options: Options): Promise<number> {
  const { text, status } = await runCheck(options, progress())
  process.stdout.write(text)
  return status
}

async function lists(options: Options): Promise<number> {
  const loaded = await loadTrusted(options)
  const { config } = loaded
  const { test = false, json = false, release } = options
  if (release !== undefined) {
    const why = actAsServiceUser({ ...config, LOGFILE: '', JOURNAL: '' })
    if (why !== undefined) return print(`${why}\n`, EXIT_NO_PERMISSION)
    const place = { directory: config.LOCKPATH, fileName: CACHE_FILE_NAME }
    const { text, status } = releaseQuarantine(release, config, place, loadNative(), loaded.path)
    return print(text, status)
  }
  process.stderr.write(renderFindings(loaded.findings.filter(({ severity }) => severity === 'error')))
  const cachePath = join(config.LOCKPATH, CACHE_FILE_NAME)
  const width = process.stdout.columns
  const { text, status } = await showLists({
    cachePath,
    path: loaded.path,
    config,
    test,
    json,
    width,
    progress: progress(),
    nowMs: Date.now,
  })
  process.stdout.write(text)
  return status
}

async function forgiveOne(options: Options): Promise<number> {
  const { config, path } = await loadTrusted(options)
  const why = actAsServiceUser({ ...config, LOGFILE: '', JOURNAL: '' })
  if (why !== undefined) return print(`${why}\n`, EXIT_NO_PERMISSION)
  const place = { directory: config.LOCKPATH, fileName: CACHE_FILE_NAME }
  const { text, status } = forgive(options.WHO ?? '', config, place, loadNative(), path)
  return print(text, status)
}

async function exemptOne(options: Options): Promise<number> {
  const loaded = await loadTrusted(options)
  process.stderr.write(renderFindings(loaded.findings.filter(({ severity }) => severity === 'error')))
  const { WHO: who, ACTION: action, until, note, remove, json } = options
  const width = process.stdout.columns
  const surroundings = { loaded, native: loadNative(), nowMs: Date.now(), width }
  const { text, status } = exempt({ who, action, until, note, remove, json }, surroundings)
  return print(text, status)
}

/** On a terminal, and not among what is read by a program. */
function progress(): ((text: string) => void) | undefined {
  return process.stderr.isTTY ? line => process.stderr.write(line) : undefined
}

async function diagnose({ f, json, postfix }: Options): Promise<number> {
  const { text, status } = await examine({
    postfixDirectory: postfix,
    json: json ?? false,
    load: file => loadConfig({ file: f ?? file, withOrigins: true, owners: trustedOwners() }),
    native: loadNative(),
    cacheFileName: CACHE_FILE_NAME,
    progress: progress(),
  })
  process.stdout.write(text)
  return status
}

type DaemonCommand = (request: DaemonRequest) => Promise<DaemonOutcome>

async function controlDaemon(run: DaemonCommand, options: Options): Promise<number> {
  const loaded = await loadTrusted(options)
  process.stderr.write(renderFindings(loaded.findings.filter(({ severity }) => severity === 'error')))
  try {
    const { f: file, d: isDebug = false, D: isForeground = false, json: isJson = false } = options
    const request: DaemonRequest = { loaded, file, isDebug, isForeground, isJson }
    const { text, status } = await run(request)
    process.stdout.write(text)
    // What still runs in the foreground would keep the process alive.
    if (status !== EXIT_OK || isForeground || isDebug) process.exit(status)
    return status
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error
    return print(`${error.message}\n`, error.status)
  }
}

/** Ends the process if root must not do what the configuration says; what it says is then not known. */
export async function loadTrusted({ f: file }: Options): Promise<LoadedConfig> {
  const loaded = await loadConfig({ file, owners: trustedOwners() })
  if (!loaded.findings.some(({ code }) => code === 'file-owner')) return loaded
  process.stderr.write(`${renderFindings(loaded.findings)}policyd-weight: nothing was done\n`)
  process.exit(EXIT_CONFIG)
}
