/**
 * A request read a second time, in the plainest way: what src/policy/ has to come to.
 *
 *   text of a request → readNaively → requests.ts holds parseRequest against it
 *
 * Postfix's protocol in a few lines, without a shape, an index or a bound: lines cut at `\n`, names at the first `=`, the last
 * one of a name counts. Addresses are judged by Node's own net module.
 *
 * Sources: SMTPD_POLICY_README; docs/behaviour/scoring.md#what-a-request-says.
 */
import { isIP, SocketAddress } from 'node:net'
import type { PolicyRequest } from '../../../src/policy/request.ts'
import { expect } from '../target.ts'

/** The attributes of a request, by name. */
export function readNaively(text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    if (equals >= 0) attributes.set(line.slice(0, equals), line.slice(equals + 1))
  }
  return attributes
}

/** Throws a Violation unless `request` says what `text` says. */
export function expectRequest(request: PolicyRequest, text: string): void {
  const attributes = readNaively(text)
  const of = (name: string): string => attributes.get(name) ?? ''
  const sender = of('sender')
  const [, local = sender, domain = ''] = /^(.*)@([^@]*)$/s.exec(sender) ?? []
  const from = sender.includes('@') ? `${local.replace(/[+-].*$/s, '')}@${domain}` : sender
  const want = {
    clientAddress: of('client_address'),
    name: of('client_name'),
    helo: of('helo_name'),
    sender,
    from,
    domain,
    recipient: of('recipient'),
    instance: of('instance'),
  }
  for (const [name, value] of Object.entries(want)) {
    const got = request[name as keyof typeof want]
    expect(got === value, 'attributes are what the lines say', () => `${name}: ${show(got)}, not ${show(value)}`)
  }
  expectAddress(request.client, request.clientAddress)
}

function expectAddress(client: string | undefined, received: string): void {
  const property = 'an address is the one that was received'
  const details = (): string => `${show(received)} became ${show(client)}`
  const isAddress = isIP(received) !== 0 && !received.includes('%')
  expect((client !== undefined) === isAddress, property, details)
  if (client === undefined) return
  if (client.includes(':')) {
    expect(/^[0-9a-f]{4}(?::[0-9a-f]{4}){7}$/.test(client), 'an IPv6 address is in full form', details)
    expect(canonical(client) === canonical(received), property, details)
  } else {
    expect(isIP(client) === 4, property, details)
    expect(
      canonical(`::ffff:${client}`) === canonical(received.includes(':') ? received : `::ffff:${received}`),
      property,
      details,
    )
  }
}

function canonical(address: string): string {
  return new SocketAddress({ family: 'ipv6', address }).address
}

function show(value: string | undefined): string {
  return JSON.stringify(value)
}
