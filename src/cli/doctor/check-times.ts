/**
 * Time limits around us, held against the time that DNS may take (dns-budget.ts).
 *
 *   uses, our services, configuration → diagnoses
 *
 * Postfix stops waiting after smtpd_policy_service_timeout, 100 s: shorter than our lookups may take, and a slow name
 * server becomes a deferred mail. spawn(8) ends a process NAME_time_limit after its start (command_time_limit, 1000 s,
 * unless set), in use or not: while that is no longer than smtpd_policy_service_max_ttl, for which Postfix keeps the
 * connection, it can hit a request. (Postfix 3.7 was seen to try in vain: the process is another user's.) 3600 s is
 * Postfix's own advice.
 *
 * Pure, total. Sources: postconf(5), spawn(8), SMTPD_POLICY_README.
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { ClientSettings } from './check-client-settings.ts'
import { type Diagnosis, failure, ok, warning } from './diagnosis.ts'
import { dnsBudgetOf } from './dns-budget.ts'
import type { OurService } from './our-services.ts'
import type { PolicyUse } from './policy-uses.ts'
import { type Postfix, parseSeconds, type Service, settingOf } from './postfix.ts'
import type { Remedies } from './remedy.ts'

const USUAL_TIME_LIMIT_SECONDS = 1000
const ADVISED_TIME_LIMIT_SECONDS = 3600
const USUAL_TIMEOUT_SECONDS = 100
const USUAL_MAX_TTL_SECONDS = 1000

export function checkTimes(
  postfix: Postfix,
  ours: readonly OurService[],
  uses: readonly PolicyUse[],
  config: Config,
  remedies: Remedies,
): Diagnosis[] {
  const usesOfUs = uses.filter(({ asksUs }) => asksUs)
  return [
    ...usesOfUs.map(use => checkTimeout(postfix, use, config, remedies)),
    ...ours.map(({ service }) => checkTimeLimit(postfix, service, usesOfUs, config, remedies)),
  ]
}

function checkTimeout(postfix: Postfix, use: PolicyUse, config: Config, remedies: Remedies): Diagnosis {
  const settings = new ClientSettings(postfix, use, remedies)
  const seconds = settings.seconds('timeout') ?? USUAL_TIMEOUT_SECONDS
  const budget = dnsBudgetOf(config)
  const about = settings.about('timeout')
  if (seconds > budget.seconds) return ok(about, `${seconds} s, DNS may take ${budget.seconds} s (${budget.formula})`)
  return failure(
    'timeout-below-budget',
    about,
    `is ${seconds} s, but DNS may take ${budget.seconds} s (${budget.formula}): mail is deferred whenever a name server is slow`,
    settings.remedy('timeout', `${USUAL_TIMEOUT_SECONDS}s`),
  )
}

function checkTimeLimit(
  postfix: Postfix,
  service: Service,
  uses: readonly PolicyUse[],
  config: Config,
  remedies: Remedies,
): Diagnosis {
  const name = `${service.name}_time_limit`
  const written = settingOf(postfix, name, service) || settingOf(postfix, 'command_time_limit', service)
  const seconds = parseSeconds(written) ?? USUAL_TIME_LIMIT_SECONDS
  const remedy = remedies.settingOf(postfix, service, name, String(ADVISED_TIME_LIMIT_SECONDS))
  const budget = dnsBudgetOf(config)
  if (seconds <= budget.seconds)
    return failure(
      'time-limit-below-budget',
      name,
      `is ${seconds} s, but DNS may take ${budget.seconds} s (${budget.formula}): spawn(8) may end processes before they have answered`,
      remedy,
    )
  const maxTtlSeconds = uses
    .filter(use => use.service === service)
    .map(use => new ClientSettings(postfix, use, remedies).seconds('max_ttl') ?? USUAL_MAX_TTL_SECONDS)
    .reduce((greatest, each) => Math.max(greatest, each), 0)
  if (seconds > maxTtlSeconds)
    return ok(name, `${seconds} s, longer than Postfix keeps a connection (${maxTtlSeconds} s)`)
  return warning(
    'time-limit-too-short',
    name,
    `is ${seconds} s, and Postfix keeps a connection for ${maxTtlSeconds} s: spawn(8) may end processes that are in use, and the mail at hand then waits for a second try`,
    remedy,
  )
}
