/**
 * The commands and options, and what is said of them.
 *
 *   commands.ts → command-line.ts, which hands them to yargs for `-h` and to handlers.ts
 *               → the manual page policyd-weight(8)
 *
 * A new command is a row here and a handler in handlers.ts; the compiler asks for the one when the other is there.
 *
 * Data, and how an argument is shown.
 */

/** A row of `policyd-weight -h`, and a paragraph of the manual page. */
interface Described {
  /** A line, without a capital and a full stop. */
  readonly summary: string
  /** What else the manual page says: sentences. */
  readonly manual?: string
}

export interface Command extends Described {
  readonly name: string
  /** What stands behind it, word by word. */
  readonly arguments?: readonly Argument[]
}

/** A word behind a command. An optional one has only such behind it. */
export interface Argument {
  readonly name: string
  /** All that may stand there; absent: anything. */
  readonly choices?: readonly string[]
  readonly isOptional?: true
}

export interface Option extends Described {
  /** A single letter has one dash in front, a word two. */
  readonly name: string
  /** The word for what stands behind it: `FILE`; an option without is a switch. */
  readonly argument?: string
  /** All that may stand there. */
  readonly choices?: readonly string[]
  /** The commands with which it means something; absent: all. */
  readonly commands?: readonly CommandName[]
  /** It means nothing without a command. */
  readonly needsCommand?: true
  /** The option without which it means nothing. */
  readonly implies?: string
  readonly conflicts?: string
}

export const COMMANDS = [
  {
    name: 'check',
    summary: 'read the configuration and report what is wrong with it',
    manual:
      'A line for each finding: file, line and column. Lists that have died, lines that version 0.1.15 did not use, a cache that the service cannot use, and a file that a group may write, are warnings. Changes nothing. Ends with status 78 if the file has an error: a value or statement that is not used, or a file that is not.',
  },
  {
    name: 'config',
    summary: 'print the configuration that serves, and which line of the file sets what',
    manual:
      'A configuration file again, with a comment behind what the file sets; with --changed only what differs from the defaults, as postconf -n does it. A key out of a file ($DQS_KEY_FILE) is not printed, one that is written into the name of a list is. Ends with status 78 if the file has an error: what serves is not what it says then.',
  },
  {
    name: 'doctor',
    summary: 'look at Postfix, DNS and this program together, and say what to change',
    manual:
      "Reads Postfix's configuration with postconf(1), asks the name servers and the lists, and tries the daemon if Postfix does. Each finding comes with the command or the line that puts it right. Changes nothing. Ends with status 1 if there are warnings, 2 if there are errors.",
  },
  {
    name: 'lists',
    summary: 'show every list in use: its state, what it answers, and what it is asked beside what is allowed',
    manual:
      'A line each: what it is asked about, whether it is asked at present, how many packets it was sent today and what share of lookups it answered how, its latency, the limit its operator publishes, its last probe, and how old our facts are. With --test each is asked now for its test entries, as doctor does. --release HOST ends a quarantine. Ends as doctor: with 1 if there are warnings, 2 if there are errors.',
  },
  {
    name: 'forgive',
    arguments: [{ name: 'WHO' }],
    summary: 'forget what is remembered of a client, a sender or the mail of a reference, and say what that was',
    manual:
      'WHO is the address of a client, of IPv6 any in a remembered network; an envelope sender, or @DOMAIN for all of a domain; or the reference at the end of a refusal, which stands for its client. Refusals, acceptances and what other recipients of a mail were answered are forgotten, by all processes at once: the next mail is scored afresh. Ends with status 69 if nothing was remembered.',
  },
  {
    name: 'prepare',
    summary: 'compile everything and read the configuration once, so that each start takes less time',
    manual:
      'Writes compiled code, the native part and what the configuration says beside the executable; to be run as root. Not necessary. To be repeated when Node.js is updated, which the Debian package does by itself; a configuration that changes is kept anew by whoever reads it.',
  },
  {
    name: 'defaults',
    summary: 'print a complete, commented configuration with its defaults',
    manual:
      "$PROFILE = 'modern' and, commented out, every parameter with its value there. With --profile classic, those of the reference; with --full, everything written out.",
  },
  {
    name: 'start',
    summary: 'start the daemon; with -D it stays in the foreground',
    manual:
      'It listens on $BIND_ADDRESS:$TCP_PORT, and on $SOCKET if that is set, or takes the sockets that systemd(1) hands over. It binds as root and then becomes $USER. Root and $USER may start it, and with -d anybody, for a daemon of his own, with a cache and a pid file of its own.',
  },
  { name: 'stop', summary: 'stop the daemon when it has answered what was asked' },
  {
    name: 'restart',
    summary: 'start another daemon in the place of the one that runs',
    manual:
      'The new one takes over the sockets and answers before the old one ends. If it cannot be started, or the configuration has an error, the old one goes on. A daemon of systemd(1) is restarted by that.',
  },
  {
    name: 'reload',
    summary: 'have the daemon read its configuration again',
    manual: 'A configuration with an error is not read: the daemon goes on with the one it has.',
  },
  {
    name: 'status',
    summary: 'say whether the daemon runs and answers',
    manual:
      'And, to who may look into its processes and the cache, how its workers fare, which name servers do not answer, which lists are in quarantine and what was answered so far. Ends with status 69 if it does not run, or something else answers.',
  },
  {
    name: 'unit',
    summary: 'print a systemd unit for the daemon, where no package has brought one',
    manual:
      'It starts the Node.js and the program that print it, with the file of -f, as the $USER of the configuration: policyd-weight unit > /etc/systemd/system/policyd-weight.service.',
  },
  {
    name: 'completion',
    arguments: [{ name: 'shell', choices: ['bash', 'zsh', 'fish'] }],
    summary: 'print what a shell needs to complete commands and options: bash, zsh or fish',
    manual:
      'The Debian package has installed it. By hand: source <(policyd-weight completion bash), the same in zsh, behind compinit, and policyd-weight completion fish | source.',
  },
] as const satisfies readonly Command[]

