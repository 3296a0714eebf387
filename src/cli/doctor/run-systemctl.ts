/**
 * Asks systemd for the rules of the units that Postfix runs in, and for our own units.
 *
 * One run of systemctl(1) with fixed arguments, without a shell, bounded in time and output.
 *
 * Failure: no systemd, or one that does not answer, knows of no units: an empty text.
 * Source: systemctl(1), `show`.
 */
import { execFile } from 'node:child_process'

const UNITS = ['postfix.service', 'postfix@-.service']
const PROPERTIES = [
  ...['Id', 'LoadState', 'ActiveState', 'MemoryDenyWriteExecute', 'SystemCallFilter'],
  ...['DropInPaths', 'NeedDaemonReload', 'MainPID'],
]
const TIMEOUT_MS = 5000
const MAX_OUTPUT_BYTES = 1024 * 1024

/** What `systemctl show` prints of Postfix's units, and of another one that it runs in. */
export function showPostfixUnits(running: string | undefined, searchPath?: string): Promise<string> {
  const others = running !== undefined && /postfix/.test(running) ? [running] : []
  return showUnits([...new Set([...UNITS, ...others])], PROPERTIES, searchPath)
}

/** What `systemctl show` prints. */
export function showUnits(
  units: readonly string[],
  properties: readonly string[],
  searchPath = process.env.PATH ?? '/usr/bin:/bin',
): Promise<string> {
  const args = ['show', '--no-pager', ...properties.map(name => `--property=${name}`), ...units]
  const options = {
    env: { PATH: searchPath, LC_ALL: 'C' },
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    killSignal: 'SIGKILL',
    encoding: 'latin1',
  } as const
  return new Promise(resolve => {
    const child = execFile('systemctl', args, options, (error, stdout) => resolve(error ? '' : stdout))
    child.stdin?.end()
  })
}
