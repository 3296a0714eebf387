/**
 * Our header in a mail as it was delivered.
 */

/** The values of every X-policyd-weight header: `[' NOT_IN_SPAMCOP=-1.5 …; rate: -6.1']`, unfolded. */
export function headersOf(mail: string): string[] {
  const [head = ''] = mail.split('\n\n')
  const unfolded = head.replace(/\n[ \t]+/g, ' ')
  return [...unfolded.matchAll(/^X-policyd-weight: ?(.*)$/gm)].map(([, value = '']) => value)
}
