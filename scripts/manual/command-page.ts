/**
 * The manual page policyd-weight(8).
 *
 *   src/cli/commands.ts, master.cf.example → roff
 *
 * What the commands and options do is said once, in their table; what an administrator puts into Postfix is taken from
 * master.cf.example, so the page says what the files say.
 *
 * Pure; a master.cf.example without its service is an exception, and there is no page.
 */
import { COMMANDS, type Command, EXAMPLES, EXIT_STATUSES } from '../../src/cli/commands.ts'
import { HELP, OPTIONS, type Option, VERSION } from '../../src/cli/options.ts'
import { bold, entry, example, italic, line, section, title } from './roff.ts'

/** What a page cannot know. */
export interface Edition {
  readonly version: string
  /** `2026-01-02`. */
  readonly date: string
}

/** The whole page. `masterCf` is the text of master.cf.example. */
export function renderCommandPage({ version, date }: Edition, masterCf: string): string {
  return [
    title('policyd-weight', 8, date, version, 'System Administration'),
    section('Name'),
    'policyd\\-weight \\- weighted policy server for Postfix\n',
    section('Synopsis'),
    `${bold('policyd-weight')} [${bold('-f')} ${italic('FILE')}] [${italic('COMMAND')}]\n`,
    section('Description'),
    line(
      "Before the body of a mail is accepted, policyd-weight scores the client: DNS block lists, the envelope sender and the HELO name against DNS, the client's address. It answers Postfix accept, defer or reject. No single clue rejects a mail, unless it is a listing about this very client or domain, and nothing that breaks on its side does.",
    ),
    '.PP\n',
    line(
      'Without a command it answers policy requests on standard input until end of file, which is how spawn(8) of Postfix starts it.',
    ),
    section('Commands'),
    ...COMMANDS.map((command: Command) => entry(termOfCommand(command), sentences(command))),
    section('Options'),
    ...[...OPTIONS, HELP, VERSION].map(option => entry(termOf(option), sentences(option))),
    section('Postfix'),
    line('In master.cf:'),
    example(serviceOf(masterCf)),
    '.PP\n',
    line('In main.cf, last and behind reject_unauth_destination:'),
    example(
      'smtpd_recipient_restrictions =\n    permit_mynetworks,\n    permit_sasl_authenticated,\n    reject_unauth_destination,\n    check_policy_service unix:private/policy\npolicy_time_limit = 3600',
    ),
    section('Exit status'),
    ...EXIT_STATUSES.map(([status, meaning]) => entry(bold(String(status)), line(meaning))),
    section('Files'),
    ...FILES.map(([path, meaning]) => entry(italic(path), line(meaning))),
    section('Examples'),
    ...EXAMPLES.map(([command, purpose]) => entry(bold(command), line(withCapital(purpose)))),
    section('See also'),
    `${bold('policyd-weight.conf')}(5), ${bold('spawn')}(8), ${bold('master')}(5), ${bold('postconf')}(5)\n`,
  ].join('')
}

const FILES = [
  ['/etc/policyd-weight.conf', 'The configuration; without it the built-in defaults serve.'],
  ['/etc/postfix/policyd-weight.cf', 'Read if that is not there, and after it /usr/local/etc/policyd-weight.conf.'],
  [
    '/run/policyd-weight/policyd-weight.cache',
    'What is remembered, and the counters; all processes share it. policyd-weight -k empties it.',
  ],
  ['/run/policyd-weight/policyd-weight.cache.debug', 'The cache of -d.'],
  ['policyd-weight.*.cache, *.node, *.kept', 'Beside the program, *.kept also there: quick starts. May be removed.'],
] as const

/** `forgive WHO`, `exempt [WHO] [ACTION]`. */
function termOfCommand({ name, arguments: words = [] }: Command): string {
  const behind = words.map(({ name, isOptional }) => (isOptional ? `[${italic(name)}]` : italic(name)))
  return [bold(name), ...behind].join(' ')
}

/** `-f FILE`, `--json`. */
function termOf({ name, argument }: Option): string {
  const dashes = name.length === 1 ? '-' : '--'
  return argument === undefined ? bold(`${dashes}${name}`) : `${bold(`${dashes}${name}`)} ${italic(argument)}`
}

function sentences({ summary, manual }: { readonly summary: string; readonly manual?: string }): string {
  return line([`${withCapital(summary)}.`, ...(manual === undefined ? [] : [manual])].join(' '))
}

function withCapital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The lines of master.cf.example that are no comments. */
function serviceOf(masterCf: string): string {
  const lines = masterCf.split('\n').filter(text => text !== '' && !text.startsWith('#'))
  if (lines.length === 0) throw new Error('master.cf.example has no service')
  return lines.join('\n')
}
