/**
 * Clients of a daemon, each with one request out at a time, that look at every answer: for tests of what must not be lost.
 *
 *   const load = startLoad(path, 8); … await load.stop() → { answers, closed, wrong }
 *
 * The answer to a mail to `postmaster@ID` names its recipient, so each is told apart from any other's. A connection that
 * is closed is opened again; the request it had out is asked again, as Postfix does.
 */
import { connect, type Socket } from 'node:net'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

export interface LoadReport {
  readonly answers: number
  /** Connections that were closed by the daemon, by client. */
  readonly closed: readonly number[]
  /** Answers that were not the ones wanted. */
  readonly wrong: readonly string[]
}

export interface RunningLoad {
  /** Answers so far. */
  answers(): number
  /** How many connections are open. */
  open(): number
  /** Resolves when each client has the answer to its last request. */
  stop(): Promise<LoadReport>
}

const RETRY_MS = 10

/** Starts clients on a unix socket. */
export function startLoad(path: string, clients: number): RunningLoad {
  const closed = new Array<number>(clients).fill(0)
  const wrong: string[] = []
  const sockets = new Set<Socket>()
  let answers = 0
  let isRunning = true

  function run(client: number): Promise<void> {
    return new Promise(resolve => {
      let sequence = 0
      const open = (): void => {
        const socket = connect(path)
        let received = ''
        const ask = (): void => {
          const recipient = `postmaster@${client}.${sequence}.example`
          socket.write(requestBytes(attributesOf({ recipient })))
        }
        socket.once('connect', () => {
          sockets.add(socket)
          ask()
        })
        socket.setEncoding('latin1').on('data', (text: string) => {
          received += text
          if (!received.endsWith('\n\n')) return
          if (received !== `action=DUNNO mail for postmaster@${client}.${sequence}.example\n\n`) wrong.push(received)
          received = ''
          answers++
          sequence++
          if (isRunning) ask()
          else {
            socket.removeAllListeners('close')
            socket.destroy()
            resolve()
          }
        })
        socket.on('error', () => {})
        socket.once('close', () => {
          if (sockets.delete(socket)) closed[client] = (closed[client] ?? 0) + 1
          if (received !== '') wrong.push(`${received} (cut off)`)
          setTimeout(open, RETRY_MS)
        })
      }
      open()
    })
  }

  const done = Array.from({ length: clients }, (_, client) => run(client))
  return {
    answers: () => answers,
    open: () => sockets.size,
    stop: async () => {
      isRunning = false
      await Promise.all(done)
      return { answers, closed, wrong }
    },
  }
}
