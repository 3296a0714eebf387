/**
 * The options, and what is said of them.
 *
 *   options.ts → command-line.ts, which hands them to yargs; odd-options.ts, completion.ts, the manual page policyd-weight(8)
 *
 * Data only.
 */
import type { CommandName, Described } from './commands.ts'

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
    commands: ['check', 'config', 'doctor', 'exempt', 'explain', 'lists', 'status', 'why'],
    summary: 'with -s, check, config, doctor, exempt, explain, lists, status or why: as JSON, for programs',
  },
  {
    name: 'since',
    argument: 'WHEN',
    commands: ['why'],
    needsCommand: true,
    summary: 'with why: how far back, 90m, 12h, 7d or 2026-01-31; else two days, for a reference two weeks',
  },
  {
    name: 'log',
    argument: 'FILE',
    commands: ['why'],
    needsCommand: true,
    summary:
      'with why: read this mail log or copy of a journal, also compressed; all of it, unless --since says otherwise',
  },
  {
    name: 'client',
    argument: 'ADDRESS',
    commands: ['explain'],
    needsCommand: true,
    summary: 'with explain: the address of the client',
  },
  {
    name: 'name',
    argument: 'NAME',
    commands: ['explain'],
    needsCommand: true,
    summary: 'with explain: the name of the client, or unknown; without it, it is looked up',
  },
  { name: 'helo', argument: 'NAME', commands: ['explain'], needsCommand: true, summary: 'with explain: the HELO name' },
  {
    name: 'sender',
    argument: 'ADDRESS',
    commands: ['explain'],
    needsCommand: true,
    summary: 'with explain: the envelope sender',
  },
  {
    name: 'recipient',
    argument: 'ADDRESS',
    commands: ['explain'],
    needsCommand: true,
    summary: 'with explain: the recipient',
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
  {
    name: 'until',
    commands: ['exempt'],
    needsCommand: true,
    argument: 'DAY',
    summary: 'with exempt: the last day, 2027-01-31, a span, 30d or 4w, or never',
  },
  { name: 'note', commands: ['exempt'], needsCommand: true, argument: 'TEXT', summary: 'with exempt: what it is for' },
  {
    name: 'remove',
    commands: ['exempt'],
    needsCommand: true,
    argument: 'WHO',
    summary: 'with exempt: take the exception away',
  },
  { name: 'licenses', commands: [], summary: 'print the licences of the packages inside' },
]

/** What yargs says of its own two. */
export const HELP: Option = { name: 'h', summary: 'show this help' }
export const VERSION: Option = { name: 'v', summary: 'show the versions of policyd-weight and Node.js' }
