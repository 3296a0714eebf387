/**
 * Runs a command of the executable, as somebody would in a shell, with an environment of nothing but PATH.
 *
 *   const { status, stdout } = await runCommand(configuration, ['status'], DAEMON_USER.options)
 */
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { EXECUTABLE } from '../../testkit/executable.ts'

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `-f FILE` is put in front of the arguments. `user`: who runs it; whoever runs the tests, unless it says so. */
export async function runCommand(
  configuration: string,
  args: readonly string[],
  user: Pick<SpawnOptions, 'uid' | 'gid'> = {},
): Promise<Ran> {
  const command = ['-i', 'PATH=/usr/bin:/bin', process.execPath, EXECUTABLE, '-f', configuration, ...args]
  const child = spawn('/usr/bin/env', command, { stdio: ['ignore', 'pipe', 'pipe'], ...user })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { status, stdout, stderr }
}
