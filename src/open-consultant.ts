/**
 * Opens what a process answers with: the cache at once, the evaluator when it is first needed.
 *
 *   serve.ts, daemon/generation.ts: configuration → openConsultant → consult.ts
 *
 * Loaded for the first request that no short cut answers.
 *
 * Failure: without the shared cache the process has one of its own, and says so (cache/cache.ts).
 */
import { openCache } from './cache/cache.ts'
import { MAX_UNDER_WAY } from './cache/under-way.ts'
import type { LoadedConfig } from './config/loaded.ts'
import { Consultant } from './consult.ts'
import type { Evaluator } from './evaluate.ts'
import type { Native, NativeUnavailable } from './system/native/native.ts'

/** How a process answers: one request at a time, as spawn(8) hands them over, or many at once, one worker of several. */
export type Mode = { readonly kind: 'spawn' } | { readonly kind: 'daemon'; readonly workers: number }

/** The consultant of a process: opens the cache. `warn` is told if there is none. */
export function openConsultant(
  { config, path: configuration }: Pick<LoadedConfig, 'config' | 'path'>,
  cacheFileName: string,
  native: () => Native | NativeUnavailable,
  warn: (text: string) => void,
  mode: Mode,
): Consultant {
  let evaluator: Promise<Evaluator> | undefined
  let opened: Evaluator | undefined
  // Its share of the questions under way on the host, where the cache is not shared.
  const maxUnderWay = mode.kind === 'daemon' ? Math.ceil(MAX_UNDER_WAY / mode.workers) : undefined
  const cache = openCache(config, cacheFileName, native, Date.now, warn, maxUnderWay)
  return new Consultant({
    config,
    configuration,
    cache,
    evaluator: () =>
      (evaluator ??= import('./open-evaluator.ts').then(async ({ openEvaluator }) => {
        opened = await openEvaluator(config, native, mode.kind, { cache, warn })
        return opened
      })),
    nowMs: Date.now,
    isAlone: mode.kind === 'spawn',
    rest: input => (opened?.isProbing ? opened.rest(input) : undefined),
    account: () => evaluator?.then(made => made.accounts?.write()),
    warn,
    close: async () => {
      const made = await evaluator
      await made?.accounts?.write()
      made?.close()
      // Last: what a reply has brought until then may still be written there.
      cache.close?.()
    },
  })
}
