/**
 * Postfix's configuration as `postconf` prints it → a model that the checks read.
 *
 *   postconf -x -n, postconf -x NAME…, postconf -M, postconf -x -P → Postfix → settingOf(postfix, name, service)
 *
 * postconf(1) has joined continued lines and left out comments, so a line is a parameter (`name = value`), an entry
 * of master.cf (eight fields) or an override (`service/type/name = value`). Where its -x is not known (before 2.10), values
 * still name others as `$name`; those are put in here.
 *
 * Failure: none; a line of another form is left out. Names are keys of maps, never of objects.
 * Sources: postconf(1), postconf(5), master(5).
 */
import { splitArguments } from './postfix-words.ts'

/** A field of master.cf; `-`: the default. */
export type Flag = 'y' | 'n' | '-'

/** An entry of master.cf. */
export interface Service {
  readonly name: string
  /** `unix`, `inet`, `pass` … */
  readonly type: string
  readonly private: Flag
  readonly unprivileged: Flag
  readonly chroot: Flag
  /** As written: `-`, `0`, `10`. */
  readonly processLimit: string
  readonly command: string
  readonly args: readonly string[]
}

export interface Postfix {
  /** What is set, and the defaults of the parameters the checks ask for. */
  readonly parameters: ReadonlyMap<string, string>
  readonly services: readonly Service[]
  /** `submission/inet` → its `-o` options. */
  readonly overrides: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** Parameters whose defaults depend on Postfix's version; asked for by name. */
export const ASKED_PARAMETERS = [
  ...['mail_version', 'mail_owner', 'queue_directory', 'command_time_limit', 'default_process_limit'],
  ...['smtpd_delay_reject', 'smtpd_relay_before_recipient_restrictions', 'smtpd_restriction_classes'],
  ...['smtpd_client_restrictions', 'smtpd_helo_restrictions', 'smtpd_sender_restrictions'],
  ...['smtpd_relay_restrictions', 'smtpd_recipient_restrictions', 'smtpd_data_restrictions'],
  ...['smtpd_end_of_data_restrictions', 'smtpd_etrn_restrictions', 'smtpd_sasl_auth_enable'],
  ...['smtpd_policy_service_timeout', 'smtpd_policy_service_max_idle', 'smtpd_policy_service_max_ttl'],
  ...['smtpd_policy_service_request_limit', 'smtpd_policy_service_try_limit'],
  ...['smtpd_policy_service_retry_delay', 'smtpd_policy_service_default_action'],
] as const

/** References to references are followed so far; what is left then stays as it is. */
const MAX_EXPANSIONS = 8
const MAX_VALUE_CHARACTERS = 64 * 1024

/** `name = value` lines, also several outputs one after the other; the later one counts. */
export function parseParameters(text: string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([\w.-]+) ?=(.*)$/.exec(line)
    if (match?.[1] !== undefined) parameters.set(match[1], (match[2] ?? '').trim())
  }
  return parameters
}

/** Puts values in the place of `$name`, `${name}` and `$(name)`; a name that is not known stays. */
export function expandParameters(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const expand = (value: string): string => {
    let text = value
    for (let round = 0; round < MAX_EXPANSIONS && text.includes('$'); round++) {
      const next = text.replace(/\$(?:(\w+)|\{(\w+)\}|\((\w+)\))/g, (all, bare, braced, inParentheses) => {
        return parameters.get(bare ?? braced ?? inParentheses) ?? all
      })
      if (next === text || next.length > MAX_VALUE_CHARACTERS) break
      text = next
    }
    return text
  }
  return new Map([...parameters].map(([name, value]) => [name, expand(value)]))
}

/** Entries of master.cf, a line each. */
export function parseServices(text: string): Service[] {
  return text.split('\n').flatMap(line => {
    const fields = /^(\S+)\s+(\S+)\s+([yn-])\s+([yn-])\s+([yn-])\s+(\S+)\s+(\S+)\s+(\S+)\s*(.*)$/.exec(line.trim())
    if (!fields) return []
    const [, name = '', type = '', isPrivate, unprivileged, chroot, , processLimit = '-', command = '', rest = ''] =
      fields
    return [
      {
        name,
        type,
        private: isPrivate as Flag,
        unprivileged: unprivileged as Flag,
        chroot: chroot as Flag,
        processLimit,
        command,
        args: splitArguments(rest),
      },
    ]
  })
}

/** `submission/inet/smtpd_tls_security_level = encrypt`; the name of a service may hold slashes of its own. */
export function parseOverrides(text: string): Map<string, Map<string, string>> {
  const overrides = new Map<string, Map<string, string>>()
  for (const line of text.split('\n')) {
    const [, service, name, value] = /^(\S+\/[\w-]+)\/(\w+) ?=(.*)$/.exec(line) ?? []
    if (service === undefined || name === undefined) continue
    const ofService = overrides.get(service) ?? new Map<string, string>()
    overrides.set(service, ofService.set(name, (value ?? '').trim()))
  }
  return overrides
}

/** `policy/unix`, as postconf -M and -F call it. */
export function serviceId({ name, type }: Service): string {
  return `${name}/${type}`
}

/** A setting as a service sees it: its own `-o`, or main.cf's. Empty if nobody sets it. */
export function settingOf(postfix: Postfix, name: string, service: Service | undefined): string {
  const own = service && postfix.overrides.get(serviceId(service))?.get(name)
  return own ?? postfix.parameters.get(name) ?? ''
}

/** Whether a service has a value of its own. */
export function isOverridden(postfix: Postfix, name: string, service: Service | undefined): boolean {
  return service !== undefined && postfix.overrides.get(serviceId(service))?.has(name) === true
}

/** Where paths of sockets begin. */
export function queueDirectory({ parameters }: Postfix): string {
  return parameters.get('queue_directory') ?? '/var/spool/postfix'
}

/** Services that receive mail; undefined stands for main.cf alone where there is none. */
export function smtpServers({ services }: Postfix): readonly (Service | undefined)[] {
  const servers = services.filter(({ command }) => command === 'smtpd')
  return servers.length > 0 ? servers : [undefined]
}

/** A time of postconf(5) in seconds: `'100s'`, `'1h'`, `'3600'`; undefined: it is none. */
export function parseSeconds(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+)([smhdw])?$/.exec(text.trim()) ?? []
  const factors = new Map([
    ['s', 1],
    ['m', 60],
    ['h', 3600],
    ['d', 86_400],
    ['w', 604_800],
  ])
  return number === undefined ? undefined : Number(number) * (factors.get(unit) ?? 1)
}
