/**
 * What lists are asked by this process, and how they answer, until it is written down.
 *
 *   evaluate.ts: each packet of the resolver, the lookups of each mail → ListAccounts; behind the answer: write → cache/account.ts
 *
 * While a mail waits there is only a count and a reference to keep; what the answers mean is looked at behind it.
 *
 * Failure: none. What cannot be written is forgotten, but for a lock that was not had: then it is added to what comes next.
 * Source: docs/lists-in-use.md#the-ledger.
 */
import type { Config } from './config/parameters/parameters.ts'
import type { ListCounts } from './cache/ledger-format.ts'
import type { LookupRecord } from './dns/fan-out.ts'
import type { Native, NativeUnavailable } from './system/native/native.ts'

export class ListAccounts {
  readonly #config: Config
  readonly #native: () => Native | NativeUnavailable
  #sent = new Map<string, number>()
  #lookups: (readonly LookupRecord[])[] = []
  /** What could not be written, by list as it is shown. */
  #left: Map<string, ListCounts> | undefined

  constructor(config: Config, native: () => Native | NativeUnavailable) {
    this.#config = config
    this.#native = native
  }

  /** A packet has left, to a list or not. */
  readonly sent = (list: string | undefined): void => {
    if (list !== undefined) this.#sent.set(list, (this.#sent.get(list) ?? 0) + 1)
  }

  /** A mail has been looked up. */
  lookedUp(lookups: readonly LookupRecord[]): void {
    this.#lookups.push(lookups)
  }

  /** Writes down what there is. Never rejects. */
  async write(): Promise<void> {
    if (this.#sent.size === 0 && this.#lookups.length === 0) return
    const native = this.#native()
    const [sent, lookups, left] = [this.#sent, this.#lookups, this.#left]
    this.#sent = new Map()
    this.#lookups = []
    this.#left = undefined
    if (native.kind === 'unavailable') return
    try {
      const { account } = await import('./cache/account.ts')
      const { classifyAnswer } = await import('./score/scoring-program.ts')
      this.#left = account({ sent, lookups, left }, classifyAnswer, this.#config, native)
    } catch {
      // Statistics are no reason to end.
    }
  }
}
