/**
 * Asks every endpoint that main.cf has for us, as Postfix would.
 *
 *   uses → askEndpoints → what came of it → check-answers.ts
 *
 * Each endpoint once. A name with several addresses is asked at each: Postfix takes the first that accepts a connection, so one
 * that is dead goes unseen until the other is.
 *
 * Failure: a value (who-answers.ts).
 */
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { askService, type ServiceAddress, type Trial } from '../../daemon/who-answers.ts'
import { type Listening, whoListens } from '../../daemon/who-listens.ts'
import { isHere } from './endpoint.ts'
import type { PolicyUse } from './policy-uses.ts'

const ANSWER_SECONDS = 10

/** One address of an endpoint that was asked. */
export interface EndpointAnswer {
  readonly use: PolicyUse
  /** `inet:polw.example.net:12525`; one of several addresses stands behind it. */
  readonly about: string
  /** Undefined: its port is no number. */
  readonly trial: Trial | undefined
  readonly occupant: Listening | undefined
  /** Another address of the same name has answered. */
  readonly hasOther: boolean
  /** A socket in the file system. */
  readonly path: string | undefined
  /** The other machine that it is on. */
  readonly elsewhere: string | undefined
}

const NOT_ASKED = { trial: undefined, occupant: undefined, hasOther: false, path: undefined, elsewhere: undefined }

/** `queue`: Postfix's queue directory. `addressesOf`: of a name, for tests. */
export async function askEndpoints(
  uses: readonly PolicyUse[],
  queue: string,
  addressesOf: (host: string) => Promise<readonly string[]> = systemAddressesOf,
): Promise<EndpointAnswer[]> {
  const endpoints = new Map(uses.filter(({ asksUs }) => asksUs).map(use => [use.endpointText, use]))
  const asked = await Promise.all([...endpoints.values()].map(use => askEndpoint(use, queue, addressesOf)))
  return asked.flat()
}

async function askEndpoint(
  use: PolicyUse,
  queue: string,
  addressesOf: (host: string) => Promise<readonly string[]>,
): Promise<EndpointAnswer[]> {
  const { endpoint, endpointText: about } = use
  const ask = async (address: ServiceAddress, name = about): Promise<EndpointAnswer> => ({
    use,
    about: name,
    trial: await askService(address, ANSWER_SECONDS),
    occupant: 'path' in address || isHere(address.host) ? whoListens(address) : undefined,
    hasOther: false,
    path: 'path' in address ? address.path : undefined,
    elsewhere: 'path' in address || isOurs(address.host) ? undefined : address.host,
  })
  if (endpoint.kind === 'unix') return [await ask({ path: resolve(queue, endpoint.path) })]
  if (endpoint.kind === 'unreadable' || !/^\d{1,5}$/.test(endpoint.port) || Number(endpoint.port) > 65_535)
    return [{ ...NOT_ASKED, use, about }]
  const { host } = endpoint
  const port = Number(endpoint.port)
  const addresses = isAddress(host) || isHere(host) ? [] : await addressesOf(host)
  if (addresses.length < 2) return [await ask({ host, port })]
  const all = await Promise.all(addresses.map(address => ask({ host: address, port }, `${about} (${address})`)))
  return all.map(each => ({
    ...each,
    hasOther: all.some(other => other !== each && other.trial?.kind === 'answered'),
  }))
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host)
}

/** Whether an address, or a name, is this machine's. */
export function isOurs(host: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  return isHere(host) || own.some(({ address }) => address === host)
}

/** As the C library has it, and with it Postfix. */
async function systemAddressesOf(host: string): Promise<readonly string[]> {
  try {
    const found = await lookup(host, { all: true })
    return [...new Set(found.map(({ address }) => address))]
  } catch {
    // The connection fails in the same way, and says how.
    return []
  }
}
