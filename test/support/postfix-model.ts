/**
 * A Postfix for tests of doctor's checks: what postconf(1) would print → the model.
 *
 *   postfixOf({ set: 'policy_time_limit = 3600', services: SMTPD + POLICY })
 *
 * Defaults are those that Postfix 3.7 printed (test/cli/doctor/data), recipients' list empty.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findOurServices, spawnEntries } from '../../src/cli/doctor/our-services.ts'
import type { LookAtFile } from '../../src/cli/rights/look-files.ts'
import { findPolicyUses, type List, listsOf, type PolicyUse } from '../../src/cli/doctor/policy-uses.ts'
import { parseOverrides, parseParameters, parseServices, type Postfix } from '../../src/cli/doctor/postfix.ts'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'

const data = join(dirname(fileURLToPath(import.meta.url)), '..', 'cli', 'doctor', 'data')

/** What postconf(1) of Postfix 3.7 printed: `'services.txt'`. */
export function recordedOutput(file: string): string {
  return readFileSync(join(data, file), 'utf8')
}

export const SMTPD = 'smtp inet n - y - - smtpd\n'
export const POLICY = 'policy unix - n n - 0 spawn user=polw argv=/usr/bin/node /usr/local/bin/policyd-weight\n'

/** Every file is there; those called policyd-weight are this program. */
export const EVERYTHING_THERE: LookAtFile = path => ({
  kind: 'file',
  program: path.includes('policyd-weight') ? 'ours' : 'other',
  realPath: path,
})

export interface PostfixText {
  readonly set?: string
  readonly services?: string
  readonly overrides?: string
}

export function postfixOf({ set = '', services = SMTPD + POLICY, overrides = '' }: PostfixText): Postfix {
  const defaults = `${recordedOutput('asked.txt')}\nsmtpd_recipient_restrictions =\nsmtpd_restriction_classes =\n`
  return {
    parameters: parseParameters(`${defaults}\n${set}`),
    services: parseServices(services),
    overrides: parseOverrides(overrides),
  }
}

/** Lists and uses of a model, as doctor.ts has them. */
export function usesOf(
  postfix: Postfix,
  config: Config = builtinConfig(),
  look: LookAtFile = EVERYTHING_THERE,
): { readonly lists: readonly List[]; readonly uses: readonly PolicyUse[] } {
  const lists = listsOf(postfix)
  const ours = findOurServices(spawnEntries(postfix.services), look).map(({ service }) => service)
  return { lists, uses: findPolicyUses(postfix, lists, ours, config) }
}
