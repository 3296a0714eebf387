/**
 * A resolver over a network that is none, for tests of what it asks, of whom, and when.
 *
 *   withFakeClock(clock => { const network = new Network(clock); network.ask(); network.reply(0, 0, [ANSWER]); … })
 *
 * What is sent is recorded; whatever comes is the test's to say. A try takes two seconds.
 */
import dnsPacket, { type Answer } from 'dns-packet'
import { Alarm } from '../../src/dns/alarm.ts'
import type { ServerHealth } from '../../src/dns/hearing.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'
import type { NameServer } from '../../src/dns/resolv-conf.ts'
import { Resolver } from '../../src/dns/resolver.ts'
import { type OpenTransport, type TransportEvents, turn } from '../../src/dns/transport.ts'
import type { FakeClock } from './fake-clock.ts'

export const QUESTION: Question = { type: 'A', name: 'example.org' }
export const ANSWER: Answer = { type: 'A', name: 'example.org', data: '192.0.2.1' }
export const FOUND: Outcome = { kind: 'found', values: ['192.0.2.1'] }

export interface Sent {
  readonly server: number
  readonly id: number
  readonly edns: boolean
  readonly packet: Buffer
}

export interface Exchange extends Sent {
  readonly done: (reply: Buffer | undefined) => void
  givenUp: boolean
}

/** A resolver over a network that records what is sent and answers when the test says so. */
export class Network {
  readonly sent: Sent[] = []
  readonly exchanges: Exchange[] = []
  readonly outcomes: Outcome[] = []
  /** Servers whose packets leave from another port. */
  readonly renewed: number[] = []
  closed = false
  readonly resolver: Resolver
  readonly clock: FakeClock
  #events: TransportEvents | undefined

  constructor(
    clock: FakeClock,
    { servers = 1, tries = 3, health }: { servers?: number; tries?: number; health?: ServerHealth } = {},
  ) {
    this.clock = clock
    const transport: OpenTransport = (_servers, events) => {
      this.#events = events
      const alarm = new Alarm(clock.now, events.timeUp)
      return {
        send: (server, packet) => {
          this.sent.push(readSent(server, Buffer.from(packet)))
        },
        exchange: (server, packet, done) => {
          const exchange = { ...readSent(server, Buffer.from(packet)), done, givenUp: false }
          this.exchanges.push(exchange)
          return () => {
            exchange.givenUp = true
          }
        },
        renew: server => void this.renewed.push(server),
        wakeAt: ms => alarm.set(ms),
        rest: turn,
        close: () => {
          this.closed = true
        },
      }
    }
    const list = Array.from(
      { length: servers },
      (_, n): NameServer => ({ address: `192.0.2.${n}`, port: 53, family: 4 }),
    )
    this.resolver = new Resolver({ servers: list, tries, tryMs: 2000, transport, health, now: clock.now })
  }

  ask(deadlineMs = this.clock.now() + 60_000, question = QUESTION): void {
    this.resolver.ask([question], deadlineMs, { settled: (_, outcome) => void this.outcomes.push(outcome) })
  }

  /** Replies to the query sent n-th, from the server it was sent to unless another is named. */
  reply(n: number, flags: number, answers: Answer[] = [], server = this.#sentAt(n).server): void {
    this.receive(server, replyTo(this.#sentAt(n), flags, answers))
  }

  receive(server: number, datagram: Buffer): void {
    this.#events?.received(server, datagram)
  }

  refuse(server: number): void {
    this.#events?.unreachable(server)
  }

  get servers(): number[] {
    return this.sent.map(({ server }) => server)
  }

  #sentAt(n: number): Sent {
    const sent = this.sent[n]
    if (!sent) throw new Error(`no query ${n} was sent`)
    return sent
  }
}

function readSent(server: number, packet: Buffer): Sent {
  const { id = 0, additionals = [] } = dnsPacket.decode(packet)
  return { server, id, edns: additionals.length > 0, packet }
}

/** A reply to what was sent. */
export function replyTo({ packet }: Sent, flags: number, answers: Answer[]): Buffer {
  const { id, questions } = dnsPacket.decode(packet)
  return dnsPacket.encode({ id, type: 'response', flags, questions, answers })
}
