/**
 * Asks a policy service one question, as Postfix would.
 *
 *   endpoint → connection → request without a sender → what was answered → check-answers.ts
 *
 * The request is a constant, the reply bounded in bytes and time.
 *
 * Failure: a value.
 * Source: SMTPD_POLICY_README, "Protocol description".
 */
import { connect, type NetConnectOpts } from 'node:net'
import { codeOf } from '../../cache/unavailable.ts'
import type { Trial } from './check-answers.ts'

const REQUEST = `${[
  ...['request=smtpd_access_policy', 'protocol_state=RCPT', 'protocol_name=ESMTP', 'client_address=127.0.0.1'],
  ...['client_name=localhost', 'helo_name=localhost', 'sender=', 'recipient=doctor@localhost', 'instance=doctor'],
].join('\n')}\n\n`

const MAX_REPLY_BYTES = 8 * 1024

/** `{ path }` or `{ host, port }`. */
export function askService(target: NetConnectOpts, waitSeconds: number): Promise<Trial> {
  return new Promise(resolve => {
    const socket = connect(target)
    let reply = ''
    const end = (trial: Trial): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(trial)
    }
    const timer = setTimeout(() => end({ kind: 'silent', waitedSeconds: waitSeconds }), waitSeconds * 1000)
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(REQUEST))
    socket.on('data', (text: string) => {
      reply += text
      const action = /^action=(.*)\n\n/.exec(reply)?.[1]
      if (action !== undefined) end({ kind: 'answered', action })
      else if (reply.length > MAX_REPLY_BYTES) end({ kind: 'answered', action: reply.slice(0, 80) })
    })
    socket.on('end', () => end(reply === '' ? { kind: 'closed' } : { kind: 'answered', action: reply.slice(0, 80) }))
    socket.on('error', error => {
      const why = codeOf(error) ?? error.message
      end(why === 'ECONNRESET' || why === 'EPIPE' ? { kind: 'closed' } : { kind: 'failed', why })
    })
  })
}
