/**
 * What names of a configuration stand for while it is read: what has been set above, else the built-in values.
 *
 *   read.ts sets → scalar.ts looks up
 *
 * Names nobody knows can be set and looked up, too: old files have variables of their own. Values are kept as they were
 * written, not as their parameter's kind has them: `$PTIME` is `'3h'`. A subscriber's key is its mark (findings/key-marks.ts).
 *
 * Failure: what a name would have to be, for the finding.
 */
import type { ConfiguredZone } from '../lists/zone.ts'
import { markOf } from './findings/key-marks.ts'
import { PARAMETERS, type ParameterRow } from './parameters/known-parameters.ts'
import { renderHost } from './values/list-entry.ts'
import { nearestName } from './language/nearest-name.ts'
import { type ConfiguredList, type ScorePair, sigilOf } from './parameters/parameter.ts'
import type { Config } from './parameters/parameters.ts'
import { type Profile, profileConfig } from './profile.ts'
import type { Pattern } from '../patterns/pattern.ts'
import type { KnownValues, Missing, Scalar } from './language/scalar.ts'
import { DERIVED } from './parameters/table.ts'

const BY_NAME: ReadonlyMap<string, ParameterRow> = new Map(Object.entries(PARAMETERS))

/** The row of a parameter. */
export function findParameter(name: string): ParameterRow | undefined {
  return BY_NAME.get(name)
}

/** Whether 0.1.15 did not know it. */
export function isNewParameter(name: string): boolean {
  return BY_NAME.get(name)?.since !== undefined
}

/** `; did you mean $REJECTLEVEL?`, or nothing. */
export function didYouMean(name: string): string {
  const nearest = nearestName(name, BY_NAME.keys())
  const parameter = nearest === undefined ? undefined : BY_NAME.get(nearest)
  return parameter ? `; did you mean ${sigilOf(parameter.kind)}${nearest}?` : ''
}

export class Variables implements KnownValues {
  readonly #scalars = new Map<string, Scalar['value']>()
  readonly #lists = new Map<string, readonly Scalar[]>()
  readonly #profile: Profile

  constructor(profile: Profile) {
    this.#profile = profile
  }

  setScalar(name: string, value: Scalar['value']): void {
    this.#scalars.set(name, value)
  }

  setList(name: string, values: readonly Scalar[]): void {
    this.#lists.set(name, values)
  }

  /** Back to the built-in value, or to nothing. */
  forget(sigil: string, name: string): void {
    if (sigil === '@') this.#lists.delete(name)
    else this.#scalars.delete(name)
  }

  isSet(sigil: string, name: string): boolean {
    return sigil === '@' ? this.#lists.has(name) : this.#scalars.has(name)
  }

  scalar(name: string): { readonly value: Scalar['value'] } | Missing {
    if (this.#scalars.has(name)) return { value: this.#scalars.get(name) }
    const key = markOf(name)
    if (key !== undefined) return { value: key }
    const parameter = BY_NAME.get(name)
    if (!parameter) return { expected: () => `the name of a parameter, or of a value set above${didYouMean(name)}` }
    const value = this.#defaultOf(name, parameter)
    return value === undefined ? { expected: () => `a parameter with one value; @${name} is a list` } : { value }
  }

  list(name: string): readonly Scalar[] | Missing {
    const set = this.#lists.get(name)
    if (set) return set
    const parameter = BY_NAME.get(name)
    if (!parameter || sigilOf(parameter.kind) !== '@')
      return { expected: () => `the name of a list, or of one set above${didYouMean(name)}` }
    return valuesOf(profileConfig(this.#profile)[name as keyof Config], parameter).map(value => ({
      at: 0,
      end: 0,
      value,
    }))
  }

  #defaultOf(name: string, parameter: ParameterRow): string | number | undefined {
    const derived = DERIVED.find(each => each.name === name)
    if (derived) {
      const base = this.scalar(derived.from)
      return 'value' in base ? `${base.value ?? ''}${derived.append}` : undefined
    }
    const value: unknown = profileConfig(this.#profile)[name as keyof Config]
    switch (parameter.kind) {
      case 'switch':
        return value ? 1 : 0
      case 'words':
        return (value as readonly string[]).join(' ')
      case 'lists':
      case 'zones':
      case 'patterns':
      case 'labels':
      case 'names':
      case 'score-pair':
        return undefined
      default:
        return value as string | number
    }
  }
}

/** The values of a built-in list as they are written. */
function valuesOf(value: unknown, { kind }: ParameterRow): readonly (string | number | Pattern)[] {
  if (kind === 'lists')
    return (value as readonly ConfiguredList[]).flatMap(entry => [
      renderHost(entry),
      entry.hit,
      entry.miss,
      entry.label,
    ])
  if (kind === 'zones') return (value as readonly ConfiguredZone[]).flatMap(({ zone, words }) => [zone, words])
  if (kind === 'score-pair') return [(value as ScorePair).bad, (value as ScorePair).good]
  return value as readonly (string | Pattern)[]
}
