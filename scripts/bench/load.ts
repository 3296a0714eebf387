/**
 * Load on a policy server: so many connections, each with one request out at a time, for so long.
 *
 *   daemon.ts: port, mail → runLoad → answers a second, and how long they took
 *
 * Each request is of another mail (another `instance`), so that no answer is that to a mail's other recipients. A
 * connection that is closed is opened again and counted.
 *
 * Failure: an answer that is none rejects. Every answer is looked at.
 */
import { connect, type Socket } from 'node:net'
import { type DemoMail, attributesOf } from '../demo/mails.ts'

export interface Load {
  readonly port: number
  readonly mail: DemoMail
  readonly connections: number
  readonly warmUpMs: number
  readonly durationMs: number
  /** What every answer begins with. */
  readonly wantPrefix: string
}

export interface LoadResult {
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Connections that the server closed. */
  readonly closed: number
  readonly answers: number
}

let mails = 0

/** Puts load on a server on 127.0.0.1. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { port, mail, connections, warmUpMs, durationMs, wantPrefix } = load
  const { instance: _instance, ...attributes } = attributesOf(mail)
  const lines = Object.entries(attributes).map(([name, value]) => `${name}=${value}\n`)
  const head = lines.join('')
  const latenciesMs: number[] = []
  const sockets = new Set<Socket>()
  const startMs = performance.now() + warmUpMs
  const endMs = startMs + durationMs
  let closed = 0
  let running = true
  await new Promise<void>((resolve, reject) => {
    const open = (): void => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      sockets.add(socket)
      let sentMs = 0
      let answer = ''
      const ask = (): void => {
        sentMs = performance.now()
        socket.write(`${head}instance=${process.pid}.${++mails}\n\n`, 'latin1')
      }
      socket.setEncoding('latin1')
      socket.once('connect', ask)
      socket.on('data', text => {
        answer += text
        if (!answer.endsWith('\n\n')) return
        if (!answer.startsWith(wantPrefix)) {
          reject(new Error(`wanted ${wantPrefix}, got ${answer}`))
          return
        }
        answer = ''
        const nowMs = performance.now()
        if (sentMs >= startMs && nowMs <= endMs) latenciesMs.push(nowMs - sentMs)
        if (running) ask()
      })
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        if (!running) return
        closed++
        setTimeout(open, 5)
      })
    }
    for (let i = 0; i < connections; i++) open()
    setTimeout(resolve, warmUpMs + durationMs)
  })
  running = false
  for (const socket of sockets) socket.destroy()
  const sorted = Float64Array.from(latenciesMs).sort()
  const quantile = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return {
    requestsPerSecond: (sorted.length / durationMs) * 1000,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    closed,
    answers: sorted.length,
  }
}
