/**
 * What the statements of a configuration come to, one behind the other.
 *
 *   read.ts: statements → Reader: assign, skip, cut, leave → finish → ReadConfiguration
 *
 * A reader reads one text with the defaults of one profile, for what refers to them and for what is not set.
 *
 * Failure: a statement or value that cannot be used is a finding, and the parameter keeps its default or what read.ts says.
 * Source: docs/behaviour/configuration.md#what-one-slip-costs.
 */
import { ScalarReader, isTrue, type Scalar } from './language/scalar.ts'
import { type Fault, isFault, valueFault } from './language/fault.ts'
import type { Finding, Position } from './findings/finding.ts'
import { describeErrors } from './config-error.ts'
import type { Expression } from './language/expression.ts'
import { FindingList } from './findings/finding-list.ts'
import type { FaultyStatement } from './language/perl.ts'
import { sigilOf } from './parameters/parameter.ts'
import type { Config } from './parameters/parameters.ts'
import { type Profile, profileConfig } from './profile.ts'
import { KeyRing, type KeySource } from './key-ring.ts'
import type { ParameterRow } from './parameters/known-parameters.ts'
import { Positions, show } from './findings/position.ts'
import { Quotation } from './findings/quotation.ts'
import { Remarks } from './remarks.ts'
import type { Assignment, Target } from './language/statement.ts'
import type { Warn } from './values/assigned.ts'
import { readValue } from './values/value.ts'
import { didYouMean, findParameter, Variables } from './variables.ts'

/** Where the parameters set by a file were set: a place for each value, for lists of four by four or two by two one for each entry. */
export type Origins = ReadonlyMap<string, readonly Position[]>

/** What a text says. */
export interface ReadConfiguration {
  readonly config: Config
  readonly findings: readonly Finding[]
  /** What only whoever reads the file wants to know: lines without effect, and such as had none before 0.2.0. */
  readonly remarks: readonly Finding[]
  readonly origins: Origins
  /** Where each parameter was set last, with a value that can be used or not. */
  readonly setAt: ReadonlyMap<string, Position>
  /** Parameters whose value cannot be used, with their sigils. */
  readonly unusable: ReadonlySet<string>
}

/** Values that make one entry of a list. */
const WIDTHS: Partial<Record<ParameterRow['kind'], number>> = { lists: 4, zones: 2 }

export class Reader {
  readonly #positions: Positions
  readonly #findings: FindingList
  readonly #remarks: Remarks
  readonly #profile: Profile
  readonly #variables: Variables
  readonly #evaluator: ScalarReader
  readonly #quotation: Quotation
  readonly #keyRing: KeyRing
  /** Converted values of parameters. */
  readonly #values = new Map<string, unknown>()
  /** Parameters whose value cannot be used, with their sigils. */
  readonly #unusable = new Set<string>()
  /** Lines of statements that are left out and leave the values as they are. */
  readonly #leftOut = new Set<number>()
  readonly #origins = new Map<string, readonly Position[]>()
  readonly #setAt = new Map<string, Position>()

  constructor(source: string, file: string, profile: Profile, keys: KeySource) {
    this.#profile = profile
    this.#keyRing = new KeyRing(keys)
    this.#variables = new Variables(profile)
    this.#positions = new Positions(source)
    this.#quotation = new Quotation(source)
    this.#findings = new FindingList(file, this.#positions, this.#quotation)
    this.#remarks = new Remarks(file, source, this.#positions, this.#quotation)
    this.#evaluator = new ScalarReader(source, this.#variables)
  }

  /** A statement that cannot be used. */
  skip({ fault, at, names }: FaultyStatement): void {
    this.#reportFault(fault, '')
    this.#remarks.skipped(fault)
    let isNamed = false
    for (const [name, isCertain] of names) {
      const parameter = findParameter(name.slice(1))
      if (!parameter || sigilOf(parameter.kind) !== name.charAt(0)) continue
      if (!isCertain && this.#variables.isSet(name.charAt(0), name.slice(1))) continue
      this.#setUnusable(name, at)
      isNamed = true
    }
    if (!isNamed) this.#leftOut.add(this.#positions.at(at).line)
  }

  assign(assignment: Assignment): void {
    const { targets, isList, surplusAt } = assignment
    const [first] = targets
    const values = this.#evaluate(assignment)
    if (isFault(values)) {
      this.#reportFault(values, first ? `${first.sigil}${first.name}: ` : '')
      for (const target of targets) this.#fail(target, assignment)
      return
    }
    if (surplusAt !== undefined && first)
      this.#findings.warn(
        'odd-value',
        surplusAt,
        () =>
          `what stands here is no part of ${first.sigil}${first.name}: a list belongs in parentheses, and a decimal point is no comma`,
      )
    let taken = 0
    for (const target of targets) {
      const rest = isList ? values.slice(taken) : values
      this.#set(target, isList && target.sigil === '$' ? rest.slice(0, 1) : rest, assignment)
      taken = target.sigil === '$' ? taken + 1 : values.length
    }
  }

