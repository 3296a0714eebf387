/**
 * A program of another project's as a child of a test: started, waited for, ended.
 *
 *   const child = await startProgram('unbound', ['-d'], serves); … await endProgram(child)
 *
 * Failure: a program that ends instead of serving is thrown, with what it printed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { waitFor } from '../../../testkit/wait-for.ts'

/** Starts a program that stays in the foreground; resolves when it serves. */
export async function startProgram(
  name: string,
  args: readonly string[],
  serves: () => boolean | Promise<boolean>,
): Promise<ChildProcess> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('latin1').on('data', (text: string) => {
      printed += text
    })
  try {
    await waitFor(`${name} serves`, () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} has ended: ${printed}`)
      return serves()
    })
  } catch (error) {
    await endProgram(child)
    throw error
  }
  return child
}

/** Ends a program; resolves when it has ended. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
