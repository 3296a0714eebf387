/**
 * One question over TCP: what transport.ts does when a reply did not fit into a datagram.
 *
 * Packet → connection to the name server → reply. Loaded on the first truncated reply only, since node:net costs
 * every process milliseconds at its start and hardly any answer is that long.
 *
 * Invariant: `done` is called once, or never after giving up; at most 64 KB and two bytes of length are kept.
 * Failure: refused, cut, closed: undefined. A server that is silent is the caller's business, who gives up in time.
 *
 * Sources: RFC 1035 4.2.2, RFC 7766.
 */
import { connect } from 'node:net'
import type { NameServer } from './resolv-conf.ts'

/** Sends a query on a connection of its own; see `Transport.exchange`. */
export function exchangeByTcp(
  server: NameServer,
  query: Uint8Array,
  done: (reply: Uint8Array | undefined) => void,
  sent = (): void => {},
): () => void {
  const socket = connect({ host: server.address, port: server.port })
  const reader = new MessageReader()
  let ended = false
  const end = (reply: Uint8Array | undefined): void => {
    if (ended) return
    ended = true
    socket.destroy()
    done(reply)
  }
  socket.unref()
  socket.on('data', chunk => {
    const message = reader.push(chunk)
    if (message) end(message)
  })
  socket.on('error', () => end(undefined))
  socket.on('close', () => end(undefined))

  const length = Buffer.alloc(2)
  length.writeUInt16BE(query.length)
  socket.write(Buffer.concat([length, query]))
  // Behind what waits for the connection: the query has left.
  socket.once('connect', sent)
  return () => {
    ended = true
    socket.destroy()
  }
}

/** Puts the first message of a stream together: two bytes of length, then as many bytes as they say. */
export class MessageReader {
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #length: number | undefined

  /** Takes what came, however it was cut; returns the message once it is whole, without its length. */
  push(chunk: Buffer): Buffer | undefined {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < 2) return undefined
    this.#length ??= Buffer.concat(this.#chunks).readUInt16BE(0)
    const end = 2 + this.#length
    return this.#bytes < end ? undefined : Buffer.concat(this.#chunks).subarray(2, end)
  }
}
