/**
 * Bytes of a client → whole requests, as text.
 *
 *   serve.ts, daemon/session.ts: bytes → RequestReader → RequestText → request.ts
 *
 * A request is lines `name=value`, ended by an empty line. Bytes come in any cut: part of a request, several at
 * once. Text is kept as latin-1, one character a byte, so nothing is lost or merged before it is masked on the
 * way out. ASCII letters are lower-cased before anything looks at them, names and values alike; carriage returns and
 * empty lines between requests are passed over.
 *
 * Failure: a request that has not ended within its bounds is a `ProtocolError`: no answer, a warning in the log, the
 * connection ends (Postfix's rule for trouble, SMTPD_POLICY_README), and Postfix tries once more before it defers the mail.
 *
 * Sources: SMTPD_POLICY_README "Protocol description"; docs/behaviour/scoring.md#what-a-request-says,
 * docs/behaviour/postfix.md#trouble.
 */
import { latin1Text, utf8Text } from '../system/bytes.ts'
import { checkBounds, type RequestText } from './attributes.ts'

/**
 * Cuts a stream of bytes into requests.
 *
 *   reader.push(bytes)              as they come
 *   reader.next() → text            the next whole request, or undefined until more bytes come
 *   reader.hasPartialRequest        at the end of the stream: whether something was begun and not ended
 *
 * `next` throws ProtocolError when what has not ended yet has broken a bound; the reader is of no use after that.
 */
export class RequestReader {
  #text = ''
  /** Before this place there is no end of a request. */
  #searched = 0

  /** Takes the bytes; upper-case ASCII letters may be lower-cased in the caller's buffer. */
  push(bytes: Uint8Array): void {
    const text = latin1Text(bytes, 0, bytes.length)
    // What is beyond ASCII reads otherwise as UTF-8; toLowerCase would know upper-case letters among it.
    const isAscii = text === utf8Text(bytes, 0, bytes.length)
    const lowerCase = isAscii ? text.toLowerCase() : lowerCaseAscii(bytes)
    this.#text += lowerCase.includes('\r') ? lowerCase.replaceAll('\r', '') : lowerCase
  }

  next(): RequestText | undefined {
    if (this.#text.startsWith('\n')) this.#text = this.#text.replace(/^\n+/, '')
    const text = this.#text
    if (text === '') return undefined
    const end = text.indexOf('\n\n', this.#searched)
    if (end < 0) {
      checkBounds(text)
      this.#searched = text.length - 1
      return undefined
    }
    this.#text = text.slice(end + 2)
    this.#searched = 0
    return text.slice(0, end + 1)
  }

  get hasPartialRequest(): boolean {
    return this.#text !== ''
  }
}

function lowerCaseAscii(bytes: Uint8Array): string {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x41 && byte <= 0x5a) bytes[i] = byte | 0x20
  }
  return latin1Text(bytes, 0, bytes.length)
}
