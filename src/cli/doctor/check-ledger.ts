/**
 * Are lists asked more often than their operators allow for free?
 *
 *   ledger (cache/ledger-reader.ts), table of lists → queries of each operator → diagnoses; cli/lists/
 *
 * A limit is the operator's: it holds for all of his lists that have it, together. What is told is the greater of today, so far,
 * and yesterday; from four fifths of the limit on, since who is beyond it gets refusals, or answers that say nothing.
 *
 * Total; pure, but for a look at the directory of a ledger that is not there.
 * Sources: lists/zones.ts, `queriesPerDay`; docs/lists-in-use.md#the-ledger.
 */
import { dirname, resolve } from 'node:path'
import type { ReadLedger } from '../../cache/ledger-reader.ts'
import { dayOf } from '../../cache/ledger-format.ts'
import { builtinConfig, type Config } from '../../config/parameters/parameters.ts'
import type { Zone } from '../../lists/zone.ts'
import { findZone } from '../../lists/zones.ts'
import { isOthersToo } from '../advice/cache-advice.ts'
import { type Diagnosis, note, warning } from './diagnosis.ts'
import { quote } from '../../text/shell-word.ts'

/** What an operator was asked, on all of his lists. */
export interface OperatorQueries {
  readonly operator: string
  readonly today: number
  readonly yesterday: number
  /** What the lists among them with a published limit were asked; absent: there is none. */
  readonly limited?: {
    readonly perDay: number
    readonly today: number
    readonly yesterday: number
    /** In the operator's words. */
    readonly limits: string
    readonly beyond: string
  }
}

/** From here on it is told. */
const SHARE_TOLD = 0.8
const FEED = 'or take the data by rsync, for rbldnsd on a name server of your own: ask the operator'

/** The operators of all lists in the ledger, and of those in use, by name. */
export function queriesByOperator(ledger: ReadLedger, config: Config, nowMs: number): OperatorQueries[] {
  const days =
    ledger.kind === 'ledger' ? ledger.days : new Map<number, ReadonlyMap<string, { readonly sent: number }>>()
  const [today, yesterday] = [days.get(dayOf(nowMs)), days.get(dayOf(nowMs) - 1)]
  const operators = new Map<string, OperatorQueries>()
  for (const list of new Set([...(today?.keys() ?? []), ...(yesterday?.keys() ?? [])])) {
    const zone = findZone(list, config.zone_codes)
    const operator = operatorOf(list, zone)
    const asked = { today: today?.get(list)?.sent ?? 0, yesterday: yesterday?.get(list)?.sent ?? 0 }
    operators.set(operator, add(operators.get(operator) ?? { operator, today: 0, yesterday: 0 }, asked, zone))
  }
  return [...operators.values()].sort((one, other) => (one.operator < other.operator ? -1 : 1))
}

/** Who runs a list, as far as it is known; otherwise it stands for itself. */
export function operatorOf(list: string, zone: Zone | undefined): string {
  return zone === undefined || zone.source === '@zone_codes' ? list : zone.operator
}

function add(
  sum: OperatorQueries,
  { today, yesterday }: { readonly today: number; readonly yesterday: number },
  zone: Zone | undefined,
): OperatorQueries {
  const whole = { ...sum, today: sum.today + today, yesterday: sum.yesterday + yesterday }
  const { queriesPerDay: perDay, limits, beyond = '' } = zone ?? {}
  if (perDay === undefined || limits === undefined) return whole
  const { today: before = 0, yesterday: dayBefore = 0 } = sum.limited ?? {}
  return { ...whole, limited: { perDay, today: before + today, yesterday: dayBefore + yesterday, limits, beyond } }
}

/** Warnings, and a note where there is no ledger although a list has a limit. */
export function checkLedger(ledger: ReadLedger, config: Config, nowMs: number): Diagnosis[] {
  if (config.LEDGER === '') return []
  const beyond = queriesByOperator(ledger, config, nowMs).flatMap(warnOfLimit)
  const why = ledger.kind === 'ledger' ? undefined : whyNoLedger(ledger.code, config)
  return why && hasLimit(config) ? [...beyond, why] : beyond
}

function warnOfLimit({ operator, limited }: OperatorQueries): Diagnosis[] {
  if (!limited) return []
  const { perDay, today, yesterday, limits, beyond } = limited
  const most = Math.max(today, yesterday)
  if (most < SHARE_TOLD * perDay) return []
  const when = today >= yesterday ? 'today' : 'yesterday'
  const text = `was asked ${grouped(most)} times ${when}, ${percent(most, perDay)} of what it allows for free: ${limits}`
  return [warning('list-limit', operator, text, `${beyond === '' ? '' : `${beyond}; `}${FEED}`)]
}

function hasLimit({ dnsbl_score, rhsbl_score, dnswl_score, zone_codes }: Config): boolean {
  const entries = [...dnsbl_score, ...rhsbl_score, ...dnswl_score]
  return entries.some(({ host }) => findZone(host, zone_codes)?.queriesPerDay !== undefined)
}

function whyNoLedger(code: string, { LEDGER, USER, GROUP }: Config): Diagnosis {
  const what = 'how often lists are asked, and whether that is near what they allow for free, is not known'
  if (code !== 'ENOENT') return note('ledger', LEDGER, `cannot be read (${code}): ${what}`)
  const directory = dirname(resolve(LEDGER))
  return note(
    'ledger',
    LEDGER,
    `is not there: ${what}. The next mail makes it where its directory belongs to ${USER}`,
    isOthersToo(directory)
      ? `$LEDGER = '${builtinConfig().LEDGER}';`
      : `install -d -o ${quote(USER)} -g ${quote(GROUP)} -m 750 ${quote(directory)}`,
  )
}

/** `240000` → `240,000`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `(240000, 300000)` → `80 %`. */
export function percent(part: number, whole: number): string {
  return `${Math.floor((100 * part) / whole)} %`
}
