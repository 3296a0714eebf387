/**
 * The recorded cases, as they lie in data/.
 *
 * data/*.jsonl → RecordedCase → executable.ts and score.test.ts. data/README.md describes what is in a case and
 * where it is from. The files are ours, so they are read without checks; a broken line throws SyntaxError.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DnsZone } from '../../testkit/dns-server.ts'
import type { Parameters } from '../../testkit/policy-process.ts'

const dataFolder = join(dirname(fileURLToPath(import.meta.url)), 'data')

export interface RecordedCase {
  readonly id: string
  /** What kind of case it is, for the reader of a failure: `v4/otherdom/nolist`. */
  readonly class: string
  readonly config: Parameters
  readonly zone: DnsZone
  /** Attributes in the order sent. */
  readonly request: Readonly<Record<string, string>>
  /** What stands behind `action=`, and the log line from `weighted check:` on; null where none is written. */
  readonly expected: { readonly action: string; readonly log: string | null }
  /** The number of the deviation from the reference that shows here: `D9`. */
  readonly deviation?: string
}

/** All recorded cases, in the order of the files. */
export function readRecordedCases(): RecordedCase[] {
  return readdirSync(dataFolder)
    .filter(file => file.endsWith('.jsonl'))
    .flatMap(file => readFileSync(join(dataFolder, file), 'utf8').split('\n'))
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

/** Whether a short cut answers the request, so that there is nothing to score. */
export function hasShortCut({ request }: RecordedCase): boolean {
  return (request.sender ?? '') === '' || /^(?:postmaster|abuse)@/i.test(request.recipient ?? '')
}
