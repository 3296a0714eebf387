/**
 * Where Postfix asks this program: in which list, behind what, and whether it comes to that.
 *
 *   lists, uses → diagnoses, with the list as it should read
 *
 * Behind reject_unauth_destination, or a list that is evaluated before has it: otherwise the service decides about mail
 * for other systems, too, and one OK makes an open relay (SMTPD_POLICY_README). Relay restrictions come before recipient
 * restrictions as of Postfix 3.6, behind them before that. Behind permit_mynetworks and permit_sasl_authenticated: one's
 * own users send from dial-up lines, which is what is looked for. In the recipient list: earlier there is no recipient
 * if smtpd_delay_reject is off, later there is no single one.
 *
 * Pure, total. Sources: postconf(5), SMTPD_ACCESS_README, SMTPD_POLICY_README; decide.ts (short cuts).
 */
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'
import { describeList, type List, type ListName, type PolicyUse, relayComesFirst, rewriteUse } from './policy-uses.ts'
import { type Postfix, serviceId, settingOf } from './postfix.ts'
import type { Remedies } from './remedy.ts'
import type { Item, Restriction } from './restrictions.ts'

/** What ends mail for other systems. */
const GUARDS: ReadonlySet<string> = new Set([
  ...['reject_unauth_destination', 'defer_unauth_destination', 'check_relay_domains'],
  ...['reject', 'defer'],
])
/** What ends a list whatever the mail is. */
const FINAL: ReadonlySet<string> = new Set(['permit', 'reject', 'defer'])

const RELAY = 'smtpd_relay_restrictions'
const RECIPIENT = 'smtpd_recipient_restrictions'
/** In these a request can come before Postfix knows the recipient. */
const EARLY: ReadonlySet<ListName> = new Set([
  'smtpd_client_restrictions',
  'smtpd_helo_restrictions',
  'smtpd_sender_restrictions',
])

/** All uses that ask us. */
export function checkPlacement(
  postfix: Postfix,
  lists: readonly List[],
  uses: readonly PolicyUse[],
  remedies: Remedies,
): Diagnosis[] {
  const ours = uses.filter(({ asksUs }) => asksUs)
  return [...ours.flatMap(use => checkUse(postfix, lists, use, remedies)), ...askedTwice(postfix, ours)]
}

/** Several of ours in one list: that is not one in reserve for the other. */
function askedTwice(postfix: Postfix, ours: readonly PolicyUse[]): Diagnosis[] {
  return ours.flatMap(({ list, endpointText }, index) => {
    const before = ours.slice(0, index).find(each => each.list === list && each.endpointText !== endpointText)
    if (!before) return []
    const text = `asks ${endpointText} behind ${before.endpointText}: each mail is asked about at both, and without either it is deferred; for one in reserve, give one name both addresses`
    return [note('asked-twice', describeList(postfix, list), text)]
  })
}

/** Nothing asks us: the recipient list as it should read. */
export function nobodyAsks(postfix: Postfix, lists: readonly List[], endpoint: string, remedies: Remedies): Diagnosis {
  const list = lists.find(({ name }) => name === RECIPIENT)
  const policy: Item = {
    text: `check_policy_service ${endpoint}`,
    name: 'check_policy_service',
    argument: endpoint,
    onlyWarns: false,
  }
  const value = arrange(list?.items ?? [], [policy], needsOf(postfix, lists, list))
  return failure(
    'not-asked',
    'main.cf',
    `nothing asks this program: no check_policy_service leads to ${endpoint}`,
    remedies.settingOf(postfix, list?.server, RECIPIENT, value),
  )
}

