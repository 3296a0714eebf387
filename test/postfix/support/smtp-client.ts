/**
 * An SMTP client that says what it is told to and shows every reply.
 *
 *   const smtp = await SmtpClient.connect(port); await smtp.introduce(mail); const [reply] = await smtp.send(mail)
 *
 * One command at a time. XCLIENT makes the server believe in another client address and name.
 * Failure: a connection that the server closes, or a reply that does not come, rejects the command that waits for it.
 * Source: RFC 5321; Postfix XCLIENT_README.
 */
import { connect, isIPv6, type Socket } from 'node:net'

/** Above what Postfix waits for a silent policy service, twice. */
const REPLY_MS = 220_000

export interface Reply {
  readonly code: number
  /** Without the code, lines joined by blanks. */
  readonly text: string
}

/** Who the client says it is, and what Postfix is to believe of its address. */
export interface Introduction {
  readonly client: string
  readonly name: string
  readonly helo: string
}

export interface Envelope {
  readonly sender: string
  readonly recipients?: readonly string[]
}

export interface Sent {
  /** To each RCPT TO. */
  readonly recipients: readonly Reply[]
  /** To the mail itself; undefined if no recipient was accepted. */
  readonly mail: Reply | undefined
}

export const RECIPIENT = 'bob@example.net'

export class SmtpClient {
  readonly #socket: Socket
  #received = ''
  #waiting: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  /** Resolves when the server has greeted. */
  static async connect(port: number): Promise<SmtpClient> {
    const socket = connect(port, '127.0.0.1')
    const client = new SmtpClient(socket)
    await client.#reply()
    return client
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1').setTimeout(REPLY_MS, () => socket.destroy(new Error('no reply')))
    socket.on('data', (text: string) => {
      this.#received += text
      this.#settle()
    })
    socket.on('error', error => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')))
  }

  /** Sends a line; resolves to its reply. */
  command(line: string): Promise<Reply> {
    this.#socket.write(`${line}\r\n`, 'latin1')
    return this.#reply()
  }

  /** As whom the mails from here on are sent. */
  async introduce({ client, name, helo }: Introduction): Promise<void> {
    const address = isIPv6(client) ? `IPV6:${client}` : client
    await this.#expect(220, `XCLIENT ADDR=${address} NAME=${name === 'unknown' ? '[UNAVAILABLE]' : name}`)
    await this.#expect(250, `EHLO ${helo}`)
  }

  /** Sends a mail to those recipients who are accepted. */
  async send({ sender, recipients = [RECIPIENT] }: Envelope, text = 'Subject: a test\r\n\r\nHello.'): Promise<Sent> {
    await this.#expect(250, `MAIL FROM:<${sender}>`)
    const replies: Reply[] = []
    for (const recipient of recipients) replies.push(await this.command(`RCPT TO:<${recipient}>`))
    if (!replies.some(({ code }) => code === 250)) {
      await this.#expect(250, 'RSET')
      return { recipients: replies, mail: undefined }
    }
    await this.#expect(354, 'DATA')
    return { recipients: replies, mail: await this.command(`${text}\r\n.`) }
  }

  async quit(): Promise<void> {
    await this.#expect(221, 'QUIT')
    this.close()
  }

  close(): void {
    if (!this.#socket.destroyed) this.#socket.destroy()
  }

  async #expect(code: number, line: string): Promise<void> {
    const reply = await this.command(line)
    if (reply.code !== code) throw new Error(`${line}: ${reply.code} ${reply.text}`)
  }

  #reply(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      if (this.#socket.destroyed) reject(new Error('the connection is closed'))
      else this.#settle()
    })
  }

  /** A reply is complete with the line that has a blank behind its code. */
  #settle(): void {
    const lines = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(this.#received)
    if (!lines || !this.#waiting) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    this.#received = this.#received.slice(lines[0].length)
    const text = lines[0]
      .trimEnd()
      .split('\r\n')
      .map(line => line.slice(4))
      .join(' ')
    resolve({ code: Number(lines[1]), text })
  }
}
