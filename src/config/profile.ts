/**
 * The two columns of defaults, `$PROFILE`.
 *
 *   `$PROFILE`, what a file sets → profileConfig → Config
 *
 * A profile picks defaults and does nothing else: no code asks which one serves. Without a file, or where a file is not used,
 * it is `classic`, so nobody's verdicts change without a line that somebody wrote.
 *
 * Loaded by the full reader, and by commands. Pure, total.
 * Source: docs/behaviour/configuration.md#profiles.
 */
import { MODERN_VALUES } from './parameters/known-parameters.ts'
import { builtinConfig, type Config } from './parameters/parameters.ts'

export type Profile = 'classic' | 'modern'

/** The defaults of a profile, with these values instead of its own: `('modern', { REJECTLEVEL: 3 })`. */
export function profileConfig(profile: Profile, overrides: Partial<Config> = {}): Config {
  return builtinConfig(profile === 'modern' ? { PROFILE: profile, ...MODERN_VALUES, ...overrides } : overrides)
}

/** The profile that a configuration names. */
export function profileOf({ PROFILE }: Config): Profile {
  return PROFILE === 'modern' ? PROFILE : 'classic'
}
