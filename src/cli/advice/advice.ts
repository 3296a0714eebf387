/**
 * What a postmaster wants to know about a configuration that is not wrong.
 *
 * Loaded configuration → warnings, at the lines that cause them → check.ts. Reads what the file sets, and the dated
 * table of lists: dead ones, ones that list everybody, ones that are asked the wrong thing. A configuration is obeyed
 * as it stands all the same (D8).
 *
 * Pure, no errors. The built-in values give no advice; those of a faulty file are not looked at.
 * Sources: docs/behaviour/dns-and-lists.md#what-is-known-of-lists, docs/behaviour/deviations.md#d8.
 */
import { type Finding, type FindingCode, makeFinding } from '../../config/findings/finding.ts'
import type { LoadedConfig } from '../../config/loaded.ts'
import type { Config, ConfiguredList } from '../../config/parameters/parameters.ts'
import { profileOf } from '../../config/profile.ts'
import { sigilOf } from '../../config/parameters/parameter.ts'
import { PARAMETER_TOPICS } from '../../config/parameters/topics.ts'
import { show } from '../../config/findings/position.ts'
import { isWithoutKey } from '../../config/values/keyed-lists.ts'
import { withoutKeys } from '../../config/findings/secrets.ts'
import { shownHost } from '../../lists/shown-host.ts'
import type { Zone } from '../../lists/zone.ts'
import { findZone } from '../../lists/zones.ts'
import { adviseOnTexts } from './text-advice.ts'

const PARAMETERS = PARAMETER_TOPICS.flatMap(({ parameters }) => parameters)

/** Advice on what a file configures: a warning per list or setting. */
export function adviseOn({ config, path, origins }: LoadedConfig): Finding[] {
  if (path === undefined || config.faulty) return []
  const findings: Finding[] = []
  const add = (code: FindingCode, name: string, index: number, message: string): void => {
    const places = origins.get(name)
    if (places) findings.push(makeFinding('warning', code, path, places[index] ?? places[0], message))
  }
  for (const name of ['dnsbl_score', 'dnswl_score', 'rhsbl_score'] as const) {
    const entries = config[name]
    entries.forEach((entry, index) => {
      // That is told.
      if (isWithoutKey(entry.host)) return
      const zone = findZone(entry.host, config.zone_codes)
      const subject = `@${name}: ${shownHost(entry.host, config.zone_codes)} (${entry.label})`
      const dead = zone && deathOf(zone, entry)
      if (dead !== undefined) add('dead-list', name, index, `${subject} ${dead}`)
      const unsuitable = zone && misuseOf(zone, entry, name)
      if (unsuitable !== undefined) add('unsuitable-list', name, index, `${subject} ${unsuitable}`)
      if (entries.findIndex(other => isSame(other, entry)) < index)
        add('duplicate-list', name, index, `${subject} is in the list twice, so it counts twice; take one out`)
    })
  }
  const labels = new Set([...config.dnsbl_score, ...config.rhsbl_score].map(({ label }) => label))
  config.strong_lists.forEach((label, index) => {
    if (labels.has(label)) return
    const message = `@strong_lists: ${show(label)} is the label of no entry of @dnsbl_score or @rhsbl_score, so it has no effect`
    add('no-such-label', 'strong_lists', index, message)
  })
  for (const { name, message } of adviseOnTexts(config)) add('odd-placeholder', name, 0, message)
  for (const { kind, name, default: classic, modern } of profileOf(config) === 'modern' ? PARAMETERS : []) {
    const isClassic = JSON.stringify(config[name as keyof Config]) === JSON.stringify(classic)
    if (modern === undefined || !isClassic) continue
    const message = `${sigilOf(kind)}${name} repeats what it is in the profile classic, and so does without what modern has; take the line out, unless that is meant`
    add('repeats-classic', name, 0, message)
  }
  config.dnsbl_checks_only_regexps.forEach(({ engine, source }, index) => {
    if (engine === 'bounded')
      add(
        'bounded-pattern',
        'dnsbl_checks_only_regexps',
        index,
        `@dnsbl_checks_only_regexps: ${show(withoutKeys(source))} looks around, back or holds fast: a client name that takes it too many steps does not match`,
      )
  })
  for (const name of ['LOCKPATH', 'LOGFILE', 'LEDGER', 'JOURNAL', 'EXCEPTIONS', 'PIDFILE', 'SOCKET'] as const)
    if (config[name] !== '' && !config[name].startsWith('/'))
      add(
        'relative-path',
        name,
        0,
        `$${name}: ${show(config[name])} is another place for each process; a path begins with /`,
      )
  for (const [size, maximum] of [
    ['CACHESIZE', 'CACHEMAXSIZE'],
    ['POSCACHESIZE', 'POSCACHEMAXSIZE'],
  ] as const) {
    if (!isPurgeable(config, size, maximum)) {
      const message = `$${size} (${config[size]}) is not below $${maximum} (${config[maximum]}): the cache would be purged all the time`
      add('cache-sizes', origins.has(size) ? size : maximum, 0, message)
    }
  }
  return findings
}

function deathOf({ state, since, note, successor }: Zone, { hit }: ConfiguredList): string | undefined {
  if (state === 'alive') return undefined
  const when = since === undefined ? '' : ` since ${since}`
  const details = note === undefined ? '' : ` (${note})`
  const remedy = successor === undefined ? 'take it out' : `ask ${successor} in its place`
  return state === 'dead'
    ? `is dead${when}${details}: it costs a lookup for each mail and tells nothing; ${remedy}`
    : `is dead and lists everybody${when}${details}: each mail gets its score of ${hit}; ${remedy}`
}

function misuseOf({ lists, meaning, state }: Zone, { filter, hit }: ConfiguredList, name: string): string | undefined {
  if (state !== 'alive') return undefined
  if (name === 'dnsbl_score' && lists?.every(listed => listed === 'domain'))
    return 'lists domains, not addresses, so it is not asked; it belongs into @rhsbl_score'
  if (name === 'rhsbl_score' && lists?.includes('domain') === false)
    return 'lists addresses, not domains; it belongs into @dnsbl_score'
  if (name === 'dnsbl_score' && meaning === 'allow')
    return 'lists good clients, and all rules that weigh with listings count it among them; it belongs into @dnswl_score'
  if (name === 'dnswl_score' && meaning === 'block') return 'lists bad clients; it belongs into @dnsbl_score'
  if (meaning !== 'block' && filter === undefined)
    return 'gives answers of different meaning; say which ones count, as in host=127.0.0.2'
  if (meaning === 'allow' && hit > 0) return `lists good clients; its score of ${hit} is a penalty for them`
  return undefined
}

function isSame(a: ConfiguredList, b: ConfiguredList): boolean {
  return a.host === b.host && JSON.stringify(a.filter) === JSON.stringify(b.filter)
}

function isPurgeable(
  config: Config,
  size: 'CACHESIZE' | 'POSCACHESIZE',
  maximum: 'CACHEMAXSIZE' | 'POSCACHEMAXSIZE',
): boolean {
  return config[size] < config[maximum] || config[size] === 0
}
