/**
 * The full reader, and what comes of it: a configuration that serves or is faulty, and can be kept.
 *
 *   load.ts: the text of a file → read.ts → name servers looked at → LoadedConfig → load.ts
 *
 * A program of its own: a start that finds what is kept (kept.ts) does without it.
 *
 * Failure: a fault means the built-in defaults, marked `faulty`. Never rejects.
 */
import { type Finding, makeFinding, type Position } from './finding.ts'
import { keep } from './keep.ts'
import type { LoadedConfig } from './load.ts'
import { builtinConfig, type Config } from './parameters.ts'
import { comparePlaces, readConfiguration, withoutKeys } from './read.ts'

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
export async function readFully(file: FileText, places: readonly string[]): Promise<LoadedConfig> {
  const { path, text, identity, beganMs } = file
  const { config, findings, origins, secretZones } = readConfiguration(text, path)
  const badServer = config && (await findBadNameServer(config, path, origins.get('NS')?.[0]))
  const zone_codes = config?.zone_codes ?? secretZones
  const read =
    !config || badServer
      ? {
          config: builtinConfig({ faulty: true, zone_codes }),
          findings: badServer ? [...findings, badServer].sort(comparePlaces) : findings,
        }
      : { config, findings }
  return { ...read, path, origins, keep: () => keep(read, [{ path, identity }], beganMs, places) }
}

/** `$NS` is checked by what will read it. */
async function findBadNameServer(
  config: Config,
  path: string,
  position: Position | undefined,
): Promise<Finding | undefined> {
  if (config.NS.length === 0) return undefined
  const { parseNameServerList } = await import('../dns/resolv-conf.ts')
  const [bad] = parseNameServerList(config.NS).bad
  if (bad === undefined) return undefined
  const message = `$NS: found "${withoutKeys(bad)}", expected addresses of name servers: IP, IP:PORT or [IPv6]:PORT`
  return makeFinding('error', 'bad-value', path, position, message)
}
