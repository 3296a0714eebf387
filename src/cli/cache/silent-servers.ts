/**
 * Which name servers the host knows to be silent, for who asks by hand.
 *
 *   configuration, cache file → readSilentServers → status, doctor
 *
 * Failure: where the cache may not be read, or is not there, undefined: nobody knows.
 */
import { isOutage, serverNumber } from '../../cache/servers.ts'
import { readServers } from '../../cache/store.ts'
import { describeServer, type NameServer } from '../../dns/name-server.ts'
import { monotonicMs } from '../../system/clock.ts'

/** `{ silent: [{ server: '192.0.2.1:53', seconds: 74 }], isOutage: false }`. */
export interface KnownServers {
  /** Those that are asked last, and for how long they have been silent. */
  readonly silent: readonly { readonly server: string; readonly seconds: number }[]
  /** None of them answers the control question: no mail is scored. */
  readonly isOutage: boolean
}

/** What is known of these servers in the cache file at a path. */
export function readSilentServers(servers: readonly NameServer[], path: string): KnownServers | undefined {
  const states = readServers(path)?.read(
    servers.map(server => serverNumber(describeServer(server))),
    monotonicMs(),
  )
  if (!states) return undefined
  const silent = servers.flatMap((server, index) => {
    const state = states[index]
    if (!state || state.silence === 'none') return []
    return [{ server: describeServer(server), seconds: Math.floor(state.silentMs / 1000) }]
  })
  return { silent, isOutage: isOutage(states) }
}
