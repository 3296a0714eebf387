/**
 * The executable as spawn(8) starts it: a process, a request on its standard input, what it answers.
 *
 *   parameters → configurationText → file; attributes → requestBytes; both → runPolicyProcess → Ended
 *
 * The environment is as empty as under spawn(8). tap puts its loaders into the environment of whatever its tests start,
 * so there env(1) takes them out again. Descriptors 0, 1 and 2 are pipes of their own, so what is written to 2 is seen.
 *
 * Failure: how the process ended is a value. One that hangs is killed; a command that cannot be started rejects.
 * Source: docs/behaviour/postfix.md#under-spawn8.
 */
import { spawn } from 'node:child_process'

/** A process that has not ended by then is killed; the slowest request waits a few seconds for silent name servers. */
const HANG_MS = 20_000

type Scalar = string | number

/** Parameter names without `$` or `@` → values: `{ REJECTLEVEL: 1, helo_score: [1.5, -2] }`. */
export type Parameters = Readonly<Record<string, Scalar | readonly Scalar[]>>

/** Parameters as a configuration file: `{ REJECTLEVEL: 1 }` → `"$REJECTLEVEL = 1;\n"`. */
export function configurationText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) =>
      typeof value === 'object'
        ? `@${name} = (${value.map(literal).join(', ')});\n`
        : `$${name} = ${literal(value)};\n`,
    )
    .join('')
}

function literal(value: Scalar): string {
  return typeof value === 'number' ? String(value) : `'${value.replace(/[\\']/g, '\\$&')}'`
}

/** Attributes as Postfix sends them, in order, with the empty line at the end; a character is one byte. */
export function requestBytes(attributes: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(attributes).map(([name, value]) => `${name}=${value}\n`)
  return Buffer.from(`${lines.join('')}\n`, 'latin1')
}

/** The same as policy/request.ts takes it. */
export function requestText(attributes: Readonly<Record<string, string>>): string {
  return requestBytes(attributes).toString('latin1').slice(0, -1)
}

/** How a process ended. `status` is its exit status or the name of the signal; output is latin-1, a byte a character. */
export interface Ended {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from before it was started until it had ended. */
  readonly elapsedMs: number
}

const PATH = '/usr/bin:/bin'

/** A command with nothing in its environment but PATH and some variables: what to hand to spawn(). */
export function inEmptyEnvironment(
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): { readonly file: string; readonly args: readonly string[]; readonly env: Record<string, string> } {
  const env = { PATH, ...variables }
  const emptying = ['/usr/bin/env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
  const [file = '', ...args] = process.env.TAP === '1' ? [...emptying, ...command] : command
  return { file, args, env }
}

/** Who runs a process; whoever runs this, unless it says so. */
export interface ProcessUser {
  readonly uid?: number
  readonly gid?: number
}

/** Runs a command (`['/usr/bin/node', 'dist/policyd-weight', '-f', 'x.conf']`) on some input, to its end. */
export function runPolicyProcess(command: readonly string[], input: Buffer, user: ProcessUser = {}): Promise<Ended> {
  const { file, args, env } = inEmptyEnvironment(command)
  const start = process.hrtime.bigint()
  const child = spawn(file, args, { env, timeout: HANG_MS, killSignal: 'SIGKILL', ...user })
  // A process that ends without reading its input is found out by its answer.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let elapsedMs = 0
  child.on('exit', () => {
    elapsedMs = Number(process.hrtime.bigint() - start) / 1e6
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ status: signal ?? code ?? 'unknown', stdout, stderr, elapsedMs }))
  })
}
