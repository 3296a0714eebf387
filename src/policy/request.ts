/**
 * What a policy request says, ready to be scored.
 *
 *   answer.ts: RequestText → parseRequest → PolicyRequest → decide.ts
 *
 * Failure: what is no SMTP access policy request is a `ProtocolError`; so is what attributes.ts does not take.
 * Sources: SMTPD_POLICY_README "Protocol description"; docs/behaviour/scoring.md#what-a-request-says.
 */
import { MAX_QUOTED_CHARACTERS, pickAttributes, type RequestText } from './attributes.ts'
import { normalizeClientAddress, withoutNat64 } from '../text/address.ts'
import { ProtocolError } from './protocol-error.ts'

/** What a policy request says, ready to be scored. All text is lower case. */
export interface PolicyRequest {
  /** The client's address in normal form (address.ts), undefined if what was received is no address. */
  readonly client: string | undefined
  /** The client's address as received. */
  readonly clientAddress: string
  /** The client's verified host name; empty or `unknown` if there is none. */
  readonly name: string
  readonly helo: string
  /** The envelope sender as received. */
  readonly sender: string
  /** The envelope sender without what follows the first `+` or `-` of its local part: `a-b+c@x` → `a@x`. */
  readonly from: string
  /** What stands behind the last `@` of the envelope sender; empty without one. */
  readonly domain: string
  readonly recipient: string
  /** Postfix's id of the mail, the same for all its recipients; empty before Postfix 2.2. */
  readonly instance: string
}

/**
 * A request → what is scored: `'request=smtpd_access_policy\nsender=a+b@x\n'` → `{ from: 'a@x', … }`. An attribute that
 * comes twice counts with its last value, one that is absent is empty. `warn` is told about lines that are none.
 * Throws ProtocolError if the text breaks a bound or is no SMTP access policy request.
 */
export function parseRequest(text: RequestText, warn: (text: string) => void): PolicyRequest {
  // By index, in the order of their names there: taking an array apart takes longer.
  const picked = pickAttributes(text, warn)
  const request = picked[0] as string
  if (request !== 'smtpd_access_policy')
    throw new ProtocolError(
      'wrong-request-type',
      `a request of type "${request.slice(0, MAX_QUOTED_CHARACTERS)}", not "smtpd_access_policy"`,
    )
  const clientAddress = picked[1] as string
  const sender = picked[4] as string
  const client = normalizeClientAddress(clientAddress)
  const lastAt = sender.lastIndexOf('@')
  const domain = lastAt < 0 ? '' : sender.slice(lastAt + 1)
  return {
    client,
    clientAddress,
    name: picked[2] as string,
    helo: picked[3] as string,
    sender,
    from: stripAddressExtension(sender, lastAt),
    domain,
    recipient: picked[5] as string,
    instance: picked[6] as string,
  }
}

/** A request whose client is the one behind a NAT64; `sentClient`: the address that Postfix sees and logs, if that is another one. */
export type RequestBehind = PolicyRequest & { readonly sentClient?: string | undefined }

/** `$NAT64`: looked at is the client behind `64:ff9b::/96`. */
export function behindNat64(request: PolicyRequest, { NAT64 }: { readonly NAT64: boolean }): RequestBehind {
  const { client: sentClient } = request
  if (!NAT64 || sentClient === undefined) return request
  const client = withoutNat64(sentClient)
  return client === sentClient ? request : { ...request, client, sentClient }
}

/** Whether the client has no host name that leads back to it. */
export function hasNoName({ name }: Pick<PolicyRequest, 'name'>): boolean {
  return name === '' || name === 'unknown'
}

/** Cuts from the first `+` or `-` before the last `@`. */
function stripAddressExtension(sender: string, lastAt: number): string {
  const plus = indexOrEnd(sender, '+')
  const minus = indexOrEnd(sender, '-')
  const cut = Math.min(plus, minus)
  return cut < lastAt ? sender.slice(0, cut) + sender.slice(lastAt) : sender
}

function indexOrEnd(text: string, character: string): number {
  const index = text.indexOf(character)
  return index < 0 ? text.length : index
}
