/**
 * Facts: lists that have died, and those that list everybody since.
 *
 * Part of the table in zones.ts. Old configurations name them; `check` and `doctor` say what has become of them. What is
 * asked of a zone with several lists under it, addresses or domains, differs from one to the other, so it is left out.
 */
import type { Zone } from '../zone.ts'

const DEAD = { meaning: 'block', state: 'dead', verified: '2025/2026' } as const
const LISTS_EVERYBODY = { meaning: 'block', state: 'lists-everybody', verified: '2025/2026' } as const
const GONE = 'reports by postmasters; the operator is gone'

/** The table's rows, without order. */
export const DEAD_ZONES: readonly Zone[] = [
  {
    ...DEAD,
    zone: 'cbl.abuseat.org',
    operator: 'Spamhaus',
    lists: ['ipv4'],
    refusals: [
      {
        code: '127.255.255.[250..255]',
        meaning: 'the list is part of XBL now',
        remedy: 'ask zen.spamhaus.org in its place',
      },
    ],
    successor: 'zen.spamhaus.org',
    source: 'Spamhaus: the CBL is part of XBL',
    note: 'is xbl of Spamhaus; answers with a refusal',
  },
  {
    ...DEAD,
    zone: 'ix.dnsbl.manitu.net',
    operator: 'iX, manitu',
    lists: ['ipv4'],
    since: '2025-01-16',
    source: 'manitu: end of NiX Spam',
    note: 'emptied',
  },
  {
    ...DEAD,
    zone: 'dnsbl.sorbs.net',
    operator: 'SORBS (Proofpoint)',
    since: '2024-06-05',
    source: 'SORBS: end of the service',
    note: 'emptied, with its 18 zones',
  },
  { ...DEAD, zone: 'db.wpbl.info', operator: 'WPBL', lists: ['ipv4'], since: '2023-11', source: GONE },
  { ...DEAD, zone: 'dnsbl.inps.de', operator: 'INPS', lists: ['ipv4'], since: '2020', source: GONE },
  { ...DEAD, zone: 'rfc-ignorant.org', operator: 'RFC-Ignorant', since: '2012', source: GONE },
  { ...DEAD, zone: 'njabl.org', operator: 'NJABL', since: '2013', source: GONE },
  { ...LISTS_EVERYBODY, zone: 'ahbl.org', operator: 'AHBL', since: '2015', source: 'AHBL: end of the service' },
  ...(
    [
      ['list.dsbl.org', 'DSBL'],
      ['bl.spamcannibal.org', 'SpamCannibal'],
      ['bl.emailbasura.org', 'EmailBasura'],
      ['dul.ru', 'DUL.RU'],
      ['dnsbl.cyberlogic.net', 'Cyberlogic'],
      ['spamtrap.drbl.drand.net', 'DRBL'],
      ['spam.dnsbl.anonmails.de', 'anonmails.de'],
      ['bad.psky.me', 'psky.me'],
      ['dnsrbl.org', 'dnsrbl.org'],
    ] as const
  ).map(([zone, operator]): Zone => ({ ...LISTS_EVERYBODY, zone, operator, lists: ['ipv4'], source: GONE })),
]
