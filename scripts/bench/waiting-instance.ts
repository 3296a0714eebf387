/**
 * An instance that has answered and waits for the next request, as Postfix keeps one for each smtpd(8) that asks, and what
 * it takes of memory.
 *
 *   startInstance(['/usr/bin/node', 'dist/policyd-weight', …]) → { pid, answer, end(), kill() }; readSizes(pid)
 *
 * Sizes are the kernel's (/proc/PID/smaps_rollup): private, what only this process has, and proportional, in which a page
 * that many have counts by its part. Failure: an instance that ends instead of answering is an error.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { requestBytes } from '../../testkit/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../../testkit/demo-mails.ts'

const PATH = '/usr/bin:/bin'

export interface WaitingInstance {
  readonly pid: number
  /** What it said to the good mail of the demo. */
  readonly answer: string
  /** Ends it as Postfix does, by end of file. */
  end(): Promise<void>
  /** Whatever it does. */
  kill(): void
}

/** Megabytes. */
export interface Sizes {
  readonly proportional: number
  readonly private: number
}

export async function startInstance(
  command: readonly string[],
  { instance = 'demo', user }: { instance?: string; user?: { readonly uid: number; readonly gid: number } } = {},
): Promise<WaitingInstance> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env: { PATH }, stdio: ['pipe', 'pipe', 'ignore'], ...user })
  const started = {
    pid: Number(child.pid),
    answer: '',
    kill: () => void child.kill('SIGKILL'),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
  child.stdin.write(requestBytes({ ...attributesOf(GOOD_MAIL), instance }))
  for await (const text of child.stdout.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
    started.answer += text
    if (started.answer.endsWith('\n\n')) return started
  }
  throw new Error(`an instance ended without an answer: ${command.join(' ')}`)
}

/** What a process takes. */
export function readSizes(pid: number): Sizes {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024
  return { proportional: megabytes('Pss'), private: megabytes('Private_Clean') + megabytes('Private_Dirty') }
}
