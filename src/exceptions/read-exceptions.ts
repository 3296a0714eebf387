/**
 * The text of `$EXCEPTIONS` → its exceptions, and what is wrong with it.
 *
 *   compile-exceptions.ts, cli/: text → readExceptions → exceptions, findings
 *
 * A line that is faulty is not used, and takes no other with it. Of two lines for the same WHO the last counts.
 *
 * Total; bounded: so many exceptions, so many findings. Source: docs/exceptions.md#the-file.
 */
import { type Finding, makeFinding } from '../config/findings/finding.ts'
import { type Exception, identityOfWho } from './exception.ts'
import { readLine } from './exception-line.ts'

const MOST_EXCEPTIONS = 100_000
const MOST_FINDINGS = 50

export interface ReadExceptions {
  /** Each with its line, counted from 1; no two for the same WHO. */
  readonly exceptions: readonly (Exception & { readonly line: number })[]
  /** `bad-exception`: a line that is not used; `set-twice`: one without effect. Warnings: the configuration is in order all the same. */
  readonly findings: readonly Finding[]
}

/** Reads the text of `file`, whose name only appears in findings. */
export function readExceptions(text: string, file: string): ReadExceptions {
  const found = new Map<string, Exception & { readonly line: number }>()
  const findings: Finding[] = []
  const tell = (what: 'bad-exception' | 'set-twice', line: number, column: number, message: string): void => {
    if (findings.length > MOST_FINDINGS) return
    const isLast = findings.length === MOST_FINDINGS
    const [code, said] = isLast
      ? (['too-many-findings', 'and more findings, which are not listed'] as const)
      : ([what, message] as const)
    findings.push(makeFinding('warning', code, file, { line, column }, said))
  }
  let line = 0
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start)
    const end = lineEnd < 0 ? text.length : lineEnd
    const read = readLine(text.slice(start, end))
    start = end + 1
    line++
    if (read.kind === 'none') continue
    if (read.kind === 'fault') {
      tell('bad-exception', line, read.column, read.message)
      continue
    }
    const { exception } = read
    const identity = identityOfWho(exception.who)
    const before = found.get(identity)
    if (before) tell('set-twice', line, 1, `${exception.who.text} is set again: line ${before.line} has no effect`)
    else if (found.size === MOST_EXCEPTIONS) {
      tell('bad-exception', line, 1, `more than ${MOST_EXCEPTIONS} exceptions: from here on they are not used`)
      break
    }
    found.set(identity, { ...exception, line })
  }
  return { exceptions: [...found.values()], findings }
}
