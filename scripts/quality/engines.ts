/**
 * The engines that are measured: this program under each configuration worth a row, and the baselines.
 *
 *   configuration texts → ours.ts; baselines.ts → ENGINES → quality.ts, and whoever checks figures
 *
 * A profile is a row of CONFIGURATIONS and nothing else. `base`: the row with whose values its parameters are switched off one
 * by one.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BASELINES } from './baselines.ts'
import { type Engine, FOLDER } from './corpus.ts'
import { type Config, configurationOf, ours } from './ours.ts'

export interface Configuration {
  readonly key: string
  readonly title: string
  readonly config: Config
  readonly base?: string
}

/** Our own rows. */
export const CONFIGURATIONS: readonly Configuration[] = [
  { key: 'classic', title: 'policyd-weight, classic', config: configurationOf('') },
  {
    key: 'modern',
    title: 'policyd-weight, modern',
    config: configurationOf("$PROFILE = 'modern';"),
    base: 'classic',
  },
  {
    key: 'weights',
    title: 'policyd-weight, other weights',
    config: configurationOf(readFileSync(join(FOLDER, 'weights-alone.conf'), 'utf8')),
    base: 'classic',
  },
]

/** All rows, ours first. */
export const ENGINES: readonly Engine[] = [
  ...CONFIGURATIONS.map(({ key, title, config }) => ours(key, title, config)),
  ...BASELINES,
]

/** The configuration of a key. Throws if there is none. */
export function configurationNamed(key: string): Configuration {
  const found = CONFIGURATIONS.find(configuration => configuration.key === key)
  if (!found) throw new Error(`no configuration ${key}; there are ${CONFIGURATIONS.map(({ key }) => key).join(', ')}`)
  return found
}
