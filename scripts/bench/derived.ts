/**
 * Figures that follow from measured ones, for docs/scale.md. Pure; what is missing leads to nothing.
 *
 * Names begin with `scale/`. Rates are of this machine with all its processors; a day has 86,400 seconds, and mail does
 * not come evenly: the busiest hour of a day is taken for a tenth of it, so a day carries 10 × 3600 s of the peak rate.
 */
import type { Figures } from './results.ts'

/** Seconds of the peak rate that make up a day. */
const PEAK_SECONDS_A_DAY = 36_000
const PROVIDER_MAILS_A_DAY = 100_000_000
/** Share of a provider's mails whose client is not known. */
const UNKNOWN_SHARE = 0.3
const PEAK = PROVIDER_MAILS_A_DAY / PEAK_SECONDS_A_DAY

type Rule = (of: (name: string) => number) => number

const RULES: Readonly<Record<string, Rule>> = {
  'scale/spawn/hits-per-second': of => 1000 / of('processes/ham-hit/64/ours-20/each'),
  'scale/spawn/misses-per-second': of => 1000 / of('processes/good/64/ours-20/each'),
  'scale/original-spawn/misses-per-second': of => 1000 / of('processes/good/64/original/each'),
  'scale/spawn/million-connections-a-day': of => PEAK_SECONDS_A_DAY / 1000 / of('processes/good/64/ours-20/each'),
  'scale/warm/misses-per-second-of-one': of => 1000 / of('warm/20/good/ours-20'),
  'scale/daemon/million-misses-a-day': of => (of('daemon/miss/64/ours/per-second') * PEAK_SECONDS_A_DAY) / 1e6,
  'scale/daemon/million-hits-a-day': of => (of('daemon/hit/64/ours/per-second') * PEAK_SECONDS_A_DAY) / 1e6,
  'scale/memory/gigabytes-of-1000': of => of('memory/50/ours-20/proportional') / 1.024,
  'scale/provider/peak-per-second': () => PEAK,
  'scale/provider/peak-misses-per-second': () => PEAK * UNKNOWN_SHARE,
  'scale/provider/processor-share': of =>
    100 *
    PEAK *
    (UNKNOWN_SHARE / of('daemon/miss/64/ours/per-second') + (1 - UNKNOWN_SHARE) / of('daemon/hit/64/ours/per-second')),
  'scale/provider/million-queries-a-day': of =>
    (PROVIDER_MAILS_A_DAY * UNKNOWN_SHARE * of('queries/forged/ours-20')) / 1e6,
  'scale/provider/million-list-queries-a-day': () => (PROVIDER_MAILS_A_DAY * UNKNOWN_SHARE) / 1e6,
}

export function deriveFigures(figures: Figures): Figures {
  const derived: Figures = {}
  for (const [name, rule] of Object.entries(RULES)) {
    const figure = rule(key => figures[key] ?? Number.NaN)
    if (Number.isFinite(figure)) derived[name] = figure
  }
  return derived
}
