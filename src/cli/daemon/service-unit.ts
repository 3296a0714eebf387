/**
 * `policyd-weight unit`: the daemon's unit for systemd, for a program that was installed by hand.
 *
 *   unit of the Debian package, who runs this and with what configuration → text for /etc/systemd/system
 *
 * One text serves both. Here it starts the Node.js and the program that print it, as the $USER of the configuration.
 *
 * Failure: a line of the package's unit that is to be replaced and is not there throws; the build tries it.
 * Sources: systemd.service(5), "COMMAND LINES"; systemd.exec(5), ProtectSystem=, ProtectHome=.
 */
import { dirname, resolve } from 'node:path'
import type { Config } from '../../config/parameters/parameters.ts'

export interface UnitFacts {
  readonly node: string
  readonly program: string
  /** What -f names; undefined: the usual places. */
  readonly file: string | undefined
  readonly config: Pick<Config, 'USER' | 'GROUP' | 'PIDFILE' | 'LOCKPATH' | 'LOGFILE' | 'LEDGER' | 'JOURNAL'>
}

const HEAD = `# The daemon, as "policyd-weight unit" has printed it: > /etc/systemd/system/policyd-weight.service, then
# systemctl daemon-reload && systemctl enable --now policyd-weight
`
/** The unit makes these itself, and the daemon may write there. */
const OWN_DIRECTORY = /^(?:(?:\/var)?\/run|\/var\/(?:lib|log))\/policyd-weight$/
const PACKAGED_PID_FILE = '/run/policyd-weight.pid'

/** `packaged`: the unit of the Debian package. */
export function renderUnit(packaged: string, { node, program, file, config }: UnitFacts): string {
  const { USER, GROUP, PIDFILE, LOCKPATH, LOGFILE, LEDGER, JOURNAL } = config
  const words = [node, program, '-D', ...(file === undefined ? [] : ['-f', resolve(file)]), 'start']
  // A journal is moved away in its directory.
  const files = [LOGFILE, LEDGER, JOURNAL].filter(path => path !== '')
  const places = [resolve(LOCKPATH), ...files.map(path => dirname(resolve(path)))]
  const writable = [...new Set(places)].filter(path => !OWN_DIRECTORY.test(path))
  const changes: readonly (readonly [line: RegExp, text: string])[] = [
    [/^(?:#.*\n)+/, HEAD],
    [/^Documentation=.*\n/m, ''],
    [/^User=.*$/m, `User=${USER}`],
    [/^Group=.*$/m, `Group=${GROUP}`],
    [/^#.*\nEnvironmentFile=.*\n/m, ''],
    [/^ExecStart=.*$/m, `ExecStart=${words.map(word => quoteWord(word.replaceAll('$', () => '$$'))).join(' ')}`],
    [/^# For a \$LOGFILE, .*\n/m, writable.map(path => `ReadWritePaths=-${quoteWord(path)}\n`).join('')],
  ]
  const text = changes.reduce((unit, [line, replacement]) => {
    if (!line.test(unit)) throw new Error(`the unit has no ${line}`)
    return unit.replace(line, () => replacement)
  }, packaged)
  return text.replaceAll(PACKAGED_PID_FILE, () => resolve(PIDFILE).replace(/^\/var\/run\//, '/run/'))
}

/** What the unit could not start: it has ProtectHome=yes. */
export function warnOfHomes({ node, program, file }: UnitFacts): string {
  return [node, program, ...(file === undefined ? [] : [resolve(file)])]
    .filter(path => /^\/(?:home|root|run\/user)\//.test(path))
    .map(
      path => `policyd-weight: the unit has ProtectHome=yes, so ${path} is not there for it; it has to lie elsewhere\n`,
    )
    .join('')
}

/** `%` begins a specifier there. */
function quoteWord(word: string): string {
  const text = word.replaceAll('%', '%%')
  return /^[\w@+=:,./$%-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
