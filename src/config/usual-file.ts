/**
 * The file that serves where none is named.
 *
 *   load.ts: to read it; own-command.ts: whether another one has to be named → usualFile → path
 *
 * The working directory is no place: it is anybody's.
 *
 * Total. Source: docs/behaviour/configuration.md#where-it-is-looked-for.
 */
import { statSync } from 'node:fs'

/** Where a configuration is looked for, in this order. */
export const USUAL_PLACES = [
  '/etc/policyd-weight.conf',
  '/etc/postfix/policyd-weight.cf',
  '/usr/local/etc/policyd-weight.conf',
]

/** Undefined: there is none. */
export function usualFile(places: readonly string[] = USUAL_PLACES): string | undefined {
  return places.find(isThere)
}

/** Whether something is at a path. */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    // Something is there that we may not look at: refused when it is opened, and told.
    return true
  }
}
