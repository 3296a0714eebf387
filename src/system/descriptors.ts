/**
 * Descriptors 0, 1 and 2: the client's bytes in, the answers out, and silence.
 *
 * Under spawn(8) all three are one socket, in blocking mode: bytes are read and written synchronously, without
 * Node's streams, whose loading costs more than answering from the cache. Another parent may have made them
 * non-blocking; then EAGAIN says so, and from there on the streams wait for readiness.
 *
 * Guarantee: after `silenceStandardError` nothing this process or Node itself prints can reach the client.
 * Failure: errors of read(2) and write(2) are thrown as Node's errors, with their `code`.
 * Source: docs/behaviour/postfix.md#under-spawn8; spawn(8).
 */
import { closeSync, openSync } from 'node:fs'
import { readBytes, writeText } from './bytes.ts'
import { codeOf } from './errno.ts'

/** A request has some 700. */
const READ_BYTES = 4000

/** Puts /dev/null in the place of descriptor 2: open(2) takes the lowest free number. */
export function silenceStandardError(): void {
  closeSync(2)
  openSync('/dev/null', 'w')
}

/** Reads descriptor 0. */
export class StandardInput {
  readonly #buffer = new Uint8Array(READ_BYTES)
  #stream: AsyncIterator<Uint8Array> | undefined

  /** The next bytes, at least one; undefined at the end. They are valid until the next call. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (!this.#stream) {
      try {
        const bytes = readBytes(0, this.#buffer)
        return bytes === 0 ? undefined : this.#buffer.subarray(0, bytes)
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN') throw error
        this.#stream = process.stdin[Symbol.asyncIterator]()
      }
    }
    return this.#stream.next().then(({ value, done }) => (done ? undefined : value))
  }
}

/** Writes ASCII text to descriptor 1: at once, or, if it has to be waited for, a promise that resolves when all is written. */
export function writeStandardOutput(text: string): Promise<void> | undefined {
  let rest = text
  while (rest.length > 0) {
    try {
      rest = rest.slice(writeText(1, rest))
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error
      return new Promise((resolve, reject) => {
        process.stdout.once('error', reject)
        process.stdout.write(rest, failure => (failure ? reject(failure) : resolve()))
      })
    }
  }
  return undefined
}
