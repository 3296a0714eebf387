/**
 * The client does not speak the policy protocol, or too much of it.
 *
 * Thrown by request-reader.ts, attributes.ts and request.ts; whoever serves the connection (serve.ts, daemon/connection.ts)
 * then sends no answer, logs a warning and ends the connection: Postfix's rule for trouble. Postfix tries once more
 * before it defers the mail.
 *
 * Source: SMTPD_POLICY_README.
 */
export type ProtocolErrorCode = 'line-too-long' | 'request-too-long' | 'too-many-attributes' | 'wrong-request-type'

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode
  constructor(code: ProtocolErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
