/**
 * Who answers on a port or socket: asked as Postfix would ask, with the question for the version (version.ts).
 *
 *   $BIND_ADDRESS, $TCP_PORT, $SOCKET, or what main.cf names → askService → Trial → speakerOf
 *   → listeners.ts, cli/daemon/status.ts, cli/doctor/check-answers.ts, each with whoListens (who-listens.ts)
 *
 * The request is a constant without a sender, which needs no lookup; the reply is bounded in bytes and time.
 *
 * Failure: a value.
 * Source: SMTPD_POLICY_README, "Protocol description".
 */
import { connect } from 'node:net'
import { codeOf } from '../system/errno.ts'
import { VERSION_ANSWER, VERSION_QUESTION } from '../policy/version.ts'

const REQUEST = `${[
  ...['request=smtpd_access_policy', 'protocol_state=RCPT', 'protocol_name=ESMTP', 'client_address=127.0.0.1'],
  ...['client_name=localhost', 'helo_name=localhost', 'sender=', 'recipient=status@localhost'],
  `instance=${VERSION_QUESTION}`,
].join('\n')}\n\n`

const MAX_REPLY_BYTES = 8 * 1024
const MAX_VERSION_CHARACTERS = 40

/** What came of it; `action` as it was answered, `why` the code of a system error. */
export type Trial =
  | { readonly kind: 'answered'; readonly action: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent'; readonly waitedSeconds: number }
  | { readonly kind: 'failed'; readonly why: string }

/** Whose answer it is. `older`: version 0.2.0, or the Perl original, which answer alike. */
export type Speaker =
  | { readonly kind: 'ours'; readonly version: string }
  | { readonly kind: 'older' }
  | { readonly kind: 'stranger' }

/** Where a service listens; a host of every address is asked at loopback. */
export type ServiceAddress = { readonly path: string } | { readonly host: string; readonly port: number }

/** Asks. */
export function askService(address: ServiceAddress, waitSeconds: number): Promise<Trial> {
  return new Promise(resolve => {
    const socket = connect('host' in address ? { ...address, host: reachable(address.host) } : address)
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

/** An address at which a socket of every address can be asked. */
function reachable(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
}

/** `'DUNNO policyd-weight 0.2.1'` → ours, version 0.2.1. */
export function speakerOf(action: string): Speaker {
  if (action.startsWith(VERSION_ANSWER))
    return {
      kind: 'ours',
      version: action.slice(VERSION_ANSWER.length, VERSION_ANSWER.length + MAX_VERSION_CHARACTERS),
    }
  return action === 'DUNNO NULL (<>) Sender' ? { kind: 'older' } : { kind: 'stranger' }
}

/** `'policyd-weight 0.2.1 answers'`. */
export function describeTrial(trial: Trial): string {
  switch (trial.kind) {
    case 'answered': {
      const speaker = speakerOf(trial.action)
      if (speaker.kind === 'ours') return `policyd-weight ${speaker.version} answers`
      return speaker.kind === 'older'
        ? 'an older policyd-weight answers (0.2.0, or the Perl original)'
        : `something else answers: "${trial.action.slice(0, 80)}"`
    }
    case 'closed':
      return 'closed without an answer'
    case 'silent':
      return `no answer within ${trial.waitedSeconds} s`
    case 'failed':
      return `no answer: ${trial.why}`
  }
}
