/**
 * Every place where Postfix asks a policy service, and which of them ask this program.
 *
 *   Postfix, our services, configuration → PolicyUse for each check_policy_service → checks
 *
 * Each smtpd(8) of master.cf is looked at with the lists as it sees them: main.cf's, or those of its -o options. A list
 * that several follow appears once for each; report.ts leaves the repetitions out.
 *
 * Pure, total.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { type DaemonUnits, NO_UNITS } from './daemon-units.ts'
import { type Endpoint, isDaemon, leadsTo, parseEndpoint } from './endpoint.ts'
import {
  isOverridden,
  type Postfix,
  queueDirectory,
  type Service,
  serviceId,
  settingOf,
  smtpServers,
} from './postfix.ts'
import type { Remedies } from './remedy.ts'
import {
  flatten,
  type Item,
  parsePolicyArgument,
  parseRestrictions,
  restrictionClasses,
  type Restriction,
} from './restrictions.ts'

/** The lists, in the order in which smtpd(8) evaluates them, but for relay and recipient (see `relayComesFirst`). */
export const LISTS = [
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
  'smtpd_relay_restrictions',
  'smtpd_recipient_restrictions',
  'smtpd_data_restrictions',
  'smtpd_end_of_data_restrictions',
  'smtpd_etrn_restrictions',
] as const

export type ListName = (typeof LISTS)[number]

/** A list as one smtpd(8) sees it. */
export interface List {
  readonly server: Service | undefined
  readonly name: ListName
  readonly items: readonly Item[]
  readonly steps: readonly Restriction[]
}

/** One `check_policy_service`. */
export interface PolicyUse {
  readonly list: List
  /** Index into the list's steps. */
  readonly step: number
  /** As written: `unix:private/policy`. */
  readonly endpointText: string
  readonly endpoint: Endpoint
  /** The service of master.cf it leads to. */
  readonly service: Service | undefined
  readonly asksUs: boolean
  readonly settings: ReadonlyMap<string, string>
}

/** The lists of all that receive mail. */
export function listsOf(postfix: Postfix): List[] {
  return smtpServers(postfix).flatMap(server => {
    const value = (name: string): string => settingOf(postfix, name, server)
    const classes = restrictionClasses(value('smtpd_restriction_classes'), value)
    return LISTS.map(name => {
      const items = parseRestrictions(value(name))
      return { server, name, items, steps: flatten(items, classes) }
    })
  })
}

/** Every use in these lists. `ours`: the services of master.cf that run this program. */
export function findPolicyUses(
  postfix: Postfix,
  lists: readonly List[],
  ours: readonly Service[],
  config: Config,
  units: DaemonUnits = NO_UNITS,
): PolicyUse[] {
  return lists.flatMap(list =>
    list.steps.flatMap(({ name, argument }, step) => {
      if (name !== 'check_policy_service' || argument === undefined) return []
      const { endpoint: endpointText, settings } = parsePolicyArgument(argument)
      const endpoint = parseEndpoint(endpointText)
      const service = postfix.services.find(each => leadsTo(endpoint, each))
      const asksUs = service ? ours.includes(service) : isDaemon(endpoint, config, queueDirectory(postfix), units)
      return [{ list, step, endpointText, endpoint, service, asksUs, settings }]
    }),
  )
}

/** The command that changes a use where it stands: in its list, or in a restriction class. An empty text takes it out. */
export function rewriteUse(
  postfix: Postfix,
  { list, step, endpointText }: PolicyUse,
  remedies: Remedies,
  change: (text: string) => string,
): string {
  const { item, within } = list.steps[step] ?? {}
  const inClass = within === undefined ? undefined : parseRestrictions(settingOf(postfix, within, list.server))
  const texts = (inClass ?? list.items).map(({ text, name }, index) => {
    const isUse = inClass ? name === 'check_policy_service' && text.includes(endpointText) : index === item
    return isUse ? change(text) : text
  })
  const value = texts.filter(text => text !== '').join(', ')
  return remedies.settingOf(postfix, list.server, within ?? list.name, value)
}

/** How a list is called in a report: `smtpd_recipient_restrictions`, `… of submission/inet`. */
export function describeList(postfix: Postfix, { server, name }: List): string {
  return server && isOverridden(postfix, name, server) ? `${name} of ${serviceId(server)}` : name
}

/** Whether relay restrictions are evaluated before recipient restrictions: as of Postfix 3.6. */
export function relayComesFirst(postfix: Postfix, server: Service | undefined): boolean {
  return settingOf(postfix, 'smtpd_relay_before_recipient_restrictions', server) === 'yes'
}
