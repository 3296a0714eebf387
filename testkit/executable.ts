/**
 * The built executable, for tests that try it from the outside.
 *
 *   const tried = await tryExecutable(t.testdir(), { parameters, input })
 *
 * Each run gets a configuration file, a log and a cache of its own, and says what the process printed, how it ended, what it
 * logged and how much memory it took at most (peak-memory.c, compiled on first use).
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configurationText, type Ended, type Parameters, type ProcessUser, runPolicyProcess } from './policy-process.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** The executable that is deployed, as the last build left it. */
export const EXECUTABLE = join(here, '..', 'dist', 'policyd-weight')

export interface Tried extends Ended {
  /** The text of each log line, without its time stamp. */
  readonly log: readonly string[]
  readonly peakMegabytes: number
}

export interface Trial {
  readonly parameters?: Parameters
  /** The configuration file instead of parameters. */
  readonly file?: string
  readonly input: string | Buffer
  /** The command in place of `node EXECUTABLE -f FILE`; FILE is handed to it. */
  readonly command?: (file: string) => readonly string[]
}

/** Attributes of a harmless request, with some in place of the usual ones. */
export function attributesOf(attributes: Record<string, string> = {}): Record<string, string> {
  return {
    request: 'smtpd_access_policy',
    client_address: '192.0.2.10',
    client_name: 'mail.example.org',
    helo_name: 'mail.example.org',
    sender: 'alice@example.org',
    recipient: 'bob@example.net',
    instance: 'i1',
    ...attributes,
  }
}

/** Runs the executable once, in a folder that may hold files of earlier runs. */
export async function tryExecutable(folder: string, { parameters = {}, file, input, command }: Trial): Promise<Tried> {
  const run = mkdtempSync(join(folder, 'run-'))
  const log = join(run, 'log')
  const configuration = file ?? join(run, 'conf')
  const own = { LOGFILE: log, LOCKPATH: join(run, 'cache') }
  if (file === undefined) writeFileSync(configuration, configurationText({ ...own, ...parameters }), 'latin1')
  const peak = join(run, 'peak')
  const policy = command?.(configuration) ?? [process.execPath, EXECUTABLE, '-f', configuration]
  const ended = await runPolicyProcess(
    [peakMemory(), peak, ...policy],
    typeof input === 'string' ? Buffer.from(input, 'latin1') : input,
  )
  return { ...ended, log: logLines(log), peakMegabytes: Number(readFileSync(peak, 'utf8')) / 1024 }
}

/** The lines of a $LOGFILE, without time and process; none if there is no file yet. */
export function logLines(path: string): string[] {
  if (!existsSync(path)) return []
  return [...readFileSync(path, 'latin1').matchAll(/^\S+ \[\d+\]: (.*)$/gm)].map(([, line = '']) => line)
}

/** Runs a command of the executable as somebody would in a shell: `(file, ['status'], DAEMON_USER.options)`. */
export function runCommand(configuration: string, args: readonly string[], user: ProcessUser = {}): Promise<Ended> {
  return runPolicyProcess([process.execPath, EXECUTABLE, '-f', configuration, ...args], Buffer.alloc(0), user)
}

let compiled: string | undefined

function peakMemory(): string {
  if (compiled === undefined) {
    compiled = join(mkdtempSync(join(tmpdir(), 'policyd-weight-')), 'peak-memory')
    execFileSync('cc', ['-O1', '-o', compiled, join(here, 'peak-memory.c')])
    process.on('exit', () => execFileSync('rm', ['-r', dirname(compiled as string)]))
  }
  return compiled
}