function checkUse(postfix: Postfix, lists: readonly List[], use: PolicyUse, remedies: Remedies): Diagnosis[] {
  const { list, step } = use
  const where = describeList(postfix, list)
  const before = list.steps.slice(0, step)
  const found: Diagnosis[] = []
  const end = before.find(({ name, onlyWarns }) => FINAL.has(name) && !onlyWarns)
  const remedy = remediesFor(postfix, lists, use, remedies)
  if (end)
    return [
      failure(
        'never-reached',
        where,
        `${use.endpointText} is never asked: "${end.name}" in front of it ends the list`,
        ...remedy,
      ),
    ]
  found.push(...checkList(postfix, use, where, remedy), ...checkGuard(postfix, lists, use, where, remedy))
  const missing = missingPermits(postfix, lists, list, before)
  if (missing.length > 0 && list.name !== 'smtpd_etrn_restrictions')
    found.push(
      warning(
        'own-users-scored',
        where,
        `${use.endpointText} is asked about your own users: ${missing.join(' and ')} ${missing.length > 1 ? 'do' : 'does'} not stand in front of it, and dial-up lines are scored badly`,
        ...remedy,
      ),
    )
  if (list.steps[step]?.onlyWarns)
    found.push(
      warning(
        'only-warns',
        where,
        `warn_if_reject in front of ${use.endpointText}: its rejections are logged and the mail is accepted`,
        ...remedy,
      ),
    )
  return found.length > 0 ? found : [ok(where, `asks ${use.endpointText}, in the right place`)]
}

function checkList(
  postfix: Postfix,
  { list, endpointText }: PolicyUse,
  where: string,
  remedy: readonly string[],
): Diagnosis[] {
  const isDelayed = settingOf(postfix, 'smtpd_delay_reject', list.server) !== 'no'
  switch (list.name) {
    case 'smtpd_client_restrictions':
    case 'smtpd_helo_restrictions':
    case 'smtpd_sender_restrictions': {
      if (isDelayed) return []
      const what =
        list.name === 'smtpd_sender_restrictions'
          ? 'there is no recipient yet, so postmaster is not let through'
          : 'there is no sender yet, so nothing is ever scored (DUNNO)'
      return [
        failure('asked-too-early', where, `asks ${endpointText} with smtpd_delay_reject = no: ${what}`, ...remedy),
      ]
    }
    case 'smtpd_data_restrictions':
    case 'smtpd_end_of_data_restrictions':
      return [
        warning(
          'asked-too-late',
          where,
          `asks ${endpointText} when the recipients are through: mail to several has none in the request, and postmaster is not let through`,
          ...remedy,
        ),
      ]
    case 'smtpd_etrn_restrictions':
      return [failure('asked-too-early', where, `asks ${endpointText} about ETRN, which is no mail`, ...remedy)]
    default:
      return []
  }
}

function checkGuard(
  postfix: Postfix,
  lists: readonly List[],
  { list, step, endpointText }: PolicyUse,
  where: string,
  remedy: readonly string[],
): Diagnosis[] {
  if (hasGuard(list.steps.slice(0, step))) return []
  const costs = (): Diagnosis[] => [
    warning(
      'asked-before-relay-check',
      where,
      `${endpointText} is asked before reject_unauth_destination: mail that is refused anyway costs DNS lookups`,
      ...remedy,
    ),
  ]
  if (EARLY.has(list.name)) return costs()
  if (list.name !== RELAY && list.name !== RECIPIENT) return []
  const other = lists.find(
    ({ server, name }) => server === list.server && name === (list.name === RELAY ? RECIPIENT : RELAY),
  )
  if (!hasGuard(other?.steps ?? []))
    return [
      failure(
        'open-relay',
        where,
        `${endpointText} is asked before reject_unauth_destination, and ${other?.name ?? 'no other list'} does not have it either: one OK of any policy service would relay mail for strangers`,
        ...remedy,
      ),
    ]
  const otherComesFirst = relayComesFirst(postfix, list.server) === (list.name === RECIPIENT)
  return otherComesFirst ? [] : costs()
}

function hasGuard(steps: readonly Restriction[]): boolean {
  return steps.some(({ name, onlyWarns }) => GUARDS.has(name) && !onlyWarns)
}

/** What lets one's own users pass and does not stand in front: of what this server knows own users by. */
function missingPermits(
  postfix: Postfix,
  lists: readonly List[],
  list: List,
  before: readonly Restriction[],
): string[] {
  const relaying = lists
    .filter(({ server, name }) => server === list.server && (name === RELAY || name === RECIPIENT))
    .flatMap(({ steps }) => steps)
  const usesSasl = settingOf(postfix, 'smtpd_sasl_auth_enable', list.server) === 'yes'
  return ['permit_mynetworks', ...(usesSasl ? ['permit_sasl_authenticated'] : [])].filter(
    permit =>
      (relaying.length === 0 || relaying.some(({ name }) => name === permit)) &&
      !before.some(({ name }) => name === permit),
  )
}

