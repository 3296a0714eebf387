/**
 * What a host name looks like: a server, a dial-up line, an address in disguise; and senders made of noise.
 *
 * These stand for the regular expressions of 0.1.15 and answer the same for every text, in linear
 * time. A client chooses the text, and `rev.*?(ip|home).*?\..*?\.` on a HELO of 8 KB takes a backtracking engine
 * minutes: every `P.*?\..*?\.` asks only whether two dots follow the earliest end of P, so that is looked for.
 *
 * All text is lower case already. Total, no errors.
 * Source: docs/behaviour/scoring.md#what-names-look-like.
 */

const SERVER_WORDS = ['mx', 'smtp', 'mail', 'dedicated'] as const
const DYNAMIC_WORDS = ['.dip', 'cable', 'ppp', 'dial', 'dsl', 'dyn', 'client'] as const

/** A server: `mx1.example.org`, `mail.example.org`, `static.1.example.org`, not `nstat.a.b`. */
export function looksLikeServer(name: string): boolean {
  return hasTwoDotsFrom(name, Math.min(earliestEnd(name, SERVER_WORDS), endOfStat(name)))
}

/** A dial-up line: `dsl-7.example.net`, `reverse-ip.example.net`. */
export function looksDynamic(name: string): boolean {
  return hasTwoDotsFrom(name, Math.min(earliestEnd(name, DYNAMIC_WORDS), endOfReverse(name)))
}

/** An address: four groups of digits behind a letter, dot, dash or underscore: `host-192-0-2-1.example.net`. */
export function looksLikeAddressName(name: string): boolean {
  return /[a-z._-]\d{1,3}[-._]\d{1,3}[-._]\d{1,3}[-._]\d{1,3}/.test(name)
}

/** A HELO of digits and dots alone, perhaps in brackets: `192.0.2.1`, `[192.0.2.1]`. */
export function isNumericHelo(helo: string): boolean {
  return /^[\d|[][\d.]+[\d|\]]$/.test(helo)
}

/** `@` and behind it two dots: `a@b.c.d`, not `a@b.c`. */
export function isMultiparted(sender: string): boolean {
  const at = sender.indexOf('@')
  return at >= 0 && hasTwoDotsFrom(sender, at + 1)
}

/** Five consonants or four vowels in a row before the last `@`: `xvkrt@example.org`. */
export function looksRandom(sender: string): boolean {
  const local = sender.slice(0, Math.max(0, sender.lastIndexOf('@')))
  return /[bcdfgjklmnpqrtvwxz]{5}/.test(local) || /[aeiou]{4}/.test(local)
}

function earliestEnd(name: string, words: readonly string[]): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const word of words) {
    const at = name.indexOf(word)
    if (at >= 0) earliest = Math.min(earliest, at + word.length)
  }
  return earliest
}

/** The end of the first `stat` that no `n` stands before. */
function endOfStat(name: string): number {
  for (let at = name.indexOf('stat'); at >= 0; at = name.indexOf('stat', at + 1)) {
    if (name[at - 1] !== 'n') return at + 4
  }
  return Number.POSITIVE_INFINITY
}

/** The end of the first `ip` or `home` behind the first `rev`. */
function endOfReverse(name: string): number {
  const at = name.indexOf('rev')
  if (at < 0) return Number.POSITIVE_INFINITY
  return at + 3 + earliestEnd(name.slice(at + 3), ['ip', 'home'])
}

function hasTwoDotsFrom(name: string, from: number): boolean {
  const first = name.indexOf('.', from)
  return first >= 0 && name.indexOf('.', first + 1) >= 0
}
