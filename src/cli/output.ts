/**
 * Where commands print, and what becomes of one whose standard output cannot be written.
 *
 *   command-line.ts: before anything is printed → watchOutput; what was done → print
 *
 * Whoever reads may have seen enough (`policyd-weight -s | head`): then it ends well. A full disk is told. A daemon in the
 * foreground serves on, for its output is not what it is there for.
 *
 * Failure: 73; a standard error that cannot be written either is left alone.
 */
import { codeOf } from '../system/errno.ts'
import { EXIT_CANNOT_CREATE, EXIT_OK } from '../system/exit-status.ts'

export function watchOutput(args: readonly string[]): void {
  process.stderr.on('error', () => {})
  process.stdout.on('error', error => {
    if (args.includes('start')) return
    const code = codeOf(error)
    if (code === 'EPIPE') process.exit(EXIT_OK)
    process.stderr.write(`policyd-weight: standard output cannot be written (${code})\n`)
    process.exit(EXIT_CANNOT_CREATE)
  })
}

/** What was done goes to standard output, why it was not to standard error. */
export function print(text: string, status: number): number {
  if (status === EXIT_OK) process.stdout.write(text)
  else process.stderr.write(`policyd-weight: ${text}`)
  return status
}
