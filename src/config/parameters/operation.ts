/**
 * Parameters: log, and how the daemon runs.
 *
 * Part of the table in parameters.ts. Source: specification, chapter "Configuration".
 */
import type { Parameter } from '../parameter.ts'

const FACILITIES = [
  ...['auth', 'authpriv', 'cron', 'daemon', 'ftp', 'kern', 'lpr', 'mail', 'news', 'syslog', 'user', 'uucp'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]
const PRIORITIES = ['debug', 'info', 'notice', 'warning', 'err', 'crit', 'alert', 'emerg']

export const LOG_PARAMETERS = [
  { name: 'DEBUG', kind: 'switch', default: false, doc: '1: log lines name the message and the addresses looked at.' },
  { name: 'VERBOSE', kind: 'switch', default: false, doc: '1: every attribute of a request is logged.' },
  {
    name: 'LOGFILE',
    kind: 'text',
    default: '',
    since: '0.2.0',
    doc: 'Log lines are appended to this file, with time and process id in front, instead of going to syslog; meant for containers. Empty: syslog.',
  },
  { name: 'syslog_socktype', kind: 'text', default: 'unix', doc: 'Accepted and not used.' },
  {
    name: 'syslog_facility',
    kind: 'text',
    default: 'mail',
    choices: FACILITIES,
    doc: 'The syslog facility of all lines.',
  },
  {
    name: 'syslog_options',
    kind: 'text',
    default: 'pid',
    doc: 'With "pid" in it, the process id stands behind the name.',
  },
  {
    name: 'syslog_priority',
    kind: 'text',
    default: 'info',
    choices: PRIORITIES,
    doc: 'The syslog priority of ordinary lines.',
  },
  { name: 'syslog_ident', kind: 'text', default: 'postfix/policyd-weight', doc: 'The name in front of all lines.' },
] as const satisfies readonly Parameter[]

export const DAEMON_PARAMETERS = [
  { name: 'USER', kind: 'text', default: 'polw', doc: 'The user the daemon runs as.' },
  { name: 'GROUP', kind: 'text', default: { from: 'USER', append: '' }, doc: 'The group the daemon runs as.' },
  { name: 'TCP_PORT', kind: 'count', default: 12_525, range: [1, 65_535], doc: 'The port the daemon listens on.' },
  {
    name: 'BIND_ADDRESS',
    kind: 'text',
    default: '127.0.0.1',
    doc: 'The address the daemon listens on; "all" for every address.',
  },
  {
    name: 'SOMAXCONN',
    kind: 'count',
    default: 1024,
    unit: 'connections',
    doc: 'Connections that may wait to be accepted.',
  },
  {
    name: 'PIDFILE',
    kind: 'text',
    default: '/var/run/policyd-weight.pid',
    doc: 'Where the daemon writes its process id.',
  },
  { name: 'TRY_BALANCE', kind: 'switch', default: false, doc: '1: the daemon closes a connection after each answer.' },
  { name: 'MAX_PROC', kind: 'count', default: 50, unit: 'processes', doc: 'Accepted and not used.' },
  { name: 'MIN_PROC', kind: 'count', default: 3, unit: 'processes', doc: 'Accepted and not used.' },
  { name: 'CHILDIDLE', kind: 'seconds', default: 240, doc: 'Accepted and not used.' },
] as const satisfies readonly Parameter[]
