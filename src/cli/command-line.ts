/**
 * The command line.
 *
 * Loaded only when the executable was started with more than `-f FILE`; yargs and everything else here never comes
 * near a request of Postfix. Each command is a file of its own, and commands.ts describes them; this one hands them to
 * yargs, and turns what they return into the exit status.
 *
 * Exit statuses (sysexits.h): 0, 64 wrong usage, 69 not available, 70 a fault of ours, 73 cannot be changed, 75 trouble
 * while serving, 77 not permitted, 78 configuration; of doctor 0, 1 warnings, 2 errors.
 * Failure: a message on standard error, with the remedy.
 */
import { join } from 'node:path'
import { isatty } from 'node:tty'
import yargs, { type Argv } from 'yargs'
import { loadConfig } from '../config/load.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import { DaemonError } from '../daemon/daemon-error.ts'
import { runWorker } from '../daemon/worker.ts'
import { WORKER_ARGUMENT } from '../daemon/worker-pool.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { EXIT_CONFIG, EXIT_NO_PERMISSION, EXIT_OK, EXIT_USAGE } from '../system/exit-status.ts'
import { hintAtTerminal } from '../boot/hint.ts'
import { warning } from '../log/event.ts'
import { Log } from '../log/log.ts'
import { loadNative } from '../system/native/native.ts'
import { CACHE_FILE_NAME, nativeOnce, serve } from '../serve.ts'
import { VERSION as PROGRAM_VERSION } from '../policy/version.ts'
import { actAsServiceUser, trustedOwners } from './rights/act-as.ts'
import { withCacheOfOwn } from './cache/cache-of-debug.ts'
import { renderFindings } from './check.ts'
import { releaseQuarantine } from './lists/release-list.ts'
import { showLists } from './lists/show-lists.ts'
import { runCheck } from './run-check.ts'
import { forgive } from './cache/forgive.ts'
import { COMMANDS, synopsisOf, type Command, type CommandName, EXAMPLES, HELP, OPTIONS, VERSION } from './commands.ts'
import { renderCompletion, type Shell } from './completion.ts'
import { type DaemonOutcome, type DaemonRequest, DEBUG_CACHE_FILE_NAME } from './daemon/daemon-control.ts'
import { renderDefaults } from './defaults.ts'
import { examine } from './doctor/doctor.ts'
import { explainer } from '../explain.ts'
import { describeOddOptions, type GivenOptions, isOdd, withoutSecondStart } from './odd-options.ts'
import { print, watchOutput } from './output.ts'
import { showOrEmpty } from './show-or-empty.ts'
import { prepare } from './prepare.ts'
import { reloadDaemon } from './daemon/reload.ts'
import { restartDaemon } from './daemon/restart.ts'
import { renderUnit, warnOfHomes } from './daemon/service-unit.ts'
import { showConfiguration } from './show-config.ts'
import { startDaemon } from './daemon/start.ts'
import { showStatus } from './daemon/status.ts'
import { stopDaemon } from './daemon/stop.ts'
import type { Profile } from '../config/profile.ts'

/** Put here by the build. */
declare const THIRD_PARTY_NOTICES: string
declare const SERVICE_UNIT: string

const USAGE = 'Usage: policyd-weight [-f FILE] [COMMAND]; try: policyd-weight -h\n'

