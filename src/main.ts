/**
 * The entry of the executable.
 *
 * No arguments, or only `-f FILE` (`-f/FILE`; the last one counts): serve standard input, the way spawn(8) starts us, with as
 * little loaded as the request needs. Anything else is a command, and only then is the command line compiled
 * (scripts/build.ts).
 *
 * Failure: none of its own; serve.ts and the commands end with documented statuses.
 * Source: docs/behaviour/postfix.md#under-spawn8.
 */
import { loadConfig } from './config/load.ts'
import { silenceStandardError } from './system/descriptors.ts'
import { nativeOnce, serve } from './serve.ts'

const args = process.argv.slice(2)
let file: string | undefined
let at = 0
for (; at < args.length; at++) {
  const arg = args[at] as string
  if (arg === '-f' && at + 1 < args.length) file = args[++at]
  else if (arg.startsWith('-f/')) file = arg.slice(2)
  else break
}
if (at === args.length) void serveStandardInput()
else void import('./cli/command-line.ts')

async function serveStandardInput(): Promise<void> {
  // Where there is a terminal, there is TERM; what spawn(8) starts has none.
  if (process.env.TERM !== undefined) (await import('./boot/hint.ts')).hintAtTerminal()
  silenceStandardError()
  const loaded = await loadConfig({ file })
  const native = nativeOnce()
  const status = await serve(loaded, { native })
  // Everything has been written.
  const part = native()
  if (part.kind === 'native') part.leave(status)
  process.exit(status)
}
