/**
 * A mail server's questions, so many a second without a pause, and what became of each.
 *
 *   const load = startLoad(12525, [GOOD_MAIL]); … await load.settled(); load.take() → LoadReport; await load.stop()
 *
 * Half of the requests have a connection of their own, half come over KEPT connections that stay, as those of smtpd(8). A
 * request whose connection is closed or refused is asked again at once over another one, then every AGAIN_MS. A kept
 * connection that is closed while nothing is asked is opened anew for its next request.
 *
 * Failure: a value; a request that has no answer in GIVE_UP_MS is `unanswered`. What an answer should be the mail says.
 */
import { connect, type Socket } from 'node:net'
import { attributesOf, type DemoMail, verdictOf } from '../../testkit/demo-mails.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

/** A second. */
const REQUESTS = 50
const KEPT = 5
const AGAIN_MS = 100
const GIVE_UP_MS = 60_000

export interface LoadReport {
  /** Requests answered by the first connection. */
  readonly answered: number
  /** Closed once, and answered when asked again at once. */
  readonly again: number
  /** Refused, or closed more than once, and answered later. */
  readonly late: number
  /** The longest from a request to its answer, in milliseconds. */
  readonly longestMs: number
  readonly unanswered: number
  /** Answers with another verdict than the mail is to have. */
  readonly wrong: readonly string[]
  /** How often each kept connection was closed. */
  readonly closed: readonly number[]
}

export interface Load {
  /** Resolves when all that was asked has its answer, or never will. */
  settled(): Promise<void>
  /** What became of the requests that have ended since the last call. */
  take(): LoadReport
  stop(): Promise<void>
}

type Attempt = { readonly kind: 'answer'; readonly text: string } | { readonly kind: 'closed' | 'refused' }

/** Starts to ask 127.0.0.1, each of the mails in turn. */
export function startLoad(port: number, mails: readonly DemoMail[]): Load {
  let report = emptyReport()
  let isStopped = false
  let count = 0
  const open = new Set<Promise<void>>()

  async function ask(attempt: (request: Buffer) => Promise<Attempt>): Promise<void> {
    const mail = mails[count % mails.length] as DemoMail
    const request = requestBytes({ ...attributesOf(mail), instance: `load.${count++}` })
    const startMs = performance.now()
    let wasRefused = false
    for (let tries = 0; performance.now() - startMs < GIVE_UP_MS; tries++) {
      if (tries > 1) await pause(AGAIN_MS)
      const outcome = await attempt(request)
      if (outcome.kind !== 'answer') {
        wasRefused ||= outcome.kind === 'refused'
        continue
      }
      report[tries === 0 ? 'answered' : tries === 1 && !wasRefused ? 'again' : 'late']++
      report.longestMs = Math.max(report.longestMs, performance.now() - startMs)
      if (verdictOf(actionIn(outcome.text)) !== mail.want) report.wrong.push(`${mail.title}: ${outcome.text}`)
      return
    }
    report.unanswered++
  }

  const askLater = (attempt: (request: Buffer) => Promise<Attempt>): Promise<void> => {
    const asked = ask(attempt)
    open.add(asked)
    return asked.finally(() => open.delete(asked))
  }

  const own = setInterval(() => void askLater(request => attemptOnce(port, request)), 2000 / REQUESTS)
  const kept = Array.from({ length: KEPT }, async (_, index) => {
    const line = new Line(port, () => {
      report.closed[index] = (report.closed[index] ?? 0) + 1
    })
    while (!isStopped) {
      const nextMs = performance.now() + (2000 * KEPT) / REQUESTS
      await askLater(request => line.attempt(request))
      await pause(Math.max(0, nextMs - performance.now()))
    }
    line.close()
  })
  const settled = async (): Promise<void> => {
    await Promise.all([...open])
  }
  return {
    settled,
    take() {
      const taken = report
      report = emptyReport()
      return taken
    },
    async stop() {
      isStopped = true
      clearInterval(own)
      await Promise.all(kept)
      await settled()
    },
  }
}

function emptyReport() {
  return {
    answered: 0,
    again: 0,
    late: 0,
    longestMs: 0,
    unanswered: 0,
    wrong: [] as string[],
    closed: new Array<number>(KEPT).fill(0),
  }
}

/** Asks about a mail over a connection of its own; resolves to the action. */
export async function askOnce(port: number, mail: DemoMail): Promise<string> {
  const outcome = await attemptOnce(port, requestBytes({ ...attributesOf(mail), instance: `once.${Date.now()}` }))
  return outcome.kind === 'answer' ? actionIn(outcome.text) : outcome.kind
}

function actionIn(answer: string): string {
  return /^action=(.*)\n\n$/.exec(answer)?.[1] ?? ''
}

function attemptOnce(port: number, request: Buffer): Promise<Attempt> {
  const line = new Line(port, () => {})
  return line.attempt(request).finally(() => line.close())
}

/** A connection that is opened when it is needed, with one request out at a time. */
class Line {
  readonly #port: number
  readonly #closed: () => void
  #socket: Socket | undefined
  #isConnected = false

  /** `closed`: told when the other side closes it. */
  constructor(port: number, closed: () => void) {
    this.#port = port
    this.#closed = closed
  }

  attempt(request: Buffer): Promise<Attempt> {
    return new Promise(resolve => {
      this.#socket ??= this.#open()
      const socket = this.#socket
      let text = ''
      const take = (part: string): void => {
        text += part
        if (text.endsWith('\n\n')) end({ kind: 'answer', text })
      }
      // A part of an answer is none.
      const gone = (): void => end({ kind: this.#isConnected ? 'closed' : 'refused' })
      const end = (attempt: Attempt): void => {
        socket.off('data', take).off('close', gone)
        resolve(attempt)
      }
      socket.on('data', take).once('close', gone)
      socket.write(request)
    })
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  #open(): Socket {
    this.#isConnected = false
    const socket = connect(this.#port, '127.0.0.1').setEncoding('latin1')
    socket.once('connect', () => {
      this.#isConnected = true
    })
    socket.setTimeout(GIVE_UP_MS, () => socket.destroy())
    socket.on('error', () => {})
    socket.once('close', () => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      if (this.#isConnected) this.#closed()
    })
    return socket
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
