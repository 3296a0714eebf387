/**
 * The daemon keeps what its configuration says (config/keep.ts) for the processes that Postfix starts beside it.
 *
 *   supervisor.ts: started, or read again → keepLater → the file is read once more when it has been left alone long enough
 */
import { SETTLED_MS } from '../config/kept.ts'
import { type LoadOptions, loadConfig } from '../config/load.ts'

export function keepLater(options: LoadOptions): void {
  const keep = async (): Promise<unknown> => (await loadConfig(options)).keep?.()
  setTimeout(() => void keep(), SETTLED_MS + 1000).unref()
}
