/**
 * Where whoever is listed can see why, and ask to be taken off: the page of a list's operator.
 *
 *   host of a list entry → delistingPage → cli/why/explanation.ts, docs/lists.md
 *
 * A table of its own and not columns of zones.ts: a page is an operator's and not a zone's, and whoever wants to name one need load
 * nothing else of what is known of lists. Only pages that anybody may open; none holds an address or a key.
 *
 * Pure, total.
 * Sources: the operators' own pages, and what their lists answer in TXT records; looked at in 2025/2026.
 */

/** `zone`: the zone and all names under it. */
const PAGES: readonly (readonly [zone: string, page: string])[] = [
  ['spamhaus.org', 'https://check.spamhaus.org/'],
  ['spamhaus.net', 'https://check.spamhaus.org/'],
  ['spamcop.net', 'https://www.spamcop.net/bl.shtml'],
  ['barracudacentral.org', 'https://www.barracudacentral.org/lookups'],
  ['surbl.org', 'https://surbl.org/surbl-analysis'],
  ['uribl.com', 'https://lookup.uribl.com/'],
  ['mailspike.net', 'https://mailspike.io/ip_verify'],
  ['psbl.surriel.com', 'https://psbl.org/'],
  ['dnswl.org', 'https://www.dnswl.org/'],
  ['abusix.zone', 'https://lookup.abusix.com/'],
  ['blocklist.de', 'https://www.blocklist.de/en/delist.html'],
  ['spameatingmonkey.net', 'https://spameatingmonkey.com/lookup'],
  ['senderscore.com', 'https://senderscore.org/blocklistlookup/'],
  ['junkemailfilter.com', 'https://ipadmin.junkemailfilter.com/remove.php'],
  ['gbudb.net', 'https://www.gbudb.com/truncate/'],
  ['s5h.net', 'https://www.usenix.org.uk/content/rbl.html'],
  ['uceprotect.net', 'https://www.uceprotect.net/en/rblcheck.php'],
  ['spfbl.net', 'https://matrix.spfbl.net/'],
]

/** `'KEY.zen.dq.spamhaus.net'` → `'https://check.spamhaus.org/'`, in any case; undefined: none is known. */
export function delistingPage(host: string): string | undefined {
  const name = `.${host.toLowerCase()}`
  return PAGES.find(([zone]) => name.endsWith(`.${zone}`))?.[1]
}
