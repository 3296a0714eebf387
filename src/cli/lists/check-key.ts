/**
 * A list that is not asked since its subscriber's key is not there, as a diagnosis.
 *
 *   diagnose-state.ts: list without its key → warnOfKey → `lists`
 *
 * Looks whether the file is there. Total: what cannot be looked at is not there.
 * Source: docs/behaviour/configuration.md#keys.
 */
import { existsSync } from 'node:fs'
import { KEYS, type KeyName } from '../../config/findings/key-marks.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { type Diagnosis, warning } from '../doctor/diagnosis.ts'
import { ownCommand } from '../../config/own-command.ts'
import { quote } from '../../text/shell-word.ts'

/** `list`: as it is shown. `path`: of the configuration. */
export function warnOfKey(list: string, config: Config, path: string | undefined): Diagnosis {
  const name = (Object.keys(KEYS) as KeyName[]).find(key => list.endsWith(`.${KEYS[key].zone}`))
  const check = ownCommand(path, ['check'])
  if (name === undefined)
    return warning('list-no-key', list, 'is not asked: a key stands where it does not belong; more about it:', check)
  const file = config[`${name}_FILE`]
  const usual = `/etc/policyd-weight.${KEYS[name].credential}`
  const group = quote(config.GROUP)
  /** Asks for the key, which so gets into no history of a shell. */
  const write = (to: string): string => `install -o root -g ${group} -m 640 /dev/stdin ${quote(to)}`
  const typed = 'the command takes the key from the keyboard: Enter and Ctrl-D end it'
  if (file === '')
    return warning(
      'list-no-key',
      list,
      `is not asked: it needs a key, and $${name}_FILE is not set; ${typed}`,
      `in the configuration, above the list: $${name}_FILE = '${usual}';`,
      write(usual),
    )
  if (!existsSync(file))
    return warning('list-no-key', list, `is not asked: ${file} ($${name}_FILE) is not there; ${typed}`, write(file))
  return warning(
    'list-no-key',
    list,
    `is not asked: ${file} ($${name}_FILE) has no key, or it cannot be read; more about it:`,
    check,
  )
}
