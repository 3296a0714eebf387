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
import type { LoadedConfig } from './load.ts'
import { readConfiguration } from './read.ts'

/** A file that was read. */
export interface FileText {
  readonly kind: 'text'
  readonly path: string
  readonly text: string
  /** Which file it was, behind the last byte (kept.ts), and when it was about to be opened. */
  readonly identity: string
  readonly beganMs: number
}

/** Reads a text; `places`: where the result may be kept. */
export function readFully({ path, text, identity, beganMs }: FileText, places: readonly string[]): LoadedConfig {
  const read = readConfiguration(text, path)
  return { ...read, path, keep: () => keep(read, [{ path, identity }], beganMs, places) }
}