  cut(at: number): void {
    this.#findings.error('too-many-findings', at, () => 'nothing is read from here on: too many errors or statements')
    this.#leftOut.add(this.#positions.at(at).line)
  }

  leave(at: number): void {
    this.#findings.warn('code', at, () => 'nothing is read from here on: "return" ends the file')
  }

  finish(): ReadConfiguration {
    for (const { at, end } of this.#evaluator.arrays) {
      const text = this.#quotation.slice(at, end)
      const message = `${show(text)} is taken as it stands; Perl would put a list there: write \\${text}`
      this.#findings.warn('array-in-text', at, () => message)
      this.#remarks.array(at)
    }
    const values = Object.fromEntries(this.#values)
    for (const name of this.#unusable) {
      const parameter = findParameter(name.slice(1))
      if (parameter?.ifUnusable !== undefined) values[name.slice(1)] = parameter.ifUnusable
      if (parameter?.kind === 'zones') values[name.slice(1)] = this.#quotation.secretZones()
    }
    const configError = describeErrors([...this.#unusable], [...this.#leftOut])
    const config = profileConfig(this.#profile, {
      ...values,
      PROFILE: values.PROFILE ?? 'classic',
      configError,
    } as Partial<Config>)
    return {
      config,
      findings: this.#findings.sorted(),
      remarks: this.#remarks.sorted(),
      origins: this.#origins,
      setAt: this.#setAt,
      unusable: this.#unusable,
    }
  }

  /** The values that the targets get. */
  #evaluate({ targets: [target], operator, values }: Assignment): readonly Scalar[] | Fault {
    // Perl takes () = (1, 2), too.
    if (operator === '=' || !target) return this.#evaluator.evaluateAll(values)
    const { at, end, name, sigil, index } = target
    const current: Expression =
      index === undefined ? { kind: 'reference', at, end, name } : { kind: 'element', at, end, name, index }
    switch (operator) {
      case 'push':
      case 'unshift': {
        const added = this.#evaluator.evaluateAll(values)
        if (isFault(added)) return added
        const list = this.#variables.list(name)
        const before = 'expected' in list ? [] : list
        return operator === 'push' ? [...before, ...added] : [...added, ...before]
      }
      case '||':
      case '//':
      case '&&': {
        const before = this.#evaluator.evaluate(current)
        if (isFault(before)) return before
        const isKept = operator === '//' ? before.value !== undefined : isTrue(before) === (operator === '||')
        return isKept ? [before] : this.#evaluator.evaluateAll(values)
      }
      default: {
        const operand = values.at(-1)
        if (sigil === '@' || !operand) return valueFault('bad-value', target, `"=" behind @${name}`)
        const rest = [{ operator, operand }]
        const result = this.#evaluator.evaluate({ kind: 'chain', at, end: operand.end, first: current, rest })
        return isFault(result) ? result : [result]
      }
    }
  }

  /** Gives one name its values. */
  #set(target: Target, given: readonly Scalar[], assignment: Assignment): void {
    const { name, at, end, index } = target
    if (name === '') return
    const sigil = index === undefined ? target.sigil : '@'
    const parameter = findParameter(name)
    const scalars = index === undefined ? given : this.#withElement(name, index, given)
    if (isFault(scalars)) {
      this.#reportFault({ ...scalars, at, end }, `${sigil}${name}: `)
      this.#fail(target, assignment)
      return
    }
    if (!parameter) {
      this.#remember(sigil, name, scalars)
      this.#findings.warn('unknown-parameter', at, () => {
        const meant = didYouMean(name)
        const isOwn = target.declared !== undefined && meant === ''
        return `${sigil}${name} is no parameter and has no effect${isOwn ? ' but where this file refers to it' : meant}`
      })
      this.#remarks.unknown(target)
      return
    }
    const wanted = sigilOf(parameter.kind)
    if (sigil !== wanted) {
      const expected = wanted === '@' ? `@${name} = (value, ...);` : `$${name} = value;`
      this.#reportFault(valueFault('wrong-sigil', target, expected), '')
      this.#remarks.unknown(target)
      this.#setUnusable(`${wanted}${name}`, at)
      return
    }
    const warn: Warn = (where, message, code = 'odd-value') => {
      const found = this.#quotation.piece(where.at, where.end)
      this.#findings.warn(code, where.at, () => `${sigil}${name}: ${found} ${message}`)
    }
    const value = readValue(parameter, { at, end, scalars }, warn)
    if (isFault(value)) {
      this.#reportFault(value, `${sigil}${name}: `)
      this.#fail(target, assignment)
      return
    }
    this.#remarks.set(target, assignment)
    this.#unusable.delete(`${sigil}${name}`)
    this.#remember(sigil, name, scalars)
    const used = this.#withKeys(parameter, name, value.value, scalars, warn)
    if (used === undefined) this.#values.delete(name)
    else this.#values.set(name, used)
    const width = WIDTHS[parameter.kind] ?? 1
    const places = scalars.filter((_, index) => index % width === 0)
    this.#origins.set(
      name,
      // What was there before a value was added has no place of its own.
      places.map(place => this.#positions.at(place.end > 0 ? place.at : at)),
    )
    this.#setAt.set(name, this.#positions.at(at))
  }

  /** What a value comes to with subscribers' keys; what has none, or a file with none, is told. */
  #withKeys(row: ParameterRow, name: string, value: unknown, scalars: readonly Scalar[], warn: Warn): unknown {
    if (row.key !== undefined) this.#variables.forget('$', row.key)
    const { used, faults } = this.#keyRing.use(row, value, scalars, warn)
    for (const fault of faults) {
      this.#reportFault(fault, `${sigilOf(row.kind)}${name}: `)
      this.#leftOut.add(this.#positions.at(fault.at).line)
    }
    return used
  }

  /** A list with another value in one place. */
  #withElement(name: string, index: number, given: readonly Scalar[]): readonly Scalar[] | Fault {
    const list = this.#variables.list(name)
    if ('expected' in list) return valueFault('bad-reference', { at: 0, end: 0 }, list.expected)
    const [value] = given
    const at = index < 0 ? list.length + index : index
    return value && at >= 0 && at < list.length
      ? list.with(at, value)
      : valueFault('out-of-range', { at: 0, end: 0 }, `an element of the ${list.length} of @${name}`)
  }

  /** A value that cannot be used: what was there before is gone, unless something was to be added to it. */
  #fail(target: Target, { operator }: Assignment): void {
    const name = `${target.index === undefined ? target.sigil : '@'}${target.name}`
    if (operator === '=' && target.index === undefined) this.#setUnusable(name, target.at)
    else this.#leftOut.add(this.#positions.at(target.at).line)
  }

  #setUnusable(name: string, at: number): void {
    const parameter = findParameter(name.slice(1))
    this.#values.delete(name.slice(1))
    this.#origins.delete(name.slice(1))
    this.#variables.forget(name.charAt(0), name.slice(1))
    if (!parameter) return
    this.#unusable.add(name)
    this.#setAt.set(name.slice(1), this.#positions.at(at))
    if (parameter.ifUnusable !== undefined) this.#variables.setScalar(name.slice(1), parameter.ifUnusable)
  }

  #remember(sigil: string, name: string, scalars: readonly Scalar[]): void {
    if (sigil === '@') this.#variables.setList(name, scalars)
    else this.#variables.setScalar(name, scalars.at(-1)?.value)
  }

  #reportFault(fault: Fault, prefix: string): void {
    const { at, end, within, remark = '' } = fault
    const found = this.#quotation.piece(at, end)
    this.#findings.error(fault.code, at, () => {
      const expected = typeof fault.expected === 'string' ? fault.expected : fault.expected()
      const where = within === undefined ? '' : ` in ${this.#quotation.value(within)}`
      return `${prefix}found ${found}, expected ${expected}${where}${remark}`
    })
  }
}
