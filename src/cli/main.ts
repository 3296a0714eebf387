/**
 * The command line.
 *
 * Loaded only when the executable was started with more than `-f FILE`; yargs and everything else here never comes
 * near a request of Postfix. Each command is a file of its own; this one names them and their options, and turns
 * what they return into the exit status.
 *
 * Exit statuses (sysexits.h): 0, 64 wrong usage, 69 not available, 75 trouble while serving, 78 configuration.
 * Failure: a message on standard error, with the remedy.
 */
import yargs from 'yargs'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { CACHE_FILE_NAME, EXIT_OK, serve } from '../serve.ts'
import { checkConfiguration } from './check.ts'
import { renderDefaults } from './defaults.ts'
import { explain } from './explain.ts'

/** Put here by the build. */
declare const POLICYD_WEIGHT_VERSION: string
declare const THIRD_PARTY_NOTICES: string

const EXIT_USAGE = 64
const EXIT_UNAVAILABLE = 69

const NOT_YET = {
  start: 'start the daemon',
  stop: 'stop the daemon',
  restart: 'stop the daemon, then start it',
  reload: 'have the daemon read its configuration again',
} as const

void parse(process.argv.slice(2))

async function parse(args: readonly string[]): Promise<void> {
  const parser = yargs([...args])
    .scriptName('policyd-weight')
    .locale('en')
    .usage(
      '$0 [-f FILE] [COMMAND]\n\nWithout a command: answers Postfix policy requests on standard input, until end of file.',
    )
    .command('$0', false, {}, async options => {
      process.exitCode = await serveOrExplain(options as Options)
    })
    .command('check', 'read the configuration and report what is wrong with it', {}, async options => {
      process.exitCode = await check(options as Options)
    })
    .command('defaults', 'print a complete, commented configuration with its defaults', {}, () => {
      process.stdout.write(renderDefaults())
    })
  for (const [command, description] of Object.entries(NOT_YET))
    parser.command(command, `${description} (not yet)`, {}, () => {
      process.exitCode = sayNotYet(command)
    })
  await parser
    .option('f', {
      type: 'string',
      requiresArg: true,
      global: true,
      describe: 'read this configuration FILE and no other',
    })
    .option('d', { type: 'boolean', describe: 'explain: print each lookup and each rule before the answer' })
    .option('k', { type: 'boolean', describe: 'empty the cache (not yet)' })
    .option('s', { type: 'boolean', describe: 'show the cache (not yet)' })
    .option('licenses', { type: 'boolean', describe: 'print the licences of the packages inside' })
    .strict()
    .help('h')
    .alias('h', 'help')
    .version(`policyd-weight ${POLICYD_WEIGHT_VERSION}, Node ${process.version}`)
    .alias('v', 'version')
    .example('$0 check', 'is the configuration in order?')
    .example('$0 -d < request', 'what would be answered, and why?')
    .epilogue('Configuration: /etc/policyd-weight.conf. All parameters with their meaning: policyd-weight defaults.')
    .fail((message, error) => {
      if (error) throw error
      process.stderr.write(`policyd-weight: ${message}\nTry: policyd-weight -h\n`)
      process.exit(EXIT_USAGE)
    })
    .parseAsync()
}

interface Options {
  readonly f?: string
  readonly d?: boolean
  readonly k?: boolean
  readonly s?: boolean
  readonly licenses?: boolean
}

async function serveOrExplain(options: Options): Promise<number> {
  if (options.licenses) {
    process.stdout.write(THIRD_PARTY_NOTICES)
    return EXIT_OK
  }
  if (options.k || options.s) return sayNotYet(options.k ? '-k' : '-s')
  const loaded = await load(options)
  // A cache of its own: trying things out changes nothing for the mail that is served.
  return serve(loaded, options.d ? { report: explain, cacheFileName: `${CACHE_FILE_NAME}.debug` } : {})
}

async function check(options: Options): Promise<number> {
  const { text, status } = checkConfiguration(await load(options, true))
  process.stdout.write(text)
  return status
}

function load(options: Options, withOrigins = false): Promise<LoadedConfig> {
  return loadConfig({ file: options.f, searchWorkingDirectory: true, withOrigins })
}

function sayNotYet(what: string): number {
  process.stderr.write(`policyd-weight: ${what}: not yet\n`)
  return EXIT_UNAVAILABLE
}
