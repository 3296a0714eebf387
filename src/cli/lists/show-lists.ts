/**
 * `policyd-weight lists`: every list in use, how it fares and what it is asked; with `--test`, what it answers now.
 *
 *   handlers.ts: configuration → showLists → a copy of the cache, the ledger, answers → lists-report.ts → standard output
 *
 * Looking never holds up a mail: neither the cache's lock is taken nor the ledger's. With `--test` the name servers and the lists
 * are asked as `doctor` does, 20 s at most.
 *
 * Failure: what cannot be looked at is not known. Exit status: 0 all is well, 1 there are warnings, 2 there are errors.
 */
import { limitsOf } from '../../cache/cache.ts'
import { readLedger } from '../../cache/ledger-reader.ts'
import { readStore } from '../../cache/store.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { checkLedger } from '../doctor/check-ledger.ts'
import { note } from '../doctor/diagnosis.ts'
import { showProgress } from '../doctor/show-progress.ts'
import { examineDns } from '../doctor/examine-dns.ts'
import { diagnoseState } from './diagnose-state.ts'
import { listsInUse } from './lists-in-use.ts'
import { renderListsJson, renderListsTable, statusOf } from './lists-report.ts'

export interface ShowListsOptions {
  /** The cache file. */
  readonly cachePath: string
  /** The configuration file; undefined: there is none. */
  readonly path: string | undefined
  readonly config: Config
  /** Whether to ask the lists. */
  readonly test: boolean
  readonly json: boolean
  /** Characters of a line of the terminal; undefined: standard output is none. */
  readonly width: number | undefined
  /** Where progress is written; undefined: nowhere. */
  readonly progress: ((text: string) => void) | undefined
  readonly nowMs: () => number
}

export async function showLists(
  options: ShowListsOptions,
): Promise<{ readonly text: string; readonly status: number }> {
  const { cachePath, path, config, test: isTested, json, width, nowMs } = options
  const store = readStore(cachePath, limitsOf(config))
  const ledger = readLedger(config.LEDGER)
  const isUnseen = store.kind === 'unavailable' && store.code !== 'missing'
  const known = store.kind === 'tables' ? store.tables : isUnseen ? 'unseen' : 'none'
  const lists = listsInUse(config, known, ledger, nowMs())
  const stop = isTested ? showProgress(options.progress, `${lists.length} lists`) : () => {}
  const examined = isTested ? await examineDns(config, cachePath).finally(stop) : checkLedger(ledger, config, nowMs())
  const unseen =
    store.kind === 'unavailable' && store.code !== 'missing'
      ? [note('not-looked-at', 'cache', `which lists are left alone is not known: ${store.why}`)]
      : []
  const diagnoses = [...examined, ...unseen, ...lists.flatMap(list => diagnoseState(list, config, path))]
  const read = ledger.kind === 'ledger' ? config.LEDGER : undefined
  const report = { lists, diagnoses, isTested, ledger: read, nowMs: nowMs(), path }
  return { text: json ? renderListsJson(report) : renderListsTable(report, width), status: statusOf(diagnoses) }
}
