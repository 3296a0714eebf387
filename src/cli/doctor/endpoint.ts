/**
 * Whom `check_policy_service` asks: text → endpoint, and whether that is this program.
 *
 *   'unix:private/policy' → a socket of master.cf; 'inet:127.0.0.1:12525' → the daemon's port
 *
 * Pure, total. Sources: SMTPD_POLICY_README; master(5), "Service name".
 */
import { resolve } from 'node:path'
import type { Config } from '../../config/parameters/parameters.ts'
import { type DaemonUnits, listensOnPath, listensOnPort, NO_UNITS } from './daemon-units.ts'
import type { Service } from './postfix.ts'

export type Endpoint =
  /** `path` as written: relative to Postfix's queue directory, or absolute. */
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'inet'; readonly host: string; readonly port: string }
  | { readonly kind: 'unreadable' }

/** The port the original listened on, and this program does unless told otherwise. */
const USUAL_PORT = '12525'

/** `'inet:[::1]:12525'` → host `::1`; without a host: this machine. */
export function parseEndpoint(text: string): Endpoint {
  const path = /^unix:(\S+)$/i.exec(text)?.[1]
  if (path !== undefined) return { kind: 'unix', path }
  const [, host, port] = /^(?:inet:)?(?:(.*):)?(\w[\w-]*)$/i.exec(text) ?? []
  if (port === undefined || !/^inet:/i.test(text)) return { kind: 'unreadable' }
  const bare = (host ?? '').replace(/^\[(.*)\]$/, '$1')
  return { kind: 'inet', host: bare === '' ? '127.0.0.1' : bare, port }
}

/** How main.cf names a service of master.cf: `unix:private/policy`, `inet:127.0.0.1:9998`. */
export function endpointOf({ name, type, private: isPrivate }: Service): string {
  if (type === 'inet') return name.includes(':') ? `inet:${name}` : `inet:127.0.0.1:${name}`
  return `unix:${isPrivate === 'n' ? 'public' : 'private'}/${name}`
}

/** Whether an endpoint is the daemon of this configuration, or of its units; `queue` is Postfix's queue directory. */
export function isDaemon(endpoint: Endpoint, config: Config, queue: string, units: DaemonUnits = NO_UNITS): boolean {
  switch (endpoint.kind) {
    case 'inet':
      return [USUAL_PORT, String(config.TCP_PORT)].includes(endpoint.port) || listensOnPort(units, endpoint.port)
    case 'unix':
      return (
        (config.SOCKET !== '' && resolve(queue, endpoint.path) === resolve(config.SOCKET)) ||
        listensOnPath(units, resolve(queue, endpoint.path))
      )
    case 'unreadable':
      return false
  }
}

/** Whether an endpoint leads to a service of master.cf. */
export function leadsTo(endpoint: Endpoint, service: Service): boolean {
  const own = parseEndpoint(endpointOf(service))
  if (endpoint.kind === 'unix') return own.kind === 'unix' && own.path === endpoint.path
  return (
    endpoint.kind === 'inet' &&
    own.kind === 'inet' &&
    own.port === endpoint.port &&
    (own.host === endpoint.host || (isHere(own.host) && isHere(endpoint.host)))
  )
}

/** Whether a host is this machine, by its name alone. */
export function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
