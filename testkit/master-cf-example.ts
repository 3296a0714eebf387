/**
 * master.cf.example as it is shipped, for a Postfix of the tests: its service and its advice for main.cf and
 * smtpd(8).
 *
 *   readExample(paths) → { service: 'policy unix …', settings: 'policy_time_limit = …', smtpdOptions: '-o max_use=…' }
 *
 * Nothing but paths is put in place of others, and `-f FILE` behind them, so what is tried is what is recommended.
 * Failure: a path that the file does not have where it is expected is thrown, since something else would be tried.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FILE = join(dirname(fileURLToPath(import.meta.url)), '..', 'master.cf.example')
const SHIPPED = 'argv=/usr/bin/node /usr/local/bin/policyd-weight'

export interface Paths {
  readonly node: string
  readonly executable: string
  readonly configuration: string
}

export interface Example {
  /** Lines of master.cf. */
  readonly service: string
  /** Lines of main.cf. */
  readonly settings: string
  /** Options of an smtpd(8) in master.cf, a line each. */
  readonly smtpdOptions: string
}

/** The parts of the file. */
export function readExample({ node, executable, configuration }: Paths): Example {
  const text = readFileSync(FILE, 'utf8')
  const service = text.replace(/^#.*\n/gm, '')
  if (!service.includes(SHIPPED)) throw new Error(`master.cf.example has no ${SHIPPED}`)
  const smtpdOptions = adviceIn(text, 'smtpd:').filter(line => line.startsWith('  -o '))
  if (smtpdOptions.length === 0) throw new Error('master.cf.example has no options for smtpd')
  return {
    service: service.replace(SHIPPED, `argv=${node} ${executable} -f ${configuration}`),
    settings: adviceIn(text, 'main.cf:').join('\n'),
    smtpdOptions: smtpdOptions.join('\n'),
  }
}

/** The lines below a heading, which are indented by three blanks behind the comment sign. */
function adviceIn(text: string, heading: string): string[] {
  const [, part = ''] = text.split(`\n# ${heading}\n`)
  const [advice = ''] = part.split(/^# ?\S/m)
  return [...advice.matchAll(/^# {3}(.*)$/gm)].map(([, line = '']) => line)
}
