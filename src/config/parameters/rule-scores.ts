/**
 * Parameters: what the rules about client, HELO and sender are worth.
 *
 * Part of the table in parameters.ts. All but the last are pairs: the score for the bad case, then for the good one;
 * rules that have one case use only that half. Source: docs/behaviour/scoring.md#names-of-sender-and-helo.
 */
import type { Parameter } from './parameter.ts'

export const RULE_PARAMETERS = [
  {
    name: 'client_ip_eq_helo_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.5, good: -1.25 },
    doc: "The client's PTR name is not, or is, the HELO name or of its domain; asked only for a HELO that is not confirmed yet.",
  },
  {
    name: 'helo_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.5, good: -2 },
    doc: 'Neither sender domain nor HELO leads to the client by MX or address, or one of them does by its address.',
  },
  {
    name: 'helo_from_mx_eq_ip_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.5, good: -3.1 },
    doc: 'Good: the client is a mail exchanger of the sender domain or of the HELO. Bad: it is listed and is none of the sender domain.',
  },
  {
    name: 'helo_numeric_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 2.5, good: 0 },
    doc: 'The HELO is an address instead of a name. A client that is listed pays more.',
  },
  {
    name: 'from_match_regex_verified_helo',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1, good: -2 },
    doc: 'The HELO is confirmed, and the sender domain does not, or does, match it.',
  },
  {
    name: 'from_match_regex_unverified_helo',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.6, good: -1.5 },
    doc: "The HELO is only near the client's network, and the sender domain does not, or does, match it or the client's name.",
  },
  {
    name: 'from_match_regex_failed_helo',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 2.5, good: 0 },
    doc: 'The HELO is not confirmed: added if the sender domain resembles it (a forgery), and half a point more if not.',
  },
  {
    name: 'helo_seems_dialup',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.5, good: 0 },
    doc: 'The HELO is confirmed but looks like the name of a dial-up line.',
  },
  {
    name: 'failed_helo_seems_dialup',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 2, good: 0 },
    doc: 'The HELO is not confirmed and looks like the name of a dial-up line.',
  },
  {
    name: 'enforce_dyndns_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 3, good: 0 },
    doc: 'Added to both scores for a HELO that looks like a dial-up line; 0 also spares clients that already count as dial-up.',
  },
  {
    name: 'helo_ip_in_client_subnet',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 0, good: -1.2 },
    doc: "Good: an address of the HELO or sender domain is in the client's /24 (IPv6: /64), or the client's name contains the sender domain.",
  },
  {
    name: 'helo_ip_in_cl16_subnet',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 0, good: -0.41 },
    doc: "Good: an address of the HELO or sender domain is in the client's /16 (IPv6: /48).",
  },
  {
    name: 'client_seems_dialup_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 3.75, good: 0 },
    doc: "The client's PTR name looks like that of a dial-up line.",
  },
  {
    name: 'from_multiparted',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.09, good: 0 },
    doc: 'The sender domain has three labels or more, and nothing else is known about the HELO.',
  },
  {
    name: 'from_anon',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 1.17, good: 0 },
    doc: 'The sender is nobody@ or anonymous@.',
  },
  {
    name: 'bogus_mx_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 2.1, good: 0 },
    doc: 'The sender domain has no mail exchanger or address, or one in a private network.',
  },
  {
    name: 'random_sender_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 0.25, good: 0 },
    doc: 'The sender looks like random letters: five consonants or four vowels in a row.',
  },
  {
    name: 'rhsbl_penalty_score',
    verdict: true,
    kind: 'score-pair',
    default: { bad: 3.1, good: 0 },
    doc: 'Added to a hit in @rhsbl_score when the sender domain could not be tied to the client.',
  },
  {
    name: 'IGNORE_RFC1918_A',
    verdict: true,
    kind: 'switch',
    default: false,
    doc: "1: private and loopback addresses among a sender domain's own A and AAAA records do not count as its addresses.",
  },
] as const satisfies readonly Parameter[]
