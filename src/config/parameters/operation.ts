/**
 * Parameters: log, and how the daemon runs.
 *
 * Part of the table in parameters.ts. Source: docs/behaviour/configuration.md#log.
 */
import type { Parameter } from './parameter.ts'

const FACILITIES = [
  ...['auth', 'authpriv', 'cron', 'daemon', 'ftp', 'kern', 'lpr', 'mail', 'news', 'syslog', 'user', 'uucp'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]
const PRIORITIES = ['debug', 'info', 'notice', 'warning', 'err', 'crit', 'alert', 'emerg']

export const LOG_PARAMETERS = [
  {
    name: 'DEBUG',
    verdict: false,
    kind: 'switch',
    default: false,
    isOnUnlessEmpty: true,
    doc: '1: log lines name the message and the addresses looked at.',
  },
  {
    name: 'VERBOSE',
    verdict: false,
    kind: 'switch',
    default: false,
    isOnUnlessEmpty: true,
    doc: '1: every attribute of a request is logged.',
  },
  {
    name: 'LOGFILE',
    verdict: false,
    kind: 'text',
    default: '',
    since: '0.2.0',
    doc: 'Log lines are appended to this file, with time and process id in front, instead of going to syslog; meant for containers. Empty: syslog.',
  },
  { name: 'syslog_socktype', verdict: false, kind: 'text', default: 'unix', doc: 'Accepted and not used.' },
  {
    name: 'syslog_facility',
    verdict: false,
    kind: 'text',
    default: 'mail',
    emptyIsDefault: true,
    choices: FACILITIES,
    doc: 'The syslog facility of all lines.',
  },
  {
    name: 'syslog_options',
    verdict: false,
    kind: 'text',
    default: 'pid',
    doc: 'With "pid" in it, the process id stands behind the name.',
  },
  {
    name: 'syslog_priority',
    verdict: false,
    kind: 'text',
    default: 'info',
    emptyIsDefault: true,
    choices: PRIORITIES,
    doc: 'The syslog priority of ordinary lines.',
  },
  {
    name: 'syslog_ident',
    verdict: false,
    kind: 'text',
    default: 'postfix/policyd-weight',
    doc: 'The name in front of all lines.',
  },
] as const satisfies readonly Parameter[]

export const DAEMON_PARAMETERS = [
  {
    name: 'USER',
    verdict: false,
    kind: 'text',
    default: 'polw',
    emptyIsDefault: true,
    doc: 'The user the daemon runs as, with all groups this user is a member of.',
  },
  {
    name: 'GROUP',
    verdict: false,
    kind: 'text',
    default: { from: 'USER', append: '' },
    emptyIsDefault: true,
    doc: 'The group the daemon runs as; empty: $USER.',
  },
  {
    name: 'TCP_PORT',
    verdict: false,
    kind: 'count',
    default: 12_525,
    range: [0, 65_535],
    doc: 'The port the daemon listens on. 0: none, $SOCKET alone.',
  },
  {
    name: 'BIND_ADDRESS',
    verdict: false,
    kind: 'text',
    default: '127.0.0.1',
    emptyIsDefault: true,
    address: true,
    doc: 'The address the daemon listens on, IPv4 or IPv6; "all" for every address of both.',
  },
  {
    name: 'SOCKET',
    verdict: false,
    kind: 'text',
    default: '',
    since: '0.2.0',
    doc: 'The path of a unix socket the daemon listens on as well, such as /var/spool/postfix/private/polw. Empty: none.',
  },
  {
    name: 'SOCKET_MODE',
    verdict: false,
    kind: 'text',
    default: '0666',
    mode: true,
    since: '0.2.0',
    doc: 'The permissions of $SOCKET, in octal digits and in quotes. Whoever may write to it may ask.',
  },
  {
    name: 'SOMAXCONN',
    verdict: false,
    kind: 'count',
    default: 1024,
    unit: 'connections',
    range: [1, 1_000_000],
    doc: 'Connections the daemon has at most, all workers together; one more is closed at once, with a warning.',
  },
  {
    name: 'PIDFILE',
    verdict: false,
    kind: 'text',
    default: '/var/run/policyd-weight.pid',
    emptyIsDefault: true,
    doc: 'Where the daemon writes its process id; with -d, the same name with ".debug" behind it, or a file in /tmp for who may not write there.',
  },
  {
    name: 'TRY_BALANCE',
    verdict: false,
    kind: 'switch',
    default: false,
    doc: '1: the daemon closes a connection after each answer.',
  },
  {
    name: 'MAX_PROC',
    verdict: false,
    kind: 'count',
    default: 50,
    unit: 'processes',
    doc: 'Worker processes at most. Each serves many connections at once: there is one per processor core, but no more than 4.',
  },
  {
    name: 'MIN_PROC',
    verdict: false,
    kind: 'count',
    default: 3,
    unit: 'processes',
    doc: 'Worker processes at least, even where that is more than 4; never more than one per processor core.',
  },
  { name: 'CHILDIDLE', verdict: false, kind: 'seconds', default: 240, doc: 'Accepted and not used: workers stay.' },
] as const satisfies readonly Parameter[]
