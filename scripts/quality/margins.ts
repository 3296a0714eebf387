/**
 * How far good mail of the large providers stands from being stopped.
 *
 *   configuration, mails → marginsOf → Margin for each mail → quality.ts
 *
 * Two questions for each: its rate while no list knows client or sender, below `$REJECTLEVEL` by how much; and which single
 * list, if it named the client, would have the mail stopped. A provider's address is shared by millions, and lists that go by
 * complaints name such addresses for days.
 *
 * A mail that a short cut answers, or whose rate is not reached, has no margin: `undefined`.
 */
import type { Case, Verdict } from './corpus.ts'
import { type Config, clientOf, ours, possibleListings, unlistedZone } from './ours.ts'
import type { Table } from './tables.ts'

/** Providers by the end of their hosts' verified names. */
const PROVIDERS: Readonly<Record<string, RegExp>> = {
  Microsoft: /\.outlook\.com$/,
  Google: /\.google(?:mail)?\.com$/,
  Amazon: /\.amazonses\.com$|\.amazon\.\w+$/,
  Yahoo: /\.yahoo\.(?:com|net)$|\.aol\.com$/,
  Apple: /\.(?:apple|icloud|me)\.com$/,
}

export interface Margin {
  readonly provider: string
  readonly mail: Case
  /** Below `$REJECTLEVEL`, unlisted. */
  readonly margin: number | undefined
  readonly verdict: Verdict
  /** Lists, each with the answer, whose single listing has the mail stopped: `SPAMCOP 127.0.0.2 defer`. */
  readonly stoppedBy: readonly string[]
}

/** The provider that a mail comes from; undefined: none of the large ones. */
function providerOf({ request: { client_name: name = '' } }: Case): string | undefined {
  return Object.keys(PROVIDERS).find(provider => PROVIDERS[provider]?.test(name))
}

/** The margins of all good mail of large providers. */
export async function marginsOf(config: Config, mails: readonly Case[]): Promise<readonly Margin[]> {
  const engine = ours('', '', config)
  const margins: Margin[] = []
  for (const mail of mails) {
    const provider = mail.class === 'ham' ? providerOf(mail) : undefined
    if (provider === undefined) continue
    const zone = unlistedZone(mail.zone, config)
    const { rate, verdict } = await engine.verdict({ ...mail, zone })
    const stoppedBy: string[] = []
    for (const { label, name, address } of possibleListings(config, clientOf(mail))) {
      const listed = await engine.verdict({ ...mail, zone: { ...zone, [name]: { A: [address] } } })
      if (listed.verdict !== 'accept') stoppedBy.push(`${label} ${address} ${listed.verdict}`)
    }
    margins.push({
      provider,
      mail,
      margin: rate === undefined ? undefined : config.REJECTLEVEL - rate,
      verdict,
      stoppedBy,
    })
  }
  return margins
}

/** A row for each mail, the narrowest first. */
export function marginTable(margins: readonly Margin[]): Table {
  const sorted = [...margins].sort((a, b) => (a.margin ?? Infinity) - (b.margin ?? Infinity))
  return [
    ['mail', 'provider', 'below the level', 'unlisted', 'stopped by a single listing'],
    ...sorted.map(({ provider, mail, margin, verdict, stoppedBy }) => [
      mail.id,
      provider,
      margin?.toFixed(2) ?? '-',
      verdict,
      stoppedBy.join(', ') || '-',
    ]),
  ]
}
