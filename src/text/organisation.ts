/**
 * The organisational domain of a name: what somebody has registered.
 *
 * The last two labels, or three where the last two are an ending under which names are registered, such as co.uk. Such endings
 * are told by their form: a general word in front of a country's two letters. The public suffix list knows them all; on
 * recorded mail it changes no verdict, and it would be read at each start.
 *
 * Pure, total; time in proportion to the length of the last labels.
 * Source: RFC 7489 3.2; docs/behaviour/scoring.md#organisational-domains.
 */

const GENERAL = /^(?:ac|co|com|ed|edu|go|gob|gouv|gov|gv|id|ltd|me|mil|ne|net|nic|nom|or|org|plc|sch)$/

/**
 * `'mail.a.example.co.uk'` → `'example.co.uk'`. Empty where there is none: a name of one label, an address, a literal. A dot at
 * the end does not count.
 */
export function organisationOf(name: string): string {
  const end = name.endsWith('.') ? name.length - 1 : name.length
  const last = name.lastIndexOf('.', end - 1)
  if (last <= 0 || end - last < 3 || !/^[^\d[\]:][^[\]:]*$/.test(name.slice(last + 1, end))) return ''
  const second = name.lastIndexOf('.', last - 1)
  if (second === last - 1) return ''
  const isEnding = end - last === 3 && GENERAL.test(name.slice(second + 1, last))
  if (!isEnding) return name.slice(second + 1, end)
  return second <= 0 ? '' : name.slice(name.lastIndexOf('.', second - 1) + 1, end)
}

/** Whether two names are of one organisation. */
export function shareOrganisation(one: string, other: string): boolean {
  const organisation = organisationOf(one)
  return organisation !== '' && organisation === organisationOf(other)
}

/** Whether the label that somebody has registered is the same, whatever it ends in: `'mail.example.org'`, `'example.co.uk'`. */
export function shareLabel(one: string, other: string): boolean {
  const label = labelOf(one)
  return label !== '' && label === labelOf(other)
}

function labelOf(name: string): string {
  const organisation = organisationOf(name)
  return organisation.slice(0, organisation.indexOf('.'))
}