/** What carries a command out; it returns the exit status. */
const HANDLERS: Readonly<Record<CommandName, (options: Options) => number | Promise<number>>> = {
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

// Not Node's inspector, which listens for every user of this machine. (addon.c says what does this where Postfix calls.)
// Where start.ts has loaded that, it is done.
if (EXECUTABLE?.native === undefined) process.on('SIGUSR1', () => {})
if (process.argv[2] === WORKER_ARGUMENT) runWorker()
else void parse(withoutSecondStart(process.argv.slice(2)))

async function parse(args: readonly string[]): Promise<void> {
  watchOutput(args)
  const parser = yargs([...args])
    .scriptName('policyd-weight')
    .locale('en')
    // The last of each counts.
    .parserConfiguration({ 'duplicate-arguments-array': false })
    .usage(
      '$0 [-f FILE] [COMMAND]\n\nWithout a command: answers Postfix policy requests on standard input, until end of file.',
    )
    .command('$0', false, implyShow, async options => {
      process.exitCode = await serveOrExplain(options as Options)
    })
  for (const { name, arguments: words = [], summary } of COMMANDS as readonly (Command & {
    readonly name: CommandName
  })[]) {
    const build = (command: Argv): Argv => {
      for (const option of OPTIONS) if (isOdd(option, name)) command.hide(option.name)
      for (const { name, choices, isOptional } of words)
        command.positional(name, {
          type: 'string',
          ...(choices && { choices }),
          ...(isOptional ? {} : { demandOption: true }),
        })
      return command
    }
    parser.command([name, ...words.map(synopsisOf)].join(' '), summary, build, async options => {
      const odd = describeOddOptions(options, name)
      process.exitCode = odd ? print(`${odd}\n${USAGE}`, EXIT_USAGE) : await HANDLERS[name](options as Options)
    })
  }
  for (const { name, argument, choices, summary, implies, conflicts } of OPTIONS)
    parser.option(name, {
      ...(argument === undefined ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
      ...(choices && { choices }),
      ...(implies !== undefined && { implies }),
      ...(conflicts !== undefined && { conflicts }),
      describe: summary,
    })
  await parser
    .example(EXAMPLES)
    .strict()
    .help(HELP.name, HELP.summary)
    .alias('h', 'help')
    .version(VERSION.name, VERSION.summary, `policyd-weight ${PROGRAM_VERSION}, Node ${process.version}`)
    .alias('v', 'version')
    .epilogue('Configuration: /etc/policyd-weight.conf. All parameters with their meaning: policyd-weight defaults.')
    .fail((message, error) => {
      // YError: the arguments cannot be parsed. Anything else is a fault of a command.
      if (error && error.name !== 'YError') throw error
      process.stderr.write(`policyd-weight: ${message}\n${USAGE}`)
      process.exit(EXIT_USAGE)
    })
    .parseAsync()
}

/** `--json` also belongs to commands, so it asks for `-s` only where there is none. */
function implyShow(options: Argv): Argv {
  return options.implies('json', 's')
}

interface Options extends GivenOptions {
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
}

async function serveOrExplain(options: Options): Promise<number> {
  if (options.licenses) {
    process.stdout.write(THIRD_PARTY_NOTICES)
    return EXIT_OK
  }
  const odd = describeOddOptions(options)
  if (odd !== undefined && (options.k || options.s || isatty(0))) return print(`${odd}\n${USAGE}`, EXIT_USAGE)
  const loaded = await loadTrusted(options)
  if (options.k || options.s) return showOrEmpty(options, loaded)
  loaded.keep?.()
  const why = actAsServiceUser(loaded.config)
  if (why !== undefined) print(`${why}\nCache and log of that user are left alone.\n`, EXIT_NO_PERMISSION)
  const native = nativeOnce()
  hintAtTerminal()
  if (options.d) {
    // What is only tried is no decision.
    const config = { ...withCacheOfOwn(loaded.config, why === undefined), JOURNAL: '' }
    return serve({ ...loaded, config }, { native, ...explainer(config), cacheFileName: DEBUG_CACHE_FILE_NAME })
  }
  const config =
    why === undefined ? loaded.config : { ...loaded.config, CACHESIZE: 0, POSCACHESIZE: 0, LOGFILE: '', JOURNAL: '' }
  if (odd !== undefined) {
    const log = new Log(config, native)
    log.add(warning(`${odd}, and is ignored; correct the command in master.cf`))
    await log.flush()
  }
  return serve({ ...loaded, config }, { native })
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
    const why = actAsServiceUser({ ...config, LOGFILE: '' })
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
  const { config } = await loadTrusted(options)
  const why = actAsServiceUser({ ...config, LOGFILE: '' })
  if (why !== undefined) return print(`${why}\n`, EXIT_NO_PERMISSION)
  const place = { directory: config.LOCKPATH, fileName: CACHE_FILE_NAME }
  const { text, status } = forgive(options.WHO ?? '', config, place, loadNative())
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

/** Ends the process if root must not do what the configuration says; what it says is then not known. */
async function loadTrusted({ f: file }: Options): Promise<LoadedConfig> {
  const loaded = await loadConfig({ file, owners: trustedOwners() })
  if (!loaded.findings.some(({ code }) => code === 'file-owner')) return loaded
  process.stderr.write(`${renderFindings(loaded.findings)}policyd-weight: nothing was done\n`)
  process.exit(EXIT_CONFIG)
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