/** What a recipient list has to have in front of us. */
interface Needs {
  readonly permits: readonly string[]
  readonly guard: boolean
}

function needsOf(postfix: Postfix, lists: readonly List[], list: List | undefined): Needs {
  const permits = list ? missingPermits(postfix, lists, list, list.steps) : ['permit_mynetworks']
  const relay = lists.find(({ server, name }) => server === list?.server && name === RELAY)
  const isGuarded = hasGuard(relay?.steps ?? []) && relayComesFirst(postfix, list?.server)
  // A "reject" at the end stays at the end, so it cannot stand in front of us.
  const steps = list?.steps.filter(({ name }) => !FINAL.has(name)) ?? []
  return { permits, guard: !isGuarded && !hasGuard(steps) }
}

/** The list as it should read: our item behind everything it has to stand behind; in the recipient list, wherever it stood. */
function remediesFor(
  postfix: Postfix,
  lists: readonly List[],
  { list, step }: PolicyUse,
  remedies: Remedies,
): string[] {
  const index = list.steps[step]?.item ?? 0
  const item = list.items[index]
  if (!item) return []
  const rest = list.items.filter((_, at) => at !== index)
  const plain = { ...item, text: item.text.replace(/^(?:warn_if_reject )+/i, '') }
  if (list.name === RECIPIENT)
    return [remedies.settingOf(postfix, list.server, list.name, arrange(rest, [plain], needsOf(postfix, lists, list)))]
  const recipient = lists.find(({ server, name }) => server === list.server && name === RECIPIENT)
  const emptied = remedies.settingOf(postfix, list.server, list.name, rest.map(({ text }) => text).join(', '))
  if (recipient?.items.some(({ text }) => text === plain.text)) return [emptied]
  const value = arrange(recipient?.items ?? [], [plain], needsOf(postfix, lists, recipient))
  return [emptied, remedies.settingOf(postfix, list.server, RECIPIENT, value)]
}

/** Puts `ours` behind the last guard or permit that is not the end of the list; adds what is missing. */
export function arrange(rest: readonly Item[], ours: readonly Item[], { permits, guard }: Needs): string {
  const items: string[] = [...permits, ...rest.map(({ text }) => text)]
  const end = items.findIndex(text => FINAL.has(text.toLowerCase()))
  const added = [...(guard ? ['reject_unauth_destination'] : []), ...ours.map(({ text }) => text)]
  items.splice(end < 0 ? items.length : end, 0, ...added)
  return items.join(', ')
}

/** Whoever is asked and is not there: a name of master.cf that it does not have. */
export function checkEndpoints(
  postfix: Postfix,
  uses: readonly PolicyUse[],
  isSocket: (path: string) => boolean,
  wanted: string,
  remedies: Remedies,
): Diagnosis[] {
  return uses.flatMap(use => {
    const { endpoint, service, endpointText, list } = use
    // A socket of the daemon may be missing; whether anybody answers is asked for itself.
    if (service || use.asksUs) return []
    const where = describeList(postfix, list)
    // Asked already, this program is not what was meant here.
    const isAsked = uses.some(({ asksUs, list: { server } }) => asksUs && server === list.server)
    const remedy = isAsked
      ? `add the service to master.cf, or: ${rewriteUse(postfix, use, remedies, () => '')}`
      : rewriteUse(postfix, use, remedies, text => text.replace(endpointText, () => wanted))
    if (endpoint.kind === 'unreadable')
      return [
        failure(
          'endpoint-unknown',
          where,
          `check_policy_service ${endpointText}: neither unix:PATH nor inet:HOST:PORT`,
          remedy,
        ),
      ]
    const inQueue = endpoint.kind === 'unix' && /^(?:private|public)\/./.test(endpoint.path)
    if (!inQueue || isSocket(endpoint.path)) return []
    const near = postfix.services.find(({ name, type }) => type === 'unix' && endpoint.path.endsWith(`/${name}`))
    const hint = near
      ? `; master.cf has ${serviceId(near)}, which is ${near.private === 'n' ? 'public' : 'private'}`
      : ''
    return [
      failure(
        'endpoint-unknown',
        where,
        `check_policy_service ${endpointText}: master.cf has no such service${hint}, and all mail is deferred`,
        remedy,
      ),
    ]
  })
}
