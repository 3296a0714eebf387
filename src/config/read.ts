/**
 * A configuration file's text → the configuration, and what is wrong with it.
 *
 *   load.ts: text → perl.ts → scalar.ts → value.ts → Config → load.ts
 *
 * Loaded only when there is a file. Assignments count from top to bottom, the last one of a parameter wins, and a
 * reference stands for what has been set above it, else for the built-in value. Names nobody knows can be set and
 * referred to, with a warning: old files have variables of their own.
 *
 * Invariants: linear in the length of the text; at most about a hundred findings.
 * Failure: any error means no configuration at all: half a configuration would judge mail in a way nobody wrote down.
 * Source: specification, chapter "Configuration".
 */
import type { ConfiguredZone } from '../lists/zone.ts'
import { type Fault, isFault, valueFault } from './fault.ts'
import { type Finding, type FindingCode, makeFinding, type Position } from './finding.ts'
import { PARAMETERS, type ParameterRow } from './known-parameters.ts'
import { nearestName } from './nearest-name.ts'
import { sigilOf } from './parameter.ts'
import { builtinConfig, type Config } from './parameters.ts'
import { type Assignment, parsePerl } from './perl.ts'
import { Positions, show } from './position.ts'
import type { Part } from './quoted.ts'
import { evaluateExpression, type LookUp, type Scalar } from './scalar.ts'
import { namedSecretZones, SecretText, withoutKeys } from './secrets.ts'
import { DERIVED } from './table.ts'
import { readValue } from './value.ts'

export { withoutKeys }

/** Where the parameters set by a file were set: a place for each value, for lists of four by four or two by two one for each entry. */
export type Origins = ReadonlyMap<string, readonly Position[]>

/** What a text says. */
export interface ReadConfiguration {
  /** Undefined if one of the findings is an error. */
  readonly config: Config | undefined
  readonly findings: readonly Finding[]
  readonly origins: Origins
  /** What a faulty text says of secret zones: the built-in values serve, but keys stay secret. */
  readonly secretZones: readonly ConfiguredZone[]
}

/** Errors, and warnings, that are listed; a file that is no configuration has more. */
const MAX_FINDINGS_OF_A_KIND = 50

/** Values that make one entry of a list. */
const WIDTHS: Partial<Record<ParameterRow['kind'], number>> = { lists: 4, zones: 2 }

const BY_NAME: ReadonlyMap<string, ParameterRow> = new Map(Object.entries(PARAMETERS))

/** Reads the text of `file`, whose name only appears in findings: `('$REJECTLEVEL = 3;', 'a.conf')`. */
export function readConfiguration(text: string, file: string): ReadConfiguration {
  const source = normalizeText(text)
  const reader = new Reader(source, file)
  const { assignments, faults, cutAt } = parsePerl(source)
  for (const fault of faults) reader.reportFault(fault, '')
  if (cutAt !== undefined)
    reader.report(
      'error',
      'too-many-findings',
      cutAt,
      () => 'nothing is read from here on: too many errors or statements',
    )
  for (const assignment of assignments) reader.assign(assignment)
  return reader.finish()
}

class Reader {
  readonly #source: string
  readonly #file: string
  readonly #positions: Positions
  readonly #findings: Finding[] = []
  /** Converted values of parameters. */
  readonly #values = new Map<string, unknown>()
  /** What references to names stand for: those set so far, of parameters and others. */
  readonly #scalars = new Map<string, string | number>()
  readonly #origins = new Map<string, readonly Position[]>()
  /** The source without subscribers' keys, once something has to be quoted. */
  #secretText: SecretText | undefined

  constructor(source: string, file: string) {
    this.#source = source
    this.#file = file
    this.#positions = new Positions(source)
  }

  assign(assignment: Assignment): void {
    const { sigil, name, at, end } = assignment
    const scalars = this.#evaluate(assignment)
    if (!scalars) return
    const parameter = BY_NAME.get(name)
    if (!parameter) {
      this.#remember(name, scalars)
      this.report(
        'warning',
        'unknown-parameter',
        at,
        () => `${sigil}${name} is no parameter and has no effect${didYouMean(name)}`,
      )
      return
    }
    const wanted = sigilOf(parameter.kind)
    if (sigil !== wanted) {
      const expected = wanted === '@' ? `@${name} = (value, ...);` : `$${name} = value;`
      this.reportFault(valueFault('wrong-sigil', assignment, expected), '')
      return
    }
    const value = readValue(parameter, { at, end, scalars }, (where, message) => {
      const found = this.#quote(where.at, where.end)
      this.report('warning', 'odd-value', where.at, () => `${sigil}${name}: ${found} ${message}`)
    })
    if (isFault(value)) {
      this.reportFault(value, `${sigil}${name}: `)
      return
    }
    this.#values.set(name, value.value)
    this.#remember(name, scalars)
    const width = WIDTHS[parameter.kind] ?? 1
    const places = scalars.filter((_, index) => index % width === 0)
    this.#origins.set(
      name,
      places.map(place => this.#positions.at(place.at)),
    )
  }

