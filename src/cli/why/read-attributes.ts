/**
 * Attributes of a mail → the request that the service would look at.
 *
 *   explain-mail.ts: options, standard input; replay.ts, present-exception.ts: what is written down → readAttributes → PolicyRequest
 *
 * In lower case as whatever Postfix sends, and a line each, whatever stands in a value.
 *
 * Failure: ProtocolError, of what breaks a bound of those that Postfix sends.
 */
import { type PolicyRequest, parseRequest } from '../../policy/request.ts'

/** `{ client_address: '203.0.113.9', helo_name: 'Mail.example.org', … }` → the request. */
export function readAttributes(attributes: Readonly<Record<string, string | undefined>>): PolicyRequest {
  const lines = Object.entries(attributes).map(([name, value = '']) => `${name}=${value.replaceAll('\n', ' ')}\n`)
  return readAttributeLines(lines.join(''))
}

/** The same, of a text of such lines. */
export function readAttributeLines(text: string): PolicyRequest {
  // The last one of a name counts.
  return parseRequest(`${lowerCase(text)}request=smtpd_access_policy\n`, () => {})
}

/** As the service does it: letters of ASCII alone. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, letter => letter.toLowerCase())
}
