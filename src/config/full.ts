/**
 * The full reader, and what comes of it: a configuration that serves and can be kept.
 *
 *   load.ts: the text of a file → read.ts → LoadedConfig → load.ts
 *
 * A program of its own: a start that finds what is kept (kept.ts) does without it.
 *
 * Failure: read.ts.
 */
import { keep } from './keep.ts'
import type { FileText, LoadedConfig } from './loaded.ts'
import { readConfiguration } from './read.ts'

/** Reads a text; `places`: where the result may be kept. */
export function readFully({ path, text, identity, beganMs }: FileText, places: readonly string[]): LoadedConfig {
  const read = readConfiguration(text, path)
  return { ...read, path, keep: () => keep(read, [{ path, identity }], beganMs, places) }
}
