/**
 * What each parameter of a configuration is worth: the figures with that one alone set back to its value in another one.
 *
 *   two configurations, mails → worthTable → quality.ts
 *
 * The differences are those that setting it back makes: `+2` good mails stopped means that the parameter saves two.
 */
import { type Case, count, type Figures, measure } from './corpus.ts'
import { type Config, differingParameters, ours, withParameter } from './ours.ts'
import type { Table } from './tables.ts'

/** A row for each parameter that differs; the first is the configuration as it is. */
export async function worthTable(config: Config, base: Config, mails: readonly Case[]): Promise<Table> {
  const figuresOf = async (config: Config): Promise<Figures> => count(await measure(ours('', '', config), mails))
  const whole = await figuresOf(config)
  const rows: string[][] = []
  for (const name of differingParameters(config, base)) {
    const without = await figuresOf(withParameter(config, name, base))
    rows.push([
      name,
      change(without.refused + without.deferred, whole.refused + whole.deferred),
      change(without.refused, whole.refused),
      change(without.accepted, whole.accepted),
      change(without.caught, whole.caught),
    ])
  }
  const { refused, deferred, accepted, caught } = whole
  return [
    ['without', 'good mail stopped', 'of it refused', 'spam accepted', 'dark spam caught'],
    ['(nothing)', ...[refused + deferred, refused, accepted, caught].map(String)],
    ...rows,
  ]
}

/** `(5, 3)` → `+2`; no change is `·`. */
function change(now: number, before: number): string {
  if (now === before) return '·'
  return `${now > before ? '+' : ''}${now - before}`
}
