/**
 * The names of syslog facilities and priorities as the numbers of <syslog.h>, and who writes.
 *
 *   $syslog_facility, $syslog_priority, $syslog_ident, $syslog_options → here → Native.writeLog, logger(1)
 *
 * Pure. Unknown names cannot come from a checked configuration; they get the defaults, mail and info.
 * Sources: RFC 5424 6.2.1, syslog(3); docs/behaviour/configuration.md#log.
 */

const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

/** In the order of their numbers; `authpriv` is 10 and `ftp` 11, the gap to `local0` (16) is not for programs. */
const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp - - - - local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  )

/** `'mail'` → 16, as it is added to a priority (shifted). */
export function facilityCode(name: string): number {
  const index = FACILITIES.indexOf(name)
  return (index < 0 ? FACILITIES.indexOf('mail') : index) << 3
}

/** `'warning'` → 4. */
export function priorityCode(name: string): number {
  const index = PRIORITIES.indexOf(name)
  return index < 0 ? PRIORITIES.indexOf('info') : index
}

/** What stands in front of a line: `polw[4711]`. `pid` is the only option that is honoured; others would write to standard error. */
export function tagOf(ident: string, options: string): string {
  return options.includes('pid') ? `${ident}[${process.pid}]` : ident
}
