/**
 * The full reader, and what comes of it: a configuration that serves and can be kept.
 *
 *   load.ts: the text of a file → read.ts, with the files of keys (key-files.ts) → LoadedConfig → load.ts
 *
 * A program of its own: a start that finds what is kept (kept.ts) does without it.
 *
 * Failure: read.ts. What was read without a key that others may have, or with one that others have not, is not kept.
 */
import { keep } from './keep.ts'
import { KeyFiles } from './key-files.ts'
import type { FileText, LoadedConfig } from './loaded.ts'
import { readConfiguration } from './read.ts'

/** Reads a text; `places`: where the result may be kept. */
export function readFully({ path, text, identity, beganMs, uid }: FileText, places: readonly string[]): LoadedConfig {
  const keys = new KeyFiles(uid)
  const read = readConfiguration(text, path, keys)
  return {
    ...read,
    path,
    keys: keys.keys,
    keep: () =>
      keys.isWhole
        ? keep(read, [{ path, identity }, ...keys.sources], beganMs, places)
        : { kind: 'not-kept', why: 'a key cannot be read by everybody who has to' },
  }
}
