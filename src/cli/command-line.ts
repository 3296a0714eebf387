/**
 * The command line.
 *
 * Loaded only when the executable was started with more than `-f FILE`; yargs and everything else here never comes
 * near a request of Postfix. Each command is a file of its own, commands.ts describes them, and handlers.ts carries them out; this
 * one hands them to yargs, and turns what they return into the exit status.
 *
 * Exit statuses (sysexits.h): 0, 64 wrong usage, 69 not available, 70 a fault of ours, 73 cannot be changed, 75 trouble
 * while serving, 77 not permitted, 78 configuration; of doctor 0, 1 warnings, 2 errors.
 * Failure: a message on standard error, with the remedy.
 */
import './work-directory.ts'
import { isatty } from 'node:tty'
import yargs, { type Argv } from 'yargs'
import { runWorker } from '../daemon/worker.ts'
import { WORKER_ARGUMENT } from '../daemon/worker-pool.ts'
import { EXECUTABLE } from '../system/executable.ts'
import { EXIT_NO_PERMISSION, EXIT_OK, EXIT_USAGE } from '../system/exit-status.ts'
import { hintAtTerminal } from '../boot/hint.ts'
import { warning } from '../log/event.ts'
import { Log } from '../log/log.ts'
import { nativeOnce, serve } from '../serve.ts'
import { VERSION as PROGRAM_VERSION } from '../policy/version.ts'
import { actAsServiceUser } from './rights/act-as.ts'
import { withCacheOfOwn } from './cache/cache-of-debug.ts'
import { COMMANDS, synopsisOf, type Command, type CommandName, EXAMPLES } from './commands.ts'
import { HELP, OPTIONS, VERSION } from './options.ts'
import { DEBUG_CACHE_FILE_NAME } from './daemon/daemon-control.ts'
import { explainer } from '../explain.ts'
import { HANDLERS, loadTrusted, type Options } from './handlers.ts'
import { describeOddOptions, isOdd, withoutSecondStart } from './odd-options.ts'
import { print, watchOutput } from './output.ts'
import { showOrEmpty } from './show-or-empty.ts'
import { describeUsageFault } from './usage-fault.ts'

/** Put here by the build. */
declare const THIRD_PARTY_NOTICES: string

const USAGE = 'Usage: policyd-weight [-f FILE] [COMMAND]; try: policyd-weight -h\n'

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
  for (const { name, arguments: words = [], summary, manual, examples } of COMMANDS as readonly (Command & {
    readonly name: CommandName
  })[]) {
    const build = (command: Argv): Argv => {
      for (const option of OPTIONS)
        if (isOdd(option, name)) command.hide(option.name)
        else command.describe(option.name, ofCommand(option))
      if (examples) command.example(examples.map(([line, purpose]) => [line, purpose])).epilogue(manual ?? '')
      for (const { name, choices, isOptional, isMany } of words) {
        command.positional(name, {
          type: 'string',
          ...(choices && { choices }),
          ...(isOptional ? {} : { demandOption: true }),
          ...(isMany && { array: true, default: undefined }),
        })
        // yargs takes several words for one that is said again, of which the last would count.
        if (isMany) command.parserConfiguration({ 'duplicate-arguments-array': true })
      }
      if (words.some(({ isMany }) => isMany)) for (const { name } of OPTIONS) command.coerce(name, lastOf)
      return command
    }
    parser.command([name, ...words.map(synopsisOf)].join(' '), summary, build, async options => {
      const odd = describeOddOptions(options, name)
      // A service that does not start has all mail deferred: the options of one may be years old.
      const isOfService = name === 'start' && !isatty(0)
      if (odd) print(`${odd}${isOfService ? ', and is ignored' : ''}\n${isOfService ? '' : USAGE}`, EXIT_USAGE)
      process.exitCode = odd && !isOfService ? EXIT_USAGE : await HANDLERS[name](options as Options)
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
      process.stderr.write(`policyd-weight: ${describeUsageFault(message, args)}`)
      process.exit(EXIT_USAGE)
    })
    .parseAsync()
}

/** What the help of a command says of an option: not with which commands it goes. */
function ofCommand({ summary }: { readonly summary: string }): string {
  return summary.replace(/^with [^:]*: /, '')
}

/** Of an option that is given twice the last counts. */
function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value
}

/** `--json` also belongs to commands, so it asks for `-s` only where there is none. */
function implyShow(options: Argv): Argv {
  return options.implies('json', 's')
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