  reportFault(fault: Fault, prefix: string): void {
    const found = fault.at >= this.#source.length ? 'the end of the file' : this.#quote(fault.at, fault.end)
    const { expected, within, remark = '' } = fault
    const where = within === undefined ? '' : ` in ${this.#quoteValue(within)}`
    this.report('error', fault.code, fault.at, () => `${prefix}found ${found}, expected ${expected}${where}${remark}`)
  }

  report(severity: Finding['severity'], code: FindingCode, at: number, message: () => string): void {
    const count = this.#findings.filter(finding => finding.severity === severity).length
    if (count > MAX_FINDINGS_OF_A_KIND) return
    const position = this.#positions.at(at)
    const finding =
      count < MAX_FINDINGS_OF_A_KIND
        ? makeFinding(severity, code, this.#file, position, this.#secrets().hide(message()))
        : makeFinding(
            severity,
            'too-many-findings',
            this.#file,
            position,
            `and more ${severity}s, which are not listed`,
          )
    this.#findings.push(finding)
  }

  finish(): ReadConfiguration {
    const findings = this.#findings.sort(comparePlaces)
    const faulty = findings.some(finding => finding.severity === 'error')
    const config = faulty ? undefined : builtinConfig(Object.fromEntries(this.#values) as Partial<Config>)
    const secretZones = faulty ? namedSecretZones(this.#source).map(zone => ({ zone, words: 'secret' })) : []
    return { config, findings, origins: this.#origins, secretZones }
  }

  /** A piece of the source as a message shows it; and a value that was put together of several. */
  #quote(at: number, end: number): string {
    return show(this.#secrets().slice(at, end))
  }

  #quoteValue(text: string): string {
    return show(withoutKeys(text, namedSecretZones(this.#source)))
  }

  #secrets(): SecretText {
    this.#secretText ??= new SecretText(this.#source, namedSecretZones(this.#source))
    return this.#secretText
  }

  /** The values of an assignment; undefined, and a finding, if one of them has none. */
  #evaluate({ sigil, name, values }: Assignment): Scalar[] | undefined {
    const arrays: Extract<Part, { kind: 'array' }>[] = []
    const scalars: Scalar[] = []
    for (const value of values) {
      const scalar = evaluateExpression(value, this.#source, this.#lookUp, arrays)
      if (isFault(scalar)) {
        this.reportFault(scalar, `${sigil}${name}: `)
        return undefined
      }
      scalars.push(scalar)
    }
    for (const { at, end } of arrays) {
      const text = this.#secrets().slice(at, end)
      this.report(
        'warning',
        'array-in-text',
        at,
        () => `${show(text)} is taken as it stands; Perl would put a list there: write \\${text}`,
      )
    }
    return scalars
  }

  #remember(name: string, scalars: readonly Scalar[]): void {
    const [scalar] = scalars
    if (scalars.length === 1 && scalar && !(scalar.value instanceof RegExp)) this.#scalars.set(name, scalar.value ?? '')
  }

  readonly #lookUp: LookUp = name => {
    const set = this.#scalars.get(name)
    if (set !== undefined) return { value: set }
    const parameter = BY_NAME.get(name)
    if (!parameter) return { expected: `the name of a parameter, or of a value set above${didYouMean(name)}` }
    const value = this.#defaultOf(name, parameter)
    return value === undefined ? { expected: `a parameter with one value; @${name} is a list` } : { value }
  }

  #defaultOf(name: string, parameter: ParameterRow): string | number | undefined {
    const derived = DERIVED.find(each => each.name === name)
    if (derived) {
      const base = this.#lookUp(derived.from)
      return 'value' in base ? base.value + derived.append : undefined
    }
    const value: unknown = builtinConfig()[name as keyof Config]
    switch (parameter.kind) {
      case 'switch':
        return value ? 1 : 0
      case 'words':
        return (value as readonly string[]).join(' ')
      case 'lists':
      case 'zones':
      case 'patterns':
      case 'score-pair':
        return undefined
      default:
        return value as string | number
    }
  }
}

/** Without a byte order mark, every line ended by `\n` alone; lines and columns stay what an editor shows. */
function normalizeText(text: string): string {
  const start = text.startsWith('\ufeff') ? 1 : 0
  return text.slice(start).replaceAll('\r\n', '\n')
}

function didYouMean(name: string): string {
  const nearest = nearestName(name, BY_NAME.keys())
  const parameter = nearest === undefined ? undefined : BY_NAME.get(nearest)
  return parameter ? `; did you mean ${sigilOf(parameter.kind)}${nearest}?` : ''
}

/** Negative: `a` stands above `b`; for sorting. */
export function comparePlaces({ position: a }: Finding, { position: b }: Finding): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0)
}
