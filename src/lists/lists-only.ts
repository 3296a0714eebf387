/**
 * Which clients only the lists are asked about: `@dnsbl_checks_only_regexps`.
 *
 * Shared by dns/plan.ts, which then asks for nothing else, and by scoring, which then ends; so both mean the same clients.
 *
 * Pure, total. An entry that is empty in the configuration is a pattern that matches nobody (config/value.ts), so that it
 * counts all the same.
 * Source: specification, chapter "Scoring" 3.
 */

/**
 * The number of the first pattern that matches a client's name, counted from 1: `('mail.example.org', [/^x/, /^mail\./])`
 * → 2; 0: none does. A client without a name is matched by nothing, not by `/^$/` either.
 */
export function listsOnlyPattern(name: string, patterns: readonly RegExp[]): number {
  return name === '' ? 0 : patterns.findIndex(pattern => pattern.test(name)) + 1
}
