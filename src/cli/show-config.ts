/**
 * `policyd-weight config`: what serves, and where it was set.
 *
 *   loaded configuration → a configuration file with a comment behind each value that the file sets → handlers.ts
 *
 * What postconf(1) `-n` is for Postfix. `--changed` leaves out what has its default, `--json` is for programs. The text can
 * be read as a configuration again, and is the same one then. A key out of a file is shown as `$DQS_KEY`; one that is written
 * into a host is not hidden: it is meant for whoever may read the file.
 *
 * Pure, no errors. Status 78 where the file has an error: what serves then is not what it says.
 */
import { hasErrors, type Position } from '../config/findings/finding.ts'
import { nameKeys } from '../config/findings/key-marks.ts'
import { takeKeysOut } from '../config/values/keyed-lists.ts'
import { renderHost } from '../config/values/list-entry.ts'
import type { LoadedConfig } from '../config/loaded.ts'
import { derivedDefault, type ConfiguredList, type Parameter, sigilOf } from '../config/parameters/parameter.ts'
import { profileConfig, profileOf } from '../config/profile.ts'
import type { Config } from '../config/parameters/parameters.ts'
import { PARAMETER_TOPICS } from '../config/parameters/topics.ts'
import { EXIT_CONFIG, EXIT_OK } from '../system/exit-status.ts'
import { maskText } from '../text/mask.ts'
import { renderAssignment, renderValue } from './render-value.ts'

export interface ShowConfigOptions {
  /** Only what differs from the defaults. */
  readonly changed: boolean
  readonly json: boolean
}

/** A parameter as it serves. */
interface Shown {
  readonly parameter: Parameter
  readonly value: unknown
  readonly isDefault: boolean
  readonly position: Position | undefined
  /** Its last value in the file cannot be used. */
  readonly isUnusable: boolean
}

/** What to print, and the exit status. */
export function showConfiguration(
  loaded: LoadedConfig,
  { changed, json }: ShowConfigOptions,
): { readonly text: string; readonly status: number } {
  const all = PARAMETER_TOPICS.flatMap(topic => topic.parameters.map(parameter => look(parameter, loaded)))
  const shown = changed ? all.filter(({ isDefault }) => !isDefault) : all
  const status = hasErrors(loaded.findings) ? EXIT_CONFIG : EXIT_OK
  if (json) return { text: `${JSON.stringify(toJson(shown, loaded), undefined, 2)}\n`, status }
  const differing = all.filter(({ isDefault }) => !isDefault).length
  const lines = shown.map(
    each => `${renderAssignment(each.parameter, renderValue(each.parameter, each.value))}${comment(each, loaded)}\n`,
  )
  return { text: `${heading(loaded, differing, all.length)}${lines.join('')}`, status }
}

function look(parameter: Parameter, { config, setAt, unusable, keys = new Map() }: LoadedConfig): Shown {
  const name = parameter.name as keyof Config
  const value = parameter.kind === 'lists' ? takeKeysOut(config[name] as readonly ConfiguredList[], keys) : config[name]
  // Of the profile itself the default is classic, whichever serves.
  const defaults = profileConfig(name === 'PROFILE' ? 'classic' : profileOf(config))
  const isDefault = JSON.stringify(value) === JSON.stringify(defaults[name])
  const isUnusable = unusable?.has(`${sigilOf(parameter.kind)}${name}`) ?? false
  return { parameter, value, isDefault, position: setAt?.get(name), isUnusable }
}

function heading({ path, config }: LoadedConfig, differing: number, all: number): string {
  if (path === undefined) return '# no configuration file: the defaults serve\n'
  const file = maskText(path)
  if (config.faulty) return `# ${file} is not used: the defaults serve\n`
  const error = config.configError === '' ? '' : `; ${config.configError}`
  return `# ${file}: ${differing} of ${all} parameters differ from their defaults in the profile '${config.PROFILE}'${error}\n`
}

function comment({ parameter, position, isUnusable, isDefault }: Shown, { path }: LoadedConfig): string {
  if (position && path !== undefined) {
    const place = `${maskText(path)}:${position.line}`
    return isUnusable ? ` # ${place} cannot be used` : ` # ${place}`
  }
  const derived = derivedDefault(parameter)
  return derived && !isDefault ? ` # follows $${derived.from}` : ''
}

function toJson(shown: readonly Shown[], { path, config }: LoadedConfig): unknown {
  return {
    file: path ?? null,
    fileIsUsed: path !== undefined && !config.faulty,
    parameters: shown.map(({ parameter, value, isDefault, position, isUnusable }) => ({
      name: `${sigilOf(parameter.kind)}${parameter.name}`,
      value: parameter.kind === 'lists' ? (value as readonly ConfiguredList[]).map(toPlainEntry) : value,
      isDefault,
      line: position?.line ?? null,
      isUnusable,
    })),
  }
}

function toPlainEntry(entry: ConfiguredList): unknown {
  const { hit, miss, label } = entry
  return { host: nameKeys(renderHost(entry)), hit, miss, label }
}
