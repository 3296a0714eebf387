/**
 * How Postfix asks: smtpd_policy_service_* of main.cf, of an smtpd(8)'s -o options, or of one `{ … }`.
 *
 *   uses, configuration → diagnoses
 *
 * What Postfix 3.7 was seen to do: a service that ends, or closes, after each answer costs every further request of that
 * smtpd(8) the retry delay, 1.0 s, without a word in the log, unless smtpd_policy_service_request_limit is 1; one that
 * ends without an answer is tried again, and then the default action is taken. A connection is closed by Postfix itself
 * after 300 s without a request, and 1000 s in all. Our processes stay until then, so a limit of 1 only makes a process
 * for each request.
 *
 * Pure, total. Sources: postconf(5), SMTPD_POLICY_README, access(5).
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { type Diagnosis, failure, ok, warning } from './diagnosis.ts'
import { type PolicyUse, rewriteUse } from './policy-uses.ts'
import { type Postfix, parseSeconds, serviceId, settingOf } from './postfix.ts'
import type { Remedies } from './remedy.ts'
import { splitWords } from './postfix-words.ts'

/** How long a client waits for the answer to RCPT TO (RFC 5321 4.5.3.2.3). */
const CLIENT_PATIENCE_SECONDS = 300
const LONG_RETRY_DELAY_SECONDS = 5
const SHORT_CONNECTION_SECONDS = 10
/** Actions of access(5) by which a mail is lost, or refused for good. */
const LOSES_MAIL = /^(?:reject|discard|[5]\d\d)$/i
const ACCEPTS = /^(?:ok|permit|permit_auth_destination|\d+)$/i
const HARMLESS =
  /^(?:dunno|defer|defer_if_permit|defer_if_reject|4\d\d|warn|info|hold|prepend|filter|redirect|bcc|reject_\w+|permit_\w+|check_\w+)$/i

/** Reads a setting of one use: its own, the server's, main.cf's. `name` without `smtpd_policy_service_`. */
export class ClientSettings {
  readonly #postfix: Postfix
  readonly #use: PolicyUse
  readonly #remedies: Remedies

  constructor(postfix: Postfix, use: PolicyUse, remedies: Remedies) {
    this.#postfix = postfix
    this.#use = use
    this.#remedies = remedies
  }

  get(name: string): string {
    return this.#use.settings.get(name) ?? settingOf(this.#postfix, PREFIX + name, this.#use.list.server)
  }

  seconds(name: string): number | undefined {
    return parseSeconds(this.get(name))
  }

