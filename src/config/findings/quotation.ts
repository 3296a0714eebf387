/**
 * Pieces of a configuration's text as messages quote them: short, in one line, and without subscribers' keys.
 *
 *   reader.ts: offsets, or a value that was put together → quoted text
 *
 * The places of keys are looked for when something has to be quoted first.
 *
 * Total, no errors.
 */
import type { ConfiguredZone } from '../../lists/zone.ts'
import { nameKeys } from './key-marks.ts'
import { show } from './position.ts'
import { namedSecretZones, SecretText, withoutKeys } from './secrets.ts'

export class Quotation {
  readonly #source: string
  #secretText: SecretText | undefined

  constructor(source: string) {
    this.#source = source
  }

  /** What stands from `at` to before `end`: `'"foo"'`. */
  piece(at: number, end: number): string {
    if (at >= this.#source.length) return 'the end of the file'
    if (at < end) return show(this.slice(at, end))
    const restOfLine = /[ \t\r]*(?:#|\n|$)/y
    restOfLine.lastIndex = at
    return restOfLine.test(this.#source) ? 'the end of the line' : 'nothing'
  }

  /** The same, without quotes and whole. */
  slice(at: number, end: number): string {
    return this.#secrets().slice(at, end)
  }

  /** A message, which may name something of the text that is a key. */
  hide(message: string): string {
    return this.#secrets().hide(message)
  }

  /** A value that was put together of several pieces. */
  value(text: string): string {
    return show(nameKeys(withoutKeys(text, namedSecretZones(this.#source))))
  }

  /** What the text says of secret zones, faulty or not: where its `@zone_codes` cannot be used, keys stay secret all the same. */
  secretZones(): readonly ConfiguredZone[] {
    return namedSecretZones(this.#source).map(zone => ({ zone, words: 'secret' }))
  }

  #secrets(): SecretText {
    this.#secretText ??= new SecretText(this.#source, namedSecretZones(this.#source))
    return this.#secretText
  }
}
