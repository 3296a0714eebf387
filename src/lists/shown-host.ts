/**
 * A list's host as it may be shown: without the subscriber's key.
 *
 *   host of an entry → shown host → answers, headers, log, reports; a question → its name → `-d`, journal, `why`
 *
 * Some operators have their subscribers put a key in front of the zone: KEY.zen.dq.spamhaus.net. Whoever sees it can ask on
 * that account, and a rejected sender is told which list has it. What is asked and what is kept still has it.
 *
 * Of what stands in front of a secret zone the first label goes, and so does each one that is longer than the name of any
 * list: keys have 20 characters and more, and a key that was written in the wrong place is no less a key. A configured row
 * can add a secret zone, never make a built-in one public.
 *
 * Pure, total. Source: docs/behaviour/dns-and-lists.md#keys-of-subscribers.
 */
import { SECRET_ZONES } from './secret-zones.ts'
import { says } from './words.ts'
import type { ConfiguredZone } from './zone.ts'

/** More than any name of a list has, less than any key. */
export const MAX_PUBLIC_LABEL_LENGTH = 15

/** `'KEY.zen.dq.spamhaus.net'` → `'zen.dq.spamhaus.net'`; hosts of other lists as they are. */
export function shownHost(host: string, configured: readonly ConfiguredZone[]): string {
  const own = configured.flatMap(({ zone, words }) => (says(words, 'secret') ? [zone] : []))
  const fitting = [...SECRET_ZONES, ...own].filter(zone => host === zone || host.endsWith(`.${zone}`))
  if (fitting.length === 0) return host
  const zone = fitting.reduce((one, other) => (other.length > one.length ? other : one))
  return host === zone ? host : publicLabels(host.slice(0, -zone.length)) + zone
}

/** The name that is asked, as it may be shown: `'example.org.KEY.dbl.dq.spamhaus.net'` → `'example.org.dbl.dq.spamhaus.net'`. */
export function shownQuestion({ name, list }: AskedName, configured: readonly ConfiguredZone[]): string {
  return list === undefined ? name : withShownList(name, list, shownHost(list, configured))
}

/** The same, for whoever knows how the list is shown. */
export function withShownList(name: string, list: string, shown: string): string {
  return name.endsWith(list) ? name.slice(0, -list.length) + shown : name
}

/** What is asked, and the host of the list that is. */
interface AskedName {
  readonly name: string
  readonly list?: string | undefined
}

/** `'KEY.hbl.'` → `'hbl.'`. */
function publicLabels(front: string): string {
  const [_key, ...rest] = front.split('.')
  return rest.filter(label => label.length <= MAX_PUBLIC_LABEL_LENGTH).join('.')
}
