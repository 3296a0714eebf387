/**
 * The mails of these tests, as the requests that Postfix makes of them.
 *
 *   slow     the attacker's: every name in it takes long, and none comes twice
 *   listed   others': a client on two lists, which together are over $MAXDNSBLSCORE, whatever its names say
 *   good     others': client, HELO and sender belong together, and no list knows the client
 *
 * Pure.
 */
import { attributesOf } from '../../../testkit/executable.ts'
import { requestBytes } from '../../../testkit/policy-process.ts'
import { FAN_DOMAIN, goodClient, goodDomain, goodHost, listedClient, SLOW_DOMAIN, slowClient } from './names.ts'

/** Whom the slow mails come from. */
export type Origin = 'one address' | '200 addresses'

export function slowMail(n: number, origin: Origin): Buffer {
  // Of every third one the sender domain is there at once, with 16 mail hosts that are not.
  const domain = n % 3 === 0 ? `f${n}.${FAN_DOMAIN}` : `m.m${n}.${SLOW_DOMAIN}`
  return mail(`slow${n}`, {
    client_address: slowClient(origin === 'one address' ? 0 : 1 + (n % 200)),
    client_name: 'unknown',
    helo_name: `h.h${n}.${SLOW_DOMAIN}`,
    sender: `a@${domain}`,
  })
}

export function listedMail(n: number): Buffer {
  const sender = `a@${goodDomain(n)}`
  return mail(`listed${n}`, { client_address: listedClient(n), client_name: 'unknown', helo_name: goodHost(n), sender })
}

/** `instance`: mails of one client with different ones are different mails. */
export function goodMail(n: number, instance = `${n}`): Buffer {
  const host = goodHost(n)
  const sender = `a@${goodDomain(n)}`
  return mail(`good${instance}`, { client_address: goodClient(n), client_name: host, helo_name: host, sender })
}

function mail(instance: string, attributes: Record<string, string>): Buffer {
  return requestBytes(attributesOf({ instance, ...attributes }))
}
