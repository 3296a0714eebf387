/**
 * The daemon as systemd knows it: where its socket unit listens, and which command starts it.
 *
 *   `systemctl show` of our units → DaemonUnits → endpoint.ts (is that our daemon?), check-answers.ts (the remedy)
 *
 * Pure, total; text that is not as expected means that there are no units.
 * Source: systemctl(1), `show`; systemd.socket(5), ListenStream=.
 */
import { resolve } from 'node:path'

export const DAEMON_UNITS = ['policyd-weight.service', 'policyd-weight.socket']
export const DAEMON_PROPERTIES = ['Id', 'LoadState', 'ActiveState', 'UnitFileState', 'Listen']

export interface DaemonUnits {
  /** Where the socket unit listens, if it is in use: paths, and `127.0.0.1:12525`. */
  readonly listen: readonly string[]
  /** The unit that is the daemon; undefined: it is started by `policyd-weight start`. */
  readonly unit: string | undefined
}

/** `Id=policyd-weight.socket\nLoadState=loaded\nActiveState=active\nListen=/run/x.sock (Stream)\n`, and an empty line between. */
export function parseDaemonUnits(text: string): DaemonUnits {
  const units = text.split(/\n\n+/).map(paragraph => {
    const values = (name: string): string[] =>
      paragraph.split('\n').flatMap(line => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
    const [id = ''] = values('Id')
    const isLoaded = values('LoadState')[0] === 'loaded'
    const isActive = /^(?:active|activating|reloading|failed)$/.test(values('ActiveState')[0] ?? '')
    const isEnabled = /^enabled/.test(values('UnitFileState')[0] ?? '')
    const listen = values('Listen').map(each => each.replace(/ \(\w+\)$/, ''))
    return { id, isUsed: isLoaded && (isActive || isEnabled), listen }
  })
  const used = units.filter(({ isUsed }) => isUsed)
  const socket = used.find(({ id }) => id.endsWith('.socket'))
  const [first] = used
  return { listen: socket?.listen ?? [], unit: socket?.id ?? first?.id }
}

/** What starts or restarts the daemon here. */
export function daemonCommand({ unit }: DaemonUnits, what: 'start' | 'restart'): string {
  if (unit === undefined) return `policyd-weight ${what}`
  // The socket starts the service; what is to be another process is the service.
  return `systemctl ${what} ${what === 'restart' ? 'policyd-weight.service' : unit}`
}

/** Whether the socket unit listens on a path. */
export function listensOnPath({ listen }: DaemonUnits, path: string): boolean {
  return listen.some(each => each.startsWith('/') && resolve(each) === path)
}

/** What lets another user, Postfix's, connect to a socket. */
export function socketRemedy(units: DaemonUnits, path: string, user: string): string {
  return listensOnPath(units, path)
    ? `systemctl edit policyd-weight.socket: [Socket] SocketUser=${user}`
    : "in the configuration: $SOCKET_MODE = '0666'; then policyd-weight restart"
}

/** Whether it listens on a port. */
export function listensOnPort({ listen }: DaemonUnits, port: string): boolean {
  return listen.some(each => !each.startsWith('/') && each.endsWith(`:${port}`))
}

export const NO_UNITS: DaemonUnits = { listen: [], unit: undefined }
