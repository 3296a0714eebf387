/**
 * The client's side of the Postfix policy protocol: bytes of descriptor 0 → requests.
 *
 *   serve.ts: bytes → RequestReader → attributes → parseRequest → PolicyRequest → decide.ts
 *
 * A request is lines `name=value`, ended by an empty line. Bytes come in any cut: part of a request, several at
 * once. Text is kept as latin-1, one character a byte, so nothing is lost or merged before it is masked on the
 * way out. ASCII letters are lower-cased before anything looks at them, names and values alike; carriage returns are
 * passed over.
 *
 * Bounds: a line 8 KB, a request 64 KB, 256 attributes. Attributes are picked by a fixed list of names; a name
 * from outside never becomes the name of a property.
 *
 * Failure: what is odd but harmless is a warning and the line is skipped; what breaks a bound or is no policy
 * request is a `ProtocolError`: no answer, a warning in the log, the connection ends (Postfix's rule for trouble,
 * SMTPD_POLICY_README), and Postfix tries once more before it defers the mail.
 *
 * Sources: SMTPD_POLICY_README "Protocol description"; specification, chapters "Scoring" 1 and "Postfix".
 */
import { latin1Text, utf8Text } from '../bytes.ts'
import { normalizeClientAddress } from './client-address.ts'

/** Bytes a line may have, its end not counted. */
const MAX_LINE_BYTES = 8 * 1024
/** Bytes all lines of a request may have together. */
const MAX_REQUEST_BYTES = 64 * 1024
/** Lines with a `=` a request may have. */
const MAX_ATTRIBUTES = 256
/** Characters of a bad line that a warning repeats. */
const MAX_QUOTED_CHARACTERS = 100

/** The attributes of one request, in the order received: `[['request', 'smtpd_access_policy'], …]`. */
export type Attributes = readonly (readonly [name: string, value: string])[]

/** What a policy request says, ready to be scored. All text is lower case. */
export interface PolicyRequest {
  /** The client's address in normal form (client-address.ts), undefined if what was received is no address. */
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

export type ProtocolErrorCode = 'line-too-long' | 'request-too-long' | 'too-many-attributes' | 'wrong-request-type'

/** The client does not speak the policy protocol, or too much of it. No answer may follow. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  constructor(code: ProtocolErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Cuts a stream of bytes into requests.
 *
 *   reader.push(bytes)              as they come
 *   reader.next() → attributes      the next whole request, or undefined until more bytes come
 *   reader.hasPartialRequest        at the end of the stream: whether something was begun and not ended
 *
 * `next` throws ProtocolError when a bound is broken; the reader is of no use after that.
 */
export class RequestReader {
  #text = ''
  #attributes: (readonly [string, string])[] = []
  #requestBytes = 0
  readonly #warn: (text: string) => void

  constructor(warn: (text: string) => void) {
    this.#warn = warn
  }

  /** Takes the bytes; upper-case ASCII letters may be lower-cased in the caller's buffer. */
  push(bytes: Uint8Array): void {
    const text = latin1Text(bytes, 0, bytes.length)
    // What is beyond ASCII reads otherwise as UTF-8; toLowerCase would know upper-case letters among it.
    const isAscii = text === utf8Text(bytes, 0, bytes.length)
    const lowerCase = isAscii ? text.toLowerCase() : lowerCaseAscii(bytes)
    this.#text += lowerCase.includes('\r') ? lowerCase.replaceAll('\r', '') : lowerCase
  }

  next(): Attributes | undefined {
    let start = 0
    let end = this.#text.indexOf('\n')
    for (; end >= 0; start = end + 1, end = this.#text.indexOf('\n', start)) {
      if (end - start > MAX_LINE_BYTES) break
      const line = this.#text.slice(start, end)
      this.#requestBytes += end - start
      if (this.#requestBytes > MAX_REQUEST_BYTES)
        throw new ProtocolError('request-too-long', `a request of more than ${MAX_REQUEST_BYTES} bytes`)
      if (line !== '') this.#addLine(line)
      else if (this.#attributes.length > 0) {
        const attributes = this.#attributes
        this.#text = this.#text.slice(end + 1)
        this.#attributes = []
        this.#requestBytes = 0
        return attributes
      }
    }
    this.#text = this.#text.slice(start)
    if ((end < 0 ? this.#text.length : end - start) > MAX_LINE_BYTES)
      throw new ProtocolError('line-too-long', `a line of more than ${MAX_LINE_BYTES} bytes`)
    return undefined
  }

  get hasPartialRequest(): boolean {
    return this.#attributes.length > 0 || this.#text !== ''
  }

  #addLine(line: string): void {
    const equals = line.indexOf('=')
    if (equals < 0) {
      this.#warn(`ignored a line without "=": ${line.slice(0, MAX_QUOTED_CHARACTERS)}`)
      return
    }
    if (this.#attributes.length === MAX_ATTRIBUTES)
      throw new ProtocolError('too-many-attributes', `a request of more than ${MAX_ATTRIBUTES} attributes`)
    this.#attributes.push([line.slice(0, equals), line.slice(equals + 1)])
  }
}

function lowerCaseAscii(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x41 && byte <= 0x5a) bytes[i] = byte | 0x20
  }
  return latin1Text(bytes, 0, bytes.length)
}

/**
 * Attributes → what is scored: `[['request', 'smtpd_access_policy'], ['sender', 'a+b@x'], …]` → `{ from: 'a@x', … }`.
 * An attribute that comes twice counts with its last value, one that is absent is empty.
 * Throws ProtocolError `wrong-request-type` if the attributes are no SMTP access policy request.
 */
export function parseRequest(attributes: Attributes): PolicyRequest {
  let request = ''
  let clientAddress = ''
  let name = ''
  let helo = ''
  let sender = ''
  let recipient = ''
  let instance = ''
  // By index: taking pairs apart takes longer than the rest, at a process's first request.
  for (let i = 0; i < attributes.length; i++) {
    const attribute = attributes[i] as Attributes[number]
    const value = attribute[1]
    switch (attribute[0]) {
      case 'request':
        request = value
        break
      case 'client_address':
        clientAddress = value
        break
      case 'client_name':
        name = value
        break
      case 'helo_name':
        helo = value
        break
      case 'sender':
        sender = value
        break
      case 'recipient':
        recipient = value
        break
      case 'instance':
        instance = value
    }
  }
  if (request !== 'smtpd_access_policy')
    throw new ProtocolError(
      'wrong-request-type',
      `a request of type "${request.slice(0, MAX_QUOTED_CHARACTERS)}", not "smtpd_access_policy"`,
    )
  const client = normalizeClientAddress(clientAddress)
  const lastAt = sender.lastIndexOf('@')
  const domain = lastAt < 0 ? '' : sender.slice(lastAt + 1)
  return {
    client,
    clientAddress,
    name,
    helo,
    sender,
    from: stripAddressExtension(sender, lastAt),
    domain,
    recipient,
    instance,
  }
}

/** Cuts from the first `+` or `-` before the last `@`; by hand, since the regular expression for it takes quadratic time on `+++…`. */
function stripAddressExtension(sender: string, lastAt: number): string {
  for (let i = 0; i < lastAt; i++) {
    if (sender[i] === '+' || sender[i] === '-') return sender.slice(0, i) + sender.slice(lastAt)
  }
  return sender
}