export type CommandName = (typeof COMMANDS)[number]['name']

/** `<WHO>`, `[ACTION]`. */
export function synopsisOf({ name, isOptional }: Argument): string {
  return isOptional ? `[${name}]` : `<${name}>`
}

/** Besides -h and -v, which yargs knows itself. */
export const OPTIONS: readonly Option[] = [
  { name: 'f', argument: 'FILE', summary: 'read this configuration FILE and no other' },
  {
    name: 'd',
    commands: ['start', 'stop', 'restart', 'reload', 'status'],
    summary:
      'explain: print each lookup and each rule before the answer; with start and the like: a daemon of your own, in the foreground',
    manual:
      'It has a cache of its own, so nothing that is tried out changes what Postfix is answered, and prints what would be logged. Root becomes $USER first; who may not write to $LOCKPATH has a cache that ends with the process. A request may lack its line request=.',
  },
  {
    name: 'D',
    commands: ['start', 'restart'],
    needsCommand: true,
    summary: 'with start: stay in the foreground',
  },
  { name: 's', commands: [], summary: 'show what the cache holds; with -d, the cache of -d' },
  {
    name: 'json',
    commands: ['check', 'config', 'doctor', 'lists', 'status'],
    summary: 'with -s, check, config, doctor, lists or status: as JSON, for programs',
  },
  {
    name: 'test',
    commands: ['lists'],
    needsCommand: true,
    summary: 'with lists: ask the name servers and the lists now',
  },
  {
    name: 'release',
    commands: ['lists'],
    needsCommand: true,
    argument: 'HOST',
    summary: 'with lists: end the quarantine of this list',
    manual:
      'For all processes at once. The next probe that finds it guilty puts it back. Ends with status 69 if it is not in quarantine.',
    conflicts: 'test',
  },
  {
    name: 'dns',
    commands: ['check'],
    needsCommand: true,
    summary: 'with check: ask the name servers and the lists, too',
  },
  { name: 'full', commands: ['defaults'], needsCommand: true, summary: 'with defaults: nothing commented out' },
  {
    name: 'profile',
    argument: 'NAME',
    choices: ['classic', 'modern'],
    commands: ['defaults'],
    needsCommand: true,
    summary: 'with defaults: of this profile, classic or modern',
  },
  {
    name: 'changed',
    commands: ['config'],
    needsCommand: true,
    summary: 'with config: only what differs from the defaults',
  },
  { name: 'watch', commands: [], implies: 's', summary: 'with -s: again every second, until interrupted' },
  {
    name: 'k',
    // The original's `-k stop` ends its cache process, too.
    commands: ['stop'],
    conflicts: 's',
    summary: 'empty the cache; with -d, the cache of -d',
    manual: 'Running processes notice at once. The counters go on.',
  },
  {
    name: 'postfix',
    commands: ['doctor'],
    needsCommand: true,
    argument: 'DIRECTORY',
    summary: "with doctor: Postfix's configuration directory",
  },
  { name: 'licenses', commands: [], summary: 'print the licences of the packages inside' },
]

/** What yargs says of its own two. */
export const HELP: Option = { name: 'h', summary: 'show this help' }
export const VERSION: Option = { name: 'v', summary: 'show the versions of policyd-weight and Node.js' }

/** What a command ends with (sysexits.h). */
export const EXIT_STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'All is well; warnings do not count, except those of doctor and lists.'],
  [1, 'doctor or lists has warnings.'],
  [2, 'doctor or lists has errors.'],
  [64, 'Wrong usage.'],
  [69, 'What is asked for is not there.'],
  [70, 'A fault of the program; the log has it.'],
  [73, 'A file cannot be written or removed.'],
  [75, 'Trouble while serving: the request at hand was not answered, and Postfix tries again.'],
  [77, 'Not permitted.'],
  [78, 'The configuration has an error.'],
]

export const EXAMPLES: readonly [command: string, purpose: string][] = [
  ['policyd-weight check', 'is the configuration in order?'],
  ['policyd-weight defaults > /etc/policyd-weight.conf', 'begin with the defaults that fit the mail of today'],
  ['policyd-weight config --changed', 'what is not as the defaults are, and where is it set?'],
  ['policyd-weight -d < request', 'what would be answered, and why?'],
  ['policyd-weight -s', 'whom does the cache know?'],
  ['policyd-weight forgive 203.0.113.9', 'forget that this client was refused'],
  ['policyd-weight lists --test', 'do the lists work, and are they asked more than is allowed?'],
]
