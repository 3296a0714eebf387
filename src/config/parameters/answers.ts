/**
 * Parameters: what Postfix is answered, and from which score on.
 *
 * Part of the table in parameters.ts. Source: docs/behaviour/scoring.md#the-verdict.
 */
import { type Parameter, REJECTS_NOTHING } from './parameter.ts'

export const ANSWER_PARAMETERS = [
  {
    name: 'PROFILE',
    verdict: false,
    kind: 'text',
    default: 'classic',
    oneOf: ['classic', 'modern'],
    since: '0.3.0',
    doc: "Which defaults serve for whatever is not set: 'classic' for those of the reference, 'modern' for those that fit the mail of today. It counts for the whole file, wherever in it it stands, and does nothing else.",
  },
  {
    name: 'REJECTLEVEL',
    verdict: true,
    kind: 'score',
    default: 1,
    range: [-1e9, REJECTS_NOTHING],
    ifUnusable: REJECTS_NOTHING,
    doc: 'Mail is rejected when its score reaches this number.',
  },
  {
    name: 'REJECTMSG',
    verdict: 'temporary',
    kind: 'message',
    default:
      '550 Mail appeared to be SPAM or forged. Ask your Mail/DNS-Administrator to correct HELO and DNS MX settings or to get removed from DNSBLs',
    modern:
      '550 5.7.1 Mail appeared to be SPAM or forged; client %{client}; lists: %{lists}; removal: %{delist}. Please ask your mail administrator to look at this, and at HELO name, reverse DNS and MX records',
    doc: 'The answer to a rejected mail; what led to it is appended. "rc: NAME" answers with the restriction class NAME instead.',
  },
  {
    name: 'ADD_REFERENCE',
    verdict: false,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '1: a refusal ends in "; ref" and ten characters, by which its decision is found in the log and in the journal. One that is repeated has the reference of the first.',
  },
  {
    name: 'DEFER_STRING',
    verdict: true,
    kind: 'words',
    default: ['IN_SPAMCOP=', 'BOGUS_MX='],
    modern: ['IN_SPAMCOP=', 'IN_MAILSPIKE=', 'BOGUS_MX=', 'SPF_FAIL=', 'CLIENT_HAS_NO_NAME='],
    doc: 'Beginnings of reasons, separated by blanks. A rejection that has one of them among its reasons, and a score below $DEFER_LEVEL, is deferred instead.',
  },
  {
    name: 'DEFER_ACTION',
    verdict: true,
    kind: 'text',
    default: '450',
    defers: true,
    doc: 'What takes the place of the first word of $REJECTMSG when a rejection is deferred: a code 4xx, DEFER_IF_PERMIT or DEFER_IF_REJECT.',
  },
  {
    name: 'DEFER_LEVEL',
    verdict: true,
    kind: 'score',
    default: 5,
    doc: 'Rejections are deferred only below this score.',
  },
  {
    name: 'DNSERRMSG',
    verdict: false,
    kind: 'message',
    default: '450 No DNS entries for your MTA, HELO and Domain. Contact YOUR administrator',
    modern:
      '450 4.7.1 No DNS records for your mail server, its HELO name and your domain; please ask your mail administrator to add them.',
    extended: 'blank',
    doc: 'The answer when client, HELO and sender have no DNS record at all; HELO and address are appended.',
  },
  {
    name: 'CLIENTDNSERRMSG',
    verdict: false,
    kind: 'message',
    default: 'DEFER_IF_PERMIT 4.4.3 Temporary DNS failure for your HELO name or sender domain, please try again',
    emptyAllowed: true,
    since: '0.2.0',
    doc: 'The answer in place of a rejection when $MAXDNSERR lookups of names that the client chose (HELO, sender domain, their mail exchangers) failed; a mail below $REJECTLEVEL is accepted all the same. Nothing is remembered of either. Empty: the mail is accepted unscored with $MAXDNSERRMSG, as the reference does.',
  },
  {
    name: 'DEFER_ON_DNSERR',
    verdict: true,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: 'A rejection that the answer to a failed lookup could have prevented. 0: it stands, as with the reference, unless $MAXDNSERR lookups failed. 1: the mail is answered with $CLIENTDNSERRMSG, unless that is empty, and nothing is remembered of it.',
  },
  {
    name: 'MAXDNSERRMSG',
    verdict: false,
    kind: 'text',
    default: 'passed - too many local DNS-errors',
    doc: 'The note on mail that was accepted without a full score because $MAXDNSERR lookups failed.',
  },
  {
    name: 'ADD_X_HEADER',
    verdict: false,
    kind: 'switch',
    default: true,
    doc: '1: accepted mail gets a header X-policyd-weight with the reasons. 0: it is answered with DUNNO.',
  },
  {
    name: 'EXPAND_TEXTS',
    verdict: false,
    kind: 'switch',
    default: false,
    modern: true,
    since: '0.3.0',
    doc: '1: in $REJECTMSG, $MAXDNSBLMSG, $DNSERRMSG and $CACHEREJECTMSG what a mail has is put in place of %{client}, %{lists}, %{delist}, %{ref}, %{helo} and %{sender_domain}. 0: they are answered as they stand.',
  },
  {
    name: 'DRY_RUN',
    verdict: false,
    kind: 'switch',
    default: false,
    since: '0.3.0',
    doc: '1: nothing is refused, deferred or held. Mail that would be passes with a header, "X-policyd-weight: would 550 ...", and the log says so; all else, what is remembered and counted too, is as without.',
  },
  {
    name: 'EXCEPTIONS',
    verdict: false,
    kind: 'text',
    default: '/etc/policyd-weight.exceptions',
    since: '0.3.0',
    doc: 'A file with clients, names, senders and recipients that are exempt from all of this, a line each (docs/exceptions.md); policyd-weight exempt writes it. It need not be there, and what it says counts from the next mail on. Empty: none.',
  },
  {
    name: 'DEFAULT_RESPONSE',
    verdict: false,
    kind: 'message',
    default: 'DUNNO default',
    doc: 'The answer if there is no other; it should never appear.',
  },
] as const satisfies readonly Parameter[]
