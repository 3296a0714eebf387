/**
 * Puts subscribers' keys into the hosts of lists.
 *
 *   key-ring.ts: entries whose hosts hold marks, keys → entries that can be asked → Config
 *
 * `"$DQS_KEY.zen.dq.spamhaus.net"`: a key is the first label of a name under its operator's zone. Nobody else is to see it, so
 * elsewhere it is a fault.
 *
 * Failure: an entry without its key is told, and gets a host with an empty label. Such a name cannot exist, so it is never sent
 * (dns/names.ts): the list scores as one that lists nobody does. Without the entry a mail would lack what it gains by not being
 * listed, and might be refused.
 */
import { KEYS, type KeyName, keyOfHost } from '../findings/key-marks.ts'
import type { ConfiguredList } from '../parameters/parameter.ts'

const NO_KEY = '..no-key'

/** The entries with keys in them; `tell` gets each that has none, by its index, and whether a key belongs there. */
export function putKeysIn(
  entries: readonly ConfiguredList[],
  keys: ReadonlyMap<KeyName, string>,
  tell: (index: number, name: KeyName, isInPlace: boolean) => void,
): readonly ConfiguredList[] {
  return entries.map((entry, index) => {
    const name = keyOfHost(entry.host)
    if (name === undefined) return entry
    const { mark, zone } = KEYS[name]
    const key = keys.get(name)
    const list = entry.host.startsWith(`${mark}.`) ? entry.host.slice(mark.length + 1) : ''
    const isInPlace = list.endsWith(`.${zone}`) && keyOfHost(list) === undefined
    if (isInPlace && key !== undefined) return { ...entry, host: `${key.toLowerCase()}.${list}` }
    tell(index, name, isInPlace)
    return { ...entry, host: `${isInPlace ? list : 'misplaced'}${NO_KEY}` }
  })
}

/** Whether a host stands for one that has no key. */
export function isWithoutKey(host: string): boolean {
  return host.endsWith(NO_KEY)
}

/** The list that such a host stands for; any other host as it is. */
export function withoutNoKey(host: string): string {
  return isWithoutKey(host) ? host.slice(0, -NO_KEY.length) : host
}

/** The entries as they are written, with a mark where a key is: for who shows a configuration. */
export function takeKeysOut(
  entries: readonly ConfiguredList[],
  keys: ReadonlyMap<KeyName, string>,
): readonly ConfiguredList[] {
  return entries.map(entry => {
    for (const [name, { mark, zone }] of Object.entries(KEYS)) {
      const list = listBehind(entry.host, keys.get(name as KeyName))
      if (list?.endsWith(`.${zone}`)) return { ...entry, host: `${mark}.${list}` }
    }
    return entry
  })
}

/** `('KEY.zen.dq.spamhaus.net', 'KEY')`, `('zen.dq.spamhaus.net..no-key', undefined)` → `'zen.dq.spamhaus.net'`. */
function listBehind(host: string, key: string | undefined): string | undefined {
  if (isWithoutKey(host)) return withoutNoKey(host)
  return key !== undefined && host.startsWith(`${key.toLowerCase()}.`) ? host.slice(key.length + 1) : undefined
}
