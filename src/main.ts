/**
 * The entry of the executable.
 *
 * No arguments, or only `-f FILE`: serve standard input, the way spawn(8) starts us, with as little loaded as the
 * request needs. Anything else is a command, and only then is the command line compiled (scripts/build.ts).
 *
 * Failure: none of its own; serve.ts and the commands end with documented statuses.
 * Source: specification, chapter "Postfix".
 */
import { loadConfig } from './config/load.ts'
import { silenceStandardError } from './descriptors.ts'
import { nativeOnce, serve } from './serve.ts'

const args = process.argv.slice(2)
if (args.length === 0) void serveStandardInput(undefined)
else if (args.length === 2 && args[0] === '-f') void serveStandardInput(args[1])
else void import('./cli/main.ts')

async function serveStandardInput(file: string | undefined): Promise<void> {
  silenceStandardError()
  const loaded = await loadConfig({ file })
  const native = nativeOnce()
  const status = await serve(loaded, { native })
  // Everything has been written.
  const part = native()
  if (part.kind === 'native') part.leave(status)
  process.exit(status)
}
