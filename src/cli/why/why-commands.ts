/**
 * `why` and `explain` as commands: the terminal, standard input, and whose files are read.
 *
 *   handlers.ts: options, loaded configuration → whyCommand, explainCommand → why.ts, explain-mail.ts → exit status
 *
 * Failure: theirs. What is wrong with the configuration is told, and it serves as far as it can be used.
 */
import { join } from 'node:path'
import { isatty } from 'node:tty'
import type { LoadedConfig } from '../../config/loaded.ts'
import { CACHE_FILE_NAME } from '../../serve.ts'
import { latin1Text } from '../../system/bytes.ts'
import { StandardInput } from '../../system/descriptors.ts'
import { codeOf } from '../../system/errno.ts'
import { EXIT_USAGE } from '../../system/exit-status.ts'
import { loadNative } from '../../system/native/native.ts'
import { renderFindings } from '../check.ts'
import { print } from '../output.ts'
import { explainMail, type GivenMail } from './explain-mail.ts'
import { runWhy, type Told } from './why.ts'
import type { PageForm } from './why-page.ts'

const USUAL_WIDTH = 80
/** Of a request on standard input: a policy request has no more. */
const MOST_INPUT = 64 * 1024

export interface WhyCommandOptions extends GivenMail {
  readonly json?: boolean | undefined
  readonly since?: string | undefined
  readonly log?: string | undefined
  /** yargs has undefined in it where there is none. */
  readonly WORD?: readonly (string | undefined)[] | undefined
}

export async function whyCommand(
  { WORD = [], since, log, json = false }: WhyCommandOptions,
  loaded: LoadedConfig,
): Promise<number> {
  tellErrors(loaded)
  const words = WORD.filter(word => word !== undefined)
  const form = formOf(process.stdout)
  const { config, path } = loaded
  return tell(await runWhy({ words, since, log, isJson: json, config, path, form, nowMs: Date.now() }))
}

export async function explainCommand(options: WhyCommandOptions, loaded: LoadedConfig): Promise<number> {
  tellErrors(loaded)
  const { client, name, helo, sender, recipient, json = false } = options
  const mail = { client, name, helo, sender, recipient }
  const isGiven = Object.values(mail).some(value => value !== undefined)
  let input: string | undefined
  try {
    if (!isGiven && !isatty(0)) input = await readInput()
  } catch (error) {
    return print(
      `explain: standard input cannot be read (${codeOf(error)}); give the mail by --client, --helo and --sender\n`,
      EXIT_USAGE,
    )
  }
  return tell(
    await explainMail({
      mail,
      input,
      config: loaded.config,
      path: loaded.path,
      cachePath: join(loaded.config.LOCKPATH, CACHE_FILE_NAME),
      native: loadNative,
      isJson: json,
      form: formOf(process.stdout),
      nowMs: Date.now,
    }),
  )
}

/** What stands on standard input, until its end or as much as a request may have. Throws errors of the system. */
async function readInput(): Promise<string> {
  const standardInput = new StandardInput()
  let text = ''
  while (text.length < MOST_INPUT) {
    const bytes = await standardInput.read()
    if (bytes === undefined) break
    text += latin1Text(bytes, 0, bytes.length)
  }
  return text
}

function tellErrors({ findings }: LoadedConfig): void {
  process.stderr.write(renderFindings(findings.filter(({ severity }) => severity === 'error')))
}

/** What was found goes to standard output, also that nothing was; what is wrong with the question does not. */
function tell({ text, status, isFault }: Told): number {
  if (isFault) return print(text, status)
  process.stdout.write(text)
  return status
}

/** 80 columns or the terminal's; in colour on one, unless `NO_COLOR` says otherwise (no-color.org) or it knows none. */
export function formOf(
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number },
  environment: NodeJS.ProcessEnv = process.env,
): PageForm {
  const isColoured = isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
  return { width: (isTTY && columns) || USUAL_WIDTH, isColoured }
}