  /** What is to be named in a report. */
  about(name: string): string {
    if (!this.#use.settings.has(name)) return PREFIX + name
    return `${name} in ${this.#use.list.name}${this.#use.list.server ? ` (${serviceId(this.#use.list.server)})` : ''}`
  }

  /** The command that sets it where it comes from. */
  remedy(name: string, value: string): string {
    const { list, settings } = this.#use
    if (!settings.has(name)) return this.#remedies.settingOf(this.#postfix, list.server, PREFIX + name, value)
    const set = /\s/.test(value) ? `{ ${name} = ${value} }` : `${name}=${value}`
    const pattern = new RegExp(`\\{\\s*${name}\\s*=[^{}]*\\}|\\b${name}\\s*=\\s*[^\\s,{}]+`)
    return rewriteUse(this.#postfix, this.#use, this.#remedies, text => text.replace(pattern, () => set))
  }
}

const PREFIX = 'smtpd_policy_service_'

export function checkClientSettings(
  postfix: Postfix,
  uses: readonly PolicyUse[],
  config: Config,
  remedies: Remedies,
): Diagnosis[] {
  return uses
    .filter(({ asksUs }) => asksUs)
    .flatMap(use => {
      const settings = new ClientSettings(postfix, use, remedies)
      const found = [
        ...checkDefaultAction(postfix, use, settings),
        ...checkTries(settings),
        ...checkConnections(use, settings, config),
      ]
      if (found.length > 0) return found
      return [
        ok(
          settings.about('default_action'),
          `${settings.get('default_action')}, after ${settings.get('try_limit')} tries`,
        ),
      ]
    })
}

/** What Postfix does with a mail for which nobody answers, if it is not to defer it. */
export function insteadOfDeferring(postfix: Postfix, use: PolicyUse, remedies: Remedies): string | undefined {
  const action = new ClientSettings(postfix, use, remedies).get('default_action')
  return action === '' || /^(?:4\d\d|defer)/i.test(action) ? undefined : action
}

function checkDefaultAction(postfix: Postfix, { list }: PolicyUse, settings: ClientSettings): Diagnosis[] {
  const name = 'default_action'
  const action = settings.get(name)
  const [word = ''] = action.split(/\s/, 1)
  const about = settings.about(name)
  const remedy = [
    settings.remedy(name, '451 4.3.5 Server configuration problem'),
    `or, to let such mail pass unscored: ${settings.remedy(name, 'DUNNO')}`,
  ]
  const isBareCode = /^\d+$/.test(action)
  if (LOSES_MAIL.test(word) && !isBareCode)
    return [
      failure(
        'default-action-loses-mail',
        about,
        `is "${action}": when the service gives no answer, mail is lost`,
        ...remedy,
      ),
    ]
  if (ACCEPTS.test(word) && (isBareCode || !/^\d/.test(word)))
    return [
      warning(
        'default-action-accepts',
        about,
        `is "${action}", which accepts the mail past all restrictions behind; DUNNO goes on with them`,
        ...remedy,
      ),
    ]
  const classes = splitWords(settingOf(postfix, 'smtpd_restriction_classes', list.server))
  if (word === '' || HARMLESS.test(word) || classes.includes(word)) return []
  return [
    warning(
      'default-action-unknown',
      about,
      `is "${action}": "${word}" is no action of access(5) and no restriction class`,
      ...remedy,
    ),
  ]
}

function checkTries(settings: ClientSettings): Diagnosis[] {
  const tries = Number(settings.get('try_limit') || 2)
  const timeout = settings.seconds('timeout') ?? 100
  const delay = settings.seconds('retry_delay') ?? 1
  const found: Diagnosis[] = []
  if (tries < 2)
    found.push(
      failure(
        'one-try',
        settings.about('try_limit'),
        `is ${tries}: whenever spawn(8) ends a process, or the daemon is restarted, a mail is not tried again but gets the default action`,
        settings.remedy('try_limit', '2'),
      ),
    )
  if (tries * timeout + (tries - 1) * delay > CLIENT_PATIENCE_SECONDS)
    found.push(
      warning(
        'tries-too-long',
        settings.about('timeout'),
        `${tries} tries of ${timeout} s last longer than a client waits for an answer, ${CLIENT_PATIENCE_SECONDS} s`,
        settings.remedy('timeout', '100s'),
        settings.remedy('try_limit', '2'),
      ),
    )
  if (delay > LONG_RETRY_DELAY_SECONDS)
    found.push(
      warning(
        'retry-delay',
        settings.about('retry_delay'),
        `is ${delay} s: so long each mail waits that finds its connection closed`,
        settings.remedy('retry_delay', '1s'),
      ),
    )
  return found
}

function checkConnections(use: PolicyUse, settings: ClientSettings, config: Config): Diagnosis[] {
  const found: Diagnosis[] = []
  const limit = Number(settings.get('request_limit') || 0)
  const closesEach = use.service === undefined && config.TRY_BALANCE
  if (closesEach && limit !== 1)
    found.push(
      warning(
        'second-request-waits',
        settings.about('request_limit'),
        `is ${limit}, and with $TRY_BALANCE the daemon closes each connection after its answer: every further request waits ${settings.get('retry_delay') || '1s'}`,
        'in the configuration: $TRY_BALANCE = 0;',
        `or: ${settings.remedy('request_limit', '1')}`,
      ),
    )
  else if (!closesEach && limit > 0)
    found.push(
      warning(
        'request-limit',
        settings.about('request_limit'),
        `is ${limit}: ${use.service ? 'a process is started' : 'a connection is made'} for every ${limit === 1 ? 'request' : `${limit} requests`}; this program answers any number`,
        settings.remedy('request_limit', '0'),
      ),
    )
  for (const [name, usual] of [
    ['max_idle', '300s'],
    ['max_ttl', '1000s'],
  ] as const) {
    const seconds = settings.seconds(name)
    if (seconds !== undefined && seconds < SHORT_CONNECTION_SECONDS)
      found.push(
        warning(
          'short-connections',
          settings.about(name),
          `is ${seconds} s: nearly every mail needs a new ${use.service ? 'process' : 'connection'}`,
          settings.remedy(name, usual),
        ),
      )
  }
  return found
}
