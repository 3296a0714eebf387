/**
 * The commands, and what is said of them; the options are in options.ts.
 *
 *   commands.ts → command-line.ts, which hands them to yargs for `-h` and to handlers.ts
 *               → the manual page policyd-weight(8)
 *
 * A new command is a row here and a handler in handlers.ts; the compiler asks for the one when the other is there.
 *
 * Data, and how an argument is shown.
 */

/** A row of `policyd-weight -h`, and a paragraph of the manual page. */
export interface Described {
  /** A line, without a capital and a full stop. */
  readonly summary: string
  /** What else the manual page says: sentences. */
  readonly manual?: string
}

export interface Command extends Described {
  readonly name: string
  /** What stands behind it, word by word. */
  readonly arguments?: readonly Argument[]
  /** What its own help shows of it. */
  readonly examples?: readonly (readonly [command: string, purpose: string])[]
}

/** A word behind a command. An optional one has only such behind it. */
export interface Argument {
  readonly name: string
  /** All that may stand there; absent: anything. */
  readonly choices?: readonly string[]
  readonly isOptional?: true
  /** One or several; the last one. */
  readonly isMany?: true
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
      'WHO is the address of a client, of IPv6 any in a remembered network; an envelope sender, or a domain for all of its senders; or the reference at the end of a refusal, which stands for its client. Refusals, acceptances and what other recipients of a mail were answered are forgotten, by all processes at once: the next mail is scored afresh. Ends with status 69 if nothing was remembered.',
    examples: [
      ['policyd-weight forgive 7QK2M0XN4B', 'the client of the refusal that ended in "ref 7QK2M0XN4B"'],
      ['policyd-weight forgive 203.0.113.9', 'that client'],
      ['policyd-weight forgive alice@example.org', 'what was answered to mail from her'],
      ['policyd-weight forgive example.org', 'the same of whoever in that domain'],
    ],
  },
  {
    name: 'why',
    arguments: [{ name: 'WORD', isMany: true, isOptional: true }],
    summary: 'look up why a mail was refused, deferred or accepted, and what would let it in',
    manual:
      'WORD is the reference of a refusal (its last ten characters; the whole text does as well), a client address or network, a sender, a recipient (info@ for whatever domain, @example.org for whoever in it), a HELO name, a client name, a domain, or a list of the configuration (its host or label), for the mail in whose score it counted; of several words all have to fit. Without a word the last refusals and deferrals are listed, and with $DRY_RUN what would have been one. Several decisions are listed, the newest first, and the newest refusal is explained: what was asked and answered, each rule, which single clue would have changed the verdict, where the sender can be taken off a list, and the commands that would let it in. Reads the journal ($JOURNAL), two days of it unless --since says otherwise; without one the mail log, which has less to say; with --log all of that file. Ends with status 69 if nothing is found.',
    examples: [
      ['policyd-weight why', 'what was refused in the last two days'],
      ['policyd-weight why 7QK2M0XN4B', 'the refusal that ended in "ref 7QK2M0XN4B"'],
      ['policyd-weight why 203.0.113.9 info@', 'mail from 203.0.113.9 to info@, of the last two days'],
      ['policyd-weight why alice@example.org --since 7d', 'mail from or to her, of a week'],
      ['policyd-weight why mail.example.org --since 2026-01-31', 'of a client or HELO name, from that day on'],
      ['policyd-weight why zen.spamhaus.org info@', 'mail to info@ that this list spoke against'],
      ['policyd-weight why 203.0.113.9 --log /var/log/mail.log.1', 'from that log, all of it'],
    ],
  },
  {
    name: 'explain',
    summary: 'say what a mail would be answered, and why, before it comes',
    manual:
      'Looks everything up now, as for a mail of --client, --helo and --sender, or for a policy request on standard input, and shows the page that why shows. Writes and remembers nothing; what the cache remembers of the client is told. Where there is an exception, it says what would be answered with it, and what without. Without --name the client name is looked up as Postfix does.',
    examples: [
      [
        'policyd-weight explain --client 203.0.113.9 --helo mail.example.org --sender a@example.org',
        'would that be let in?',
      ],
      ['policyd-weight explain < request', 'the same for a policy request'],
    ],
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
    name: 'exempt',
    arguments: [
      { name: 'WHO', isOptional: true },
      { name: 'ACTION', isOptional: true },
    ],
    summary: 'let mail pass that the rules are wrong about: add an exception, or list them all',
    manual:
      'WHO is an address, a network, a confirmed name, a domain with all below (.example.org), helo:NAME, sender:USER@DOMAIN, recipient:USER@DOMAIN or one of their domains; docs/exceptions.md has more. ACTION is ACCEPT (scored, and accepted all the same; the default), SKIP (not scored) or DRY (never refused, the header says what would have been). The line is put into the file $EXCEPTIONS and counts from the next mail on. Where there is one for the same WHO, what is not named stays as it was: ACTION, --until (never takes it away) and --note (an empty one takes it away); what was changed is said. Without WHO: every exception, until when it counts, how often it was used and when last. Ends with status 64 if WHO or ACTION is none, and with 69 if what is to be removed is not there.',
    examples: [
      ["policyd-weight exempt 192.0.2.7 --until 30d --note 'ticket 4711'", 'let that client in for a month'],
      [
        'policyd-weight exempt sender:.partner.example --until 30d',
        'all mail of that domain, if it comes from where theirs does',
      ],
      ['policyd-weight exempt .mail.example.org', 'clients whose confirmed name ends so'],
      [
        'policyd-weight exempt recipient:.test.example.net DRY',
        'refuse nothing there, and say in the header what would be',
      ],
      ['policyd-weight exempt', 'what there is, and how often it was used'],
      ['policyd-weight exempt --remove 192.0.2.7', 'take it away'],
    ],
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

/** `<WHO>`, `[ACTION]`, `<WORD..>`. */
export function synopsisOf({ name, isOptional, isMany }: Argument): string {
  const word = isMany ? `${name}..` : name
  return isOptional ? `[${word}]` : `<${word}>`
}

/** What a command ends with (sysexits.h). */
export const EXIT_STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [0, 'All is well; warnings do not count, except those of doctor and lists.'],
  [1, 'doctor or lists has warnings.'],
  [2, 'doctor or lists has errors.'],
  [64, 'Wrong usage.'],
  [
    69,
    'What is asked for is not there: why finds nothing, forgive nothing remembered, exempt --remove no exception, lists --release no quarantine, status no daemon.',
  ],
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
  ['policyd-weight why 203.0.113.9', 'why was that client refused, and what would let it in?'],
  ['policyd-weight -s', 'whom does the cache know?'],
  ['policyd-weight forgive 203.0.113.9', 'forget that this client was refused'],
  ['policyd-weight exempt 203.0.113.9', 'let it in, whatever speaks against it'],
  ['policyd-weight lists --test', 'do the lists work, and are they asked more than is allowed?'],
]
