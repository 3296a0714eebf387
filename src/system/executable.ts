/**
 * What loader.ts hands to every program of the executable; undefined where a source file runs by itself, as in tests.
 */

/** Two words out of the digest of everything that is in an executable. */
export type BuildId = readonly [number, number]

/** The name of a native part, up to its architecture. */
export const ADDON = 'src/system/native/addon.c '

export interface Executable {
  /** Where it is: `/usr/local/bin/policyd-weight`. */
  readonly path: string
  readonly buildId: BuildId
  /** The names of its parts, in their order: `src/main.ts` and other programs, the command line, native parts. */
  readonly names: readonly string[]
  /** The exports of a program, which runs when they are first asked for. */
  load(name: string): Promise<unknown>
  /** A part that is in base64; undefined: there is none of that name. */
  unpack(name: string): Uint8Array | undefined
  /** The exports of the native part, if it lies beside the executable as it should. */
  readonly native: unknown
  /** Where it does: `/usr/local/bin/policyd-weight.0123456789abcdef.x64.node`; undefined: there is none for this machine. */
  readonly addonPath: string | undefined
  /** sumOf(), as quick as can be had. */
  sum(bytes: Uint8Array): number
  /** Files beside the executable that were found damaged and are not used. Who logs them takes them out. */
  readonly damaged: string[]
}

/** A parameter of the function that a program is. */
declare const executable: Executable | undefined

/** See above. */
export const EXECUTABLE: Executable | undefined = typeof executable === 'undefined' ? undefined : executable
