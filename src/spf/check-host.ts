/**
 * The check of a host against the record of a domain, and of those that it includes or is redirected to.
 *
 *   check-spf.ts: a walk and a domain → checkHost → how it may end
 *
 * Terms in their order, until one ends it. A term whose answer is missing may match or not: the walk notes both, and goes on.
 * Recursion is bounded by the count of terms that cause queries alone: each inclusion is one.
 *
 * Failure: a lookup that failed is `temperror`, what breaks the syntax or a limit `permerror`; nothing throws.
 * Sources: RFC 7208 4, 5, 6.1; docs/behaviour/spf.md#results.
 */
import { nameToAsk } from '../dns/names.ts'
import type { MacroString } from './macro.ts'
import { findAddress, findExists, findExchange, findPointer, type Found, type Scope, targetName } from './mechanisms.ts'
import { isInNetwork } from './network.ts'
import { type Directive, parseRecord, type SpfRecord, selectRecords } from './record.ts'
import { type Ends, end, expectAnything, look, newEnds, type SpfResult, spendTerm, type SpfWalk } from './walk.ts'

/** What a longer record says is not read: it is no record. */
const MAX_RECORD_CHARACTERS = 16_384

const ANY: readonly SpfResult[] = ['none', 'neutral', 'pass', 'everybody', 'fail', 'softfail', 'temperror', 'permerror']

/** A network with a shorter prefix is all the world: nobody has so many addresses. */
const LEAST_BITS_4 = 8
const LEAST_BITS_6 = 16

/** How the check of `domain` may end; one end if all is known. */
export function checkHost(walk: SpfWalk, domain: string): Ends {
  const ends = newEnds()
  const ended = (result: SpfResult, term = ''): Ends => {
    end(walk, ends, { result, domain, term })
    return ends
  }
  const name = nameToAsk(domain)
  if (name === undefined || !name.includes('.')) return ended('none')
  const outcome = look(walk, { type: 'TXT', name })
  if (!outcome) return anyEnd(walk, domain)
  if (outcome.kind === 'failed') return ended('temperror')
  const records = outcome.kind === 'found' ? selectRecords(outcome.values) : []
  const [record = ''] = records
  if (records.length === 0 || record.length > MAX_RECORD_CHARACTERS) return ended('none')
  if (records.length > 1) return ended('permerror')
  const parsed = parseRecord(record)
  if (typeof parsed === 'string') return ended('permerror', parsed)
  walkRecord({ walk, domain: name, ends }, parsed)
  return ends
}

function walkRecord(scope: Scope, { directives, redirect }: SpfRecord): void {
  const { walk, domain, ends } = scope
  for (const directive of directives) if (!walkDirective(scope, directive)) return
  if (!redirect) {
    end(walk, ends, { result: 'neutral', domain, term: '' })
    return
  }
  if (!spendTerms(scope, redirect.target, redirect.text)) return
  const nested = checkTarget(scope, targetName(scope, redirect.target))
  ends.least ??= nested.least
  for (const [result, decided] of nested.decided) {
    const ended = result === 'none' ? { result: 'permerror' as const, domain, term: redirect.text } : decided
    end(walk, ends, ended)
  }
}

/** Notes how evaluation may end at a directive; returns whether it may go on behind it. */
function walkDirective(scope: Scope, directive: Directive): boolean {
  const { walk, domain, ends } = scope
  const { mechanism, text, result } = directive
  const found = find(scope, directive)
  if (!found) return false
  for (const error of found.errors ?? []) end(walk, ends, { result: error, domain, term: text })
  const widely = result === 'pass' ? 'everybody' : result
  if (found.match) end(walk, ends, { result: isWide(mechanism, walk) ? widely : result, domain, term: text })
  if (found.everybody) end(walk, ends, { result: widely, domain, term: text })
  return found.noMatch && mechanism.kind !== 'all'
}

/** Whether a mechanism that matches would do so for everybody. */
function isWide(mechanism: Directive['mechanism'], { client }: SpfWalk): boolean {
  switch (mechanism.kind) {
    case 'all':
      return true
    case 'ip4':
      return mechanism.bits < LEAST_BITS_4
    case 'ip6':
      return mechanism.bits < LEAST_BITS_6
    case 'a':
    case 'mx':
      return client.includes(':') ? mechanism.bits6 < LEAST_BITS_6 : mechanism.bits4 < LEAST_BITS_4
    default:
      return false
  }
}

/** undefined: it surely exceeds a limit, which is noted. */
function find(scope: Scope, { mechanism, text }: Directive): Found | undefined {
  const { walk } = scope
  switch (mechanism.kind) {
    case 'all':
      return { match: true, noMatch: false }
    case 'ip4':
    case 'ip6': {
      const match = isInNetwork(walk.client, mechanism.address, mechanism.bits)
      return { match, noMatch: !match }
    }
    default:
  }
  if (!spendTerms(scope, mechanism.target, text)) return undefined
  switch (mechanism.kind) {
    case 'a':
      return findAddress(scope, mechanism, text)
    case 'mx':
      return findExchange(scope, mechanism, text)
    case 'ptr':
      return findPointer(scope, mechanism.target, text)
    case 'exists':
      return findExists(scope, mechanism.target, text)
    case 'include': {
      const { decided, least } = checkTarget(scope, targetName(scope, mechanism.target))
      // It may have ended early, and have counted no more.
      walk.terms.least = least?.terms ?? walk.terms.least
      walk.voids.least = least?.voids ?? walk.voids.least
      return {
        match: decided.has('pass'),
        everybody: decided.has('everybody'),
        noMatch: decided.has('fail') || decided.has('softfail') || decided.has('neutral'),
        errors: [
          ...(decided.has('temperror') ? (['temperror'] as const) : []),
          ...(decided.has('permerror') || decided.has('none') ? (['permerror'] as const) : []),
        ],
      }
    }
  }
}

/** Counts a term, and each `%{p}` in its name; false: it surely exceeds the limit. */
function spendTerms({ walk, domain, ends }: Scope, target: MacroString | undefined, text: string): boolean {
  const spend = (): boolean => spendTerm(walk, ends, domain, text)
  return spend() && !target?.some(token => typeof token !== 'string' && token.letter === 'p' && !spend())
}

/** `target` undefined: its name is not known yet. */
function checkTarget({ walk, domain }: Scope, target: string | undefined): Ends {
  return target === undefined ? anyEnd(walk, domain) : checkHost(walk, target)
}

/** Of a check about which nothing is known. */
function anyEnd(walk: SpfWalk, domain: string): Ends {
  const ends = newEnds()
  for (const result of ANY) end(walk, ends, { result, domain, term: '' })
  expectAnything(walk)
  return ends
}
