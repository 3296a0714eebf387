/**
 * The subscribers' keys of a configuration, while it is read.
 *
 *   reader.ts: `$DQS_KEY_FILE` and lists, one behind the other → key-files.ts, values/keyed-lists.ts → reader.ts
 *
 * Failure: faults of the values. A list without its key is not asked; where its file is to blame, which was told, that is a
 * warning.
 * Source: docs/behaviour/configuration.md#keys.
 */
import { KEYS, type KeyName } from './findings/key-marks.ts'
import { type Fault, valueFault } from './language/fault.ts'
import type { Scalar } from './language/scalar.ts'
import type { ParameterRow } from './parameters/known-parameters.ts'
import type { ConfiguredList } from './parameters/parameter.ts'
import type { Warn } from './values/assigned.ts'
import { putKeysIn } from './values/keyed-lists.ts'

/** A key; `remark`: what is odd about its file. */
export type KeyFile =
  | { readonly kind: 'key'; readonly key: string; readonly remark: string | undefined }
  | { readonly kind: 'no-key'; readonly expected: string }

/** Who opens files with keys. */
export interface KeySource {
  open(name: KeyName, path: string): KeyFile
}

const VALUES_OF_ENTRY = 4

export class KeyRing {
  readonly #source: KeySource
  readonly #keys = new Map<KeyName, string>()
  /** Keys whose file has none. */
  readonly #missing = new Set<KeyName>()
  /** Where entries stand that were told of: a list is looked at once more whenever something is added to it. */
  readonly #told = new Set<number>()

  constructor(source: KeySource) {
    this.#source = source
  }

  /** What a value of a parameter comes to: lists with keys in them; a file with a key is opened. */
  use(
    { kind, key }: ParameterRow,
    value: unknown,
    scalars: readonly Scalar[],
    warn: Warn,
  ): { readonly used: unknown; readonly faults: readonly Fault[] } {
    const faults: Fault[] = []
    const place = scalars.at(-1)
    if (key !== undefined && place) {
      const fault = this.#open(key, String(value), place, warn)
      if (fault) faults.push(fault)
    }
    if (kind !== 'lists') return { used: value, faults }
    const used = putKeysIn(value as readonly ConfiguredList[], this.#keys, (index, name, isInPlace) => {
      const host = scalars[index * VALUES_OF_ENTRY] as Scalar
      if (isInPlace && this.#missing.has(name)) warn(host, `is not asked: $${name}_FILE has no key`, 'key-missing')
      else if (!this.#told.has(host.at)) faults.push(isInPlace ? missing(name, host) : misplaced(name, host))
      this.#told.add(host.at)
    })
    return { used, faults }
  }

  #open(name: KeyName, path: string, place: Scalar, warn: Warn): Fault | undefined {
    this.#keys.delete(name)
    this.#missing.delete(name)
    if (path === '') return undefined
    const file = this.#source.open(name, path)
    if (file.kind === 'key') {
      this.#keys.set(name, file.key)
      if (file.remark !== undefined) warn(place, file.remark, 'key-file')
      return undefined
    }
    this.#missing.add(name)
    return valueFault('key-file', place, file.expected)
  }
}

function misplaced(name: KeyName, host: Scalar): Fault {
  const place = `"$${name}." in front of a list under ${KEYS[name].zone}`
  return valueFault('bad-list-entry', host, `${place}: nobody else is to see that key; the list is not asked`)
}

function missing(name: KeyName, host: Scalar): Fault {
  return valueFault('key-missing', host, `$${name}_FILE above this, with the path of a file; the list is not asked`)
}
