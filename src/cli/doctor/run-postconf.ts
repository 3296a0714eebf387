/**
 * Runs postconf(1) and reads what it prints.
 *
 *   configuration directory → Postfix, or why there is none
 *
 * Four runs with fixed arguments, without a shell, each bounded in time and output. What postconf warns of on standard error
 * is Postfix's own business. Root's PATH often has no sbin, so the usual directories are looked through as well.
 *
 * Failure: a value. `missing`: there is no postconf. `failed`: it ended with an error, whose last line is `why`. Where -P is
 * not known (before 2.11) there are no overrides, and `notes` says so.
 * Source: postconf(1).
 */
import { execFile } from 'node:child_process'
import { codeOf } from '../../system/errno.ts'
import {
  ASKED_PARAMETERS,
  expandParameters,
  type Postfix,
  parseOverrides,
  parseParameters,
  parseServices,
} from './postfix.ts'

export type PostfixSeen =
  | { readonly kind: 'postfix'; readonly postfix: Postfix; readonly notes: readonly string[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly command: string; readonly why: string }

const TIMEOUT_MS = 10_000
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024
const SBIN = '/usr/sbin:/usr/local/sbin:/sbin:/opt/postfix/sbin'

interface Run {
  readonly status: 'ok' | 'failed' | 'missing'
  readonly stdout: string
  readonly why: string
}

/** Asks for everything. `directory`: postconf's -c; undefined: its own. `searchPath`: where postconf is looked for. */
export async function readPostfix(
  directory: string | undefined,
  searchPath = `${process.env.PATH ?? '/usr/bin:/bin'}:${SBIN}`,
): Promise<PostfixSeen> {
  const options = directory === undefined ? [] : ['-c', directory]
  const run = (...args: string[]): Promise<Run> => runPostconf([...options, ...args], searchPath)
  const [expanded, services, overrides] = await Promise.all([run('-x', '-n'), run('-M'), run('-x', '-P')])
  if (expanded.status === 'missing') return { kind: 'missing' }
  const isExpanded = expanded.status === 'ok'
  const set = isExpanded ? expanded : await run('-n')
  const asked = await run(...(isExpanded ? ['-x'] : []), ...ASKED_PARAMETERS)
  for (const [command, { status, why }] of [
    ['postconf -n', set],
    ['postconf -M', services],
  ] as const)
    if (status !== 'ok') return { kind: 'failed', command, why }
  const parameters = parseParameters(`${asked.stdout}\n${set.stdout}`)
  return {
    kind: 'postfix',
    postfix: {
      parameters: isExpanded ? parameters : expandParameters(parameters),
      services: parseServices(services.stdout),
      overrides: parseOverrides(overrides.stdout),
    },
    notes: overrides.status === 'ok' ? [] : [`-o options of master.cf: postconf -P failed (${overrides.why})`],
  }
}

function runPostconf(args: readonly string[], searchPath: string): Promise<Run> {
  const { MAIL_CONFIG } = process.env
  const env = { PATH: searchPath, LC_ALL: 'C', ...(MAIL_CONFIG === undefined ? {} : { MAIL_CONFIG }) }
  return new Promise(resolve => {
    const child = execFile(
      'postconf',
      [...args],
      { env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL', encoding: 'latin1' },
      (error, stdout, stderr) => {
        if (!error) resolve({ status: 'ok', stdout, why: '' })
        else if (codeOf(error) === 'ENOENT') resolve({ status: 'missing', stdout: '', why: 'there is none' })
        else
          resolve({
            status: 'failed',
            stdout: '',
            why: lastLine(stderr) || (error.killed ? 'it takes too long' : error.message),
          })
      },
    )
    child.stdin?.end()
  })
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 200) ?? ''
}
