/**
 * The executable as an smtpd(8) talks to it: one process, a request, its answer, the next request.
 *
 *   const policy = new PolicyConversation([process.execPath, EXECUTABLE, '-f', file])
 *   await policy.ask(requestBytes(attributes)) → 'DUNNO …'; await policy.end() → []
 *
 * Failure: a process that ends, or gives no answer for 20 s, answers `(no answer)`; it is killed then, and `end` says how
 * it ended. A command that cannot be started rejects there.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { inEmptyEnvironment, type ProcessUser } from './policy-process.ts'

/** The slowest request waits a few seconds for silent name servers. */
const ANSWER_MS = 20_000

const NO_ANSWER = '(no answer)'

export class PolicyConversation {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number | string>
  #received = ''
  #errors = ''
  #hasEnded = false
  #wake = (): void => {}

  /** `variables`: all of its environment, beside PATH; `user`: as whom, if not as who runs this. */
  constructor(command: readonly string[], variables?: Readonly<Record<string, string>>, user?: ProcessUser) {
    const { file, args, env } = inEmptyEnvironment(command, variables)
    this.#child = spawn(file, args, { env, ...user })
    // A process that ends without reading its input is found out by its answer.
    this.#child.stdin.on('error', () => {})
    this.#child.stderr.setEncoding('latin1').on('data', (text: string) => {
      this.#errors += text
    })
    this.#child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text
      this.#wake()
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => {
        this.#hasEnded = true
        this.#wake()
        resolve(signal ?? code ?? 'unknown')
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Whether it has ended, by itself or because it was killed. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Sends a request and resolves with the value of `action=`. */
  async ask(request: Buffer): Promise<string> {
    this.#child.stdin.write(request)
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS)
    let end = this.#received.indexOf('\n\n')
    while (end < 0 && !this.#hasEnded) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      end = this.#received.indexOf('\n\n')
    }
    clearTimeout(killer)
    if (end < 0) return NO_ANSWER
    const answer = this.#received.slice(0, end)
    this.#received = this.#received.slice(end + 2)
    return answer.replace(/^action=/, '')
  }

  /**
   * Closes its input, as an smtpd(8) that ends does. Resolves with what is wrong with how it ended, nothing if all is well:
   * another status than 0, a signal, or a word on descriptor 2, which is the client's socket under spawn(8).
   */
  async end(): Promise<string[]> {
    this.#child.stdin.end()
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS)
    const status = await this.#ended
    clearTimeout(killer)
    const faults = status === 0 ? [] : [`ended with ${status}`]
    return this.#errors === '' ? faults : [...faults, `wrote to descriptor 2: ${this.#errors.slice(0, 500)}`]
  }
}
