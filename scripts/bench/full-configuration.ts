/**
 * The configuration of the benchmarks: every parameter written out, as in the file that `policyd-weight defaults` prints.
 *
 *   parameters → fullConfigurationText → file → keepConfiguration: as if the service had been running for a while
 *
 * What is measured has to hold for the longest file, not for the shortest. A start finds it kept, as all but the first few
 * seconds behind a change do (src/config/keep.ts).
 */
import { renderDefaults } from '../../src/cli/defaults.ts'
import { SETTLED_MS } from '../../src/config/keep.ts'
import { configurationText, type Parameters, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../../testkit/demo-mails.ts'

/** The defaults, and these instead. */
export function fullConfigurationText(parameters: Parameters): string {
  return withDefaults(configurationText(parameters))
}

/** The defaults in front of a text: the last assignment counts. */
export function withDefaults(text: string): string {
  return renderDefaults({ profile: 'classic', isFull: true }).replace(/1;\n$/, () => `${text}1;\n`)
}

/** Has a process keep its configuration, which was written just now. */
export async function keepConfiguration(command: readonly string[]): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, SETTLED_MS + 100))
  const { status } = await runPolicyProcess(command, requestBytes({ ...attributesOf(GOOD_MAIL), sender: '' }))
  if (status !== 0) throw new Error(`${command.join(' ')}: status ${status}`)
}
