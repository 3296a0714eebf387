/**
 * Has the configuration file changed?
 *
 *   supervisor.ts: now and then → hasChanged → read again
 *
 * What is compared is which file it is, its size and its times, of every place a configuration is looked for: so a file
 * that appears in front of the one in use counts as well as one that is edited, replaced or removed. So do the files of keys.
 *
 * Failure: a file that cannot be looked at is as good as one that is not there.
 */
import { statSync } from 'node:fs'
import type { Config } from '../config/parameters/parameters.ts'

export class ConfigurationWatch {
  readonly #places: readonly string[]
  #keyFiles: readonly string[] = []
  #seen: string

  /** Looks at these files; what they are now is not a change. */
  constructor(places: readonly string[]) {
    this.#places = places
    this.#seen = this.#look()
  }

  /** Looks at these files as well from now on, in place of earlier ones: the keys of the configuration that serves. */
  watchKeys({ DQS_KEY_FILE, ABUSIX_KEY_FILE }: Pick<Config, 'DQS_KEY_FILE' | 'ABUSIX_KEY_FILE'>): void {
    this.#keyFiles = [DQS_KEY_FILE, ABUSIX_KEY_FILE]
    this.#seen = this.#look()
  }

  /** Whether anything has changed since the last call. */
  hasChanged(): boolean {
    const before = this.#seen
    this.#seen = this.#look()
    return this.#seen !== before
  }

  #look(): string {
    return [...this.#places, ...this.#keyFiles].map(lookAt).join('\n')
  }
}

function lookAt(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch {
    return '-'
  }
}
