/**
 * What stands for a subscriber's key while a configuration is read.
 *
 *   variables.ts: `$DQS_KEY` → its mark, one character → keyed-lists.ts, which puts the key in its place
 *
 * A key gets into the host of a list under its operator's zone and nowhere else, and last of all: whatever is put together,
 * quoted or found fault with before that holds the mark, so no message can hold the key. A zone of these is secret
 * (lists/secret-zones.ts), so what comes later leaves the key out as well.
 *
 * The marks are characters that no text has (Unicode: noncharacters). Pure, total.
 * Source: docs/behaviour/configuration.md#keys.
 */

/** A key that a file holds: `$DQS_KEY`, out of `$DQS_KEY_FILE`. */
export type KeyName = 'DQS_KEY' | 'ABUSIX_KEY'

/** Of each key its mark, the operator's zone, and what systemd's credential is called. */
export const KEYS: Readonly<
  Record<KeyName, { readonly mark: string; readonly zone: string; readonly credential: string }>
> = {
  DQS_KEY: { mark: '\ufdd0', zone: 'dq.spamhaus.net', credential: 'dqs-key' },
  ABUSIX_KEY: { mark: '\ufdd1', zone: 'mail.abusix.zone', credential: 'abusix-key' },
}

const MARKS = /[\ufdd0\ufdd1]/

/** The mark of a name, if it is that of a key. */
export function markOf(name: string): string | undefined {
  return Object.hasOwn(KEYS, name) ? KEYS[name as KeyName].mark : undefined
}

/** Whether a value was made with a key. */
export function holdsKey(value: unknown): boolean {
  const text = typeof value === 'object' && value !== null && 'source' in value ? value.source : value
  return typeof text === 'string' && MARKS.test(text)
}

/** The key that a host was made with: `$DQS_KEY.zen.dq.spamhaus.net` → `DQS_KEY`. */
export function keyOfHost(host: string): KeyName | undefined {
  return (Object.keys(KEYS) as KeyName[]).find(name => host.includes(KEYS[name].mark))
}

/** As the file has it: marks become `$DQS_KEY`. */
export function nameKeys(text: string): string {
  let named = text
  if (MARKS.test(text)) for (const [name, { mark }] of Object.entries(KEYS)) named = named.replaceAll(mark, `$${name}`)
  return named
}
