/**
 * Restriction lists of smtpd(8): what is evaluated, in which order, and where a policy service is asked.
 *
 *   'permit_mynetworks, weigh', classes { weigh: 'check_policy_service unix:private/policy' }
 *     → items [permit_mynetworks] [weigh] → steps, with the class put in its place, each with the item it came from
 *
 * A restriction that takes an argument is one item with it; `warn_if_reject` belongs to what follows. A class is a name of
 * smtpd_restriction_classes, and its list stands where its name stands. What an access table leads to is not seen.
 *
 * Failure: none; classes that name each other are followed so deep and no further.
 * Source: postconf(5), smtpd_*_restrictions; RESTRICTION_CLASS_README.
 */
import { inBraces, splitWords } from './postfix-words.ts'

/** Restrictions that are followed by an argument. */
const WITH_ARGUMENT =
  /^(?:check_\w+_access|check_policy_service|reject_rbl(?:_client)?|reject_rhsbl_\w+|permit_(?:dnswl|rhswl)_client|sleep)$/
const MAX_CLASS_DEPTH = 8
const MAX_STEPS = 2000

/** A part of a list as it is written; moved as a whole. */
export interface Item {
  /** `check_policy_service unix:private/policy`, as it can be written again. */
  readonly text: string
  readonly name: string
  readonly argument: string | undefined
  readonly onlyWarns: boolean
}

/** A restriction as it is evaluated; `item` is the index of what it came from, `within` the class it stands in. */
export interface Restriction {
  readonly name: string
  readonly argument: string | undefined
  readonly onlyWarns: boolean
  readonly item: number
  readonly within: string | undefined
}

/** What `check_policy_service` is told: whom to ask, and settings of its own. */
export interface PolicyArgument {
  /** `unix:private/policy`, `inet:127.0.0.1:12525`. */
  readonly endpoint: string
  /** `timeout` → `20s` … */
  readonly settings: ReadonlyMap<string, string>
}

/** A list as it is written; names in lower case, as Postfix compares them. */
export function parseRestrictions(list: string): Item[] {
  const words = splitWords(list)
  const items: Item[] = []
  for (let at = 0; at < words.length; ) {
    const start = at
    let onlyWarns = false
    while (words[at]?.toLowerCase() === 'warn_if_reject') {
      onlyWarns = true
      at++
    }
    const word = words[at++]
    if (word === undefined) break
    const name = word.toLowerCase()
    const argument = WITH_ARGUMENT.test(name) ? words[at++] : undefined
    items.push({ text: words.slice(start, at).join(' '), name, argument, onlyWarns })
  }
  return items
}

/** What is evaluated, with the lists of classes in their places. `classes`: name → list. */
export function flatten(items: readonly Item[], classes: ReadonlyMap<string, string>): Restriction[] {
  const steps: Restriction[] = []
  const visit = (each: Item, item: number, outside: Pick<Restriction, 'onlyWarns' | 'within'>, depth: number): void => {
    const onlyWarns = outside.onlyWarns || each.onlyWarns
    const list = depth < MAX_CLASS_DEPTH && steps.length < MAX_STEPS ? classes.get(each.name) : undefined
    if (list === undefined) {
      steps.push({ name: each.name, argument: each.argument, onlyWarns, item, within: outside.within })
      return
    }
    const within = each.text.split(' ').at(-1)
    for (const inside of parseRestrictions(list)) visit(inside, item, { onlyWarns, within }, depth + 1)
  }
  for (const [index, item] of items.entries()) visit(item, index, { onlyWarns: false, within: undefined }, 0)
  return steps
}

/** The classes that are declared and have a list. */
export function restrictionClasses(declared: string, listOf: (name: string) => string): Map<string, string> {
  return new Map(splitWords(declared).map(name => [name.toLowerCase(), listOf(name)]))
}

/** `'unix:private/policy'`, or `'{ unix:private/policy, timeout=20s, { default_action = DUNNO } }'`. */
export function parsePolicyArgument(argument: string): PolicyArgument {
  const inside = inBraces(argument)
  if (inside === undefined) return { endpoint: argument, settings: new Map() }
  // Blanks around "=" are taken as they are meant.
  const [endpoint = '', ...words] = splitWords(inside.replace(/\s*=\s*/g, '='))
  const settings = words.flatMap(word => {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(inBraces(word) ?? word) ?? []
    return name === undefined || value === undefined ? [] : [[name, value] as const]
  })
  return { endpoint, settings: new Map(settings) }
}
