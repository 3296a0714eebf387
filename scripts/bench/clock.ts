/**
 * Runs policy-clock.c, which starts a contender, asks it, and takes the time.
 *
 *   clock.run({ command, template, requests: 1, expected }) → { elapsedMs: [35.1], latenciesMs: [34.2] }
 *
 * Requests are counted through the whole run, so no two have one instance. Failure: a contender that does not answer, not
 * as expected, or ends with another status than 0 is an error. Of the original, which once in thousands of mails takes a
 * reply for none, a few are measured once more.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { User } from './configurations.ts'
import type { Plan } from './bench.ts'

const OUTPUT_BYTES = 1 << 24
const MAX_FAILURES = 3

export interface Go {
  readonly command: readonly string[]
  readonly template: string
  readonly processes?: number
  /** Requests of each process, one behind the other; 0: only its life is measured. */
  readonly requests: number
  /** What each answer contains. */
  readonly expected: string
  /** The contender is not the one to be shown right. */
  readonly mayFail?: boolean
}

export interface Times {
  /** From before a process was started until it had ended. */
  readonly elapsedMs: readonly number[]
  /** In order of arrival; the first of a process counts from its start. */
  readonly latenciesMs: readonly number[]
  readonly answers: readonly string[]
}

export class Clock {
  readonly #program: string
  readonly #folder: string
  readonly #user: User | undefined
  readonly #templates = new Map<string, string>()
  #asked = 1
  #failures = 0

  constructor({ programs, folder }: Plan, user: User | undefined) {
    this.#program = programs['policy-clock']
    this.#folder = folder
    this.#user = user
  }

  async run(go: Go): Promise<Times> {
    try {
      return await this.#run(go)
    } catch (error) {
      if (!go.mayFail || ++this.#failures > MAX_FAILURES) throw error
      console.error(`measured once more: ${error instanceof Error ? error.message : error}`)
      return this.#run(go)
    }
  }

  async #run({ command, template, processes = 1, requests, expected }: Go): Promise<Times> {
    const first = this.#asked
    this.#asked += processes * requests
    const args = [processes, requests, first, this.#templateFile(template)].map(String)
    const { stdout } = await promisify(execFile)(this.#program, [...args, ...command], {
      env: {},
      ...this.#user,
      maxBuffer: OUTPUT_BYTES,
      encoding: 'latin1',
    })
    const answers = [...stdout.matchAll(/^answer (\S+) (.*(?:\n(?!answer |process ).*)*)/gm)]
    const ends = [...stdout.matchAll(/^process (\d+) (\S+)$/gm)]
    const wrong = answers.find(([, , text = '']) => !text.startsWith('action=') || !text.includes(expected))
    if (wrong || answers.length !== processes * requests || ends.some(([, status]) => status !== '0'))
      throw new Error(`${command.join(' ')}: not the expected answer (${expected})\n${stdout}`)
    const milliseconds = (text = ''): number => Number(text) / 1000
    return {
      elapsedMs: ends.map(([, , time]) => milliseconds(time)),
      latenciesMs: answers.map(([, time]) => milliseconds(time)),
      answers: answers.map(([, , text = '']) => text),
    }
  }

  /** The file of a template. */
  #templateFile(template: string): string {
    const known = this.#templates.get(template)
    if (known !== undefined) return known
    const path = join(this.#folder, `request-${this.#templates.size}`)
    writeFileSync(path, template, 'latin1')
    this.#templates.set(template, path)
    return path
  }
}
