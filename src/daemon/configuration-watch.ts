/**
 * Has the configuration file changed?
 *
 *   supervisor.ts: now and then → hasChanged → read again
 *
 * What is compared is which file it is, its size and its times, of every place a configuration is looked for: so a file
 * that appears in front of the one in use counts as well as one that is edited, replaced or removed. So do the files of keys.
 *
 * Failure: a file that cannot be looked at is as it was: root has looked first, and $USER may not reach it.
 */
import { identityOf } from '../config/kept.ts'
import type { Config } from '../config/parameters/parameters.ts'

export class ConfigurationWatch {
  readonly #places: readonly string[]
  /** What each file was when it was looked at last. */
  #seen: Map<string, string>

  /** Looks at these files; what they are now is not a change. */
  constructor(places: readonly string[]) {
    this.#places = places
    this.#seen = new Map(places.map(path => [path, lookAt(path)]))
  }

  /** Looks at these files as well from now on, in place of earlier ones: the keys of the configuration that serves. */
  watchKeys({ DQS_KEY_FILE, ABUSIX_KEY_FILE }: Pick<Config, 'DQS_KEY_FILE' | 'ABUSIX_KEY_FILE'>): void {
    const paths = [...this.#places, DQS_KEY_FILE, ABUSIX_KEY_FILE]
    // What has changed since it was read is still to be found out.
    this.#seen = new Map(paths.map(path => [path, this.#seen.get(path) ?? lookAt(path)]))
  }

  /** Whether anything has changed since the last call. */
  hasChanged(): boolean {
    let hasChanged = false
    for (const [path, before] of this.#seen) {
      const now = lookAt(path, before)
      hasChanged ||= now !== before
      this.#seen.set(path, now)
    }
    return hasChanged
  }
}

function lookAt(path: string, before = '-'): string {
  try {
    return identityOf(path)
  } catch {
    return before
  }
}
