/**
 * A decision, explained: what the page and the JSON say, without their form.
 *
 *   DecisionRecord, what it repeats, configuration → explainDecision → ExplainedDecision → why-page.ts, why-json.ts
 *
 * An answer from memory is explained by the decision that it repeats: its lookups, rules and clues are told. Texts are as they
 * were received; whoever prints masks them.
 *
 * Total; looks which configuration serves where none is named (own-command.ts).
 */
import type { Config } from '../../config/parameters/parameters.ts'
import { verdictHashText } from '../../config/verdict-hash.ts'
import type { DecisionRecord, LookupOfRecord } from '../../journal/decision-record.ts'
import { delistingPage } from '../../lists/delisting.ts'
import { shownHost } from '../../lists/shown-host.ts'
import type { Clue, Deciding } from '../../score/deciding.ts'
import type { Fate } from '../../score/fate.ts'
import { readReference } from '../../policy/reference.ts'
import { describeRule } from '../../score/rule-words.ts'
import { describeVerdict } from '../../score/verdict-words.ts'
import { normalizeClientAddress, withoutNat64 } from '../../text/address.ts'
import { formatNumber } from '../../text/number.ts'
import { ownCommand } from '../../config/own-command.ts'
import { replay } from './replay.ts'

export interface ExplainedRule {
  readonly rule: string
  readonly score: number
  /** The sum with it. */
  readonly rate: number
  /** A sentence; absent: no rule of this version and configuration. */
  readonly text?: string
  readonly parameters: readonly string[]
}

/** A clue as it is told: a list by its name as shown. */
export interface ExplainedClue extends Clue {
  readonly shown: string
}

export interface ExplainedDecision {
  readonly record: DecisionRecord
  /** The decision whose lookups and rules these are: that which it repeats, or itself. */
  readonly scored: DecisionRecord
  readonly fate: Fate
  /** What it was scored to, whatever let it pass. */
  readonly scoredFate: Fate
  /** Why, in a sentence. */
  readonly verdict: string
  /** Those that were waited for; the names of the others. */
  readonly lookups: readonly LookupOfRecord[]
  readonly notAwaited: readonly LookupOfRecord[]
  readonly rules: readonly ExplainedRule[]
  readonly clues: readonly ExplainedClue[]
  readonly pair?: readonly ExplainedClue[]
  /** Why there are no clues; absent: there are. */
  readonly cluesMissing?: string
  /** Lists that name the client or a domain, and the pages of their operators. */
  readonly delist: readonly { readonly list: string; readonly page: string }[]
  /** Commands that would let it in, and what each does. */
  readonly remedies: readonly { readonly command: string; readonly does: string }[]
  readonly notes: readonly string[]
}

export interface ExplainOptions {
  readonly config: Config
  /** The configuration that was read; undefined: there is none. */
  readonly path: string | undefined
  /** From a journal there is all; a log has but lines. */
  readonly source: 'journal' | 'log' | 'now'
}

export async function explainDecision(
  record: DecisionRecord,
  original: DecisionRecord | undefined,
  options: ExplainOptions,
): Promise<ExplainedDecision> {
  const { config } = options
  const scored = original ?? record
  const replayed = await replay(scored, config)
  const judgement = replayed.kind === 'scored' ? replayed.judgement : undefined
  const fate = fateOfRecord(record, scored, config)
  const recordedFate = record.would === undefined ? fate : (scored.fate ?? fate)
  const lookups = scored.lookups ?? []
  const verdict =
    judgement && scored.why !== 'unvouched' ? describeVerdict(judgement, config) : describeRecord(scored, fate)
  const deciding = replayed.kind === 'scored' ? shownDeciding(replayed.deciding, config) : undefined
  const isOpen = deciding?.clues.some(({ without }) => without.kind === 'open') === true
  return {
    record,
    scored,
    fate,
    scoredFate: replayed.kind === 'scored' ? replayed.deciding.fate : recordedFate,
    verdict,
    lookups: lookups.filter(({ answer }) => answer !== undefined),
    notAwaited: lookups.filter(({ answer }) => answer === undefined),
    rules: (scored.rules ?? []).filter(isTold).map(step => explainRule(step, config)),
    clues: deciding?.clues ?? [],
    ...(deciding?.pair && { pair: deciding.pair }),
    ...(replayed.kind === 'not' && { cluesMissing: replayed.why }),
    delist: delistingOf(scored, config),
    remedies:
      fate === 'accepted' ? [] : [...remediesOf(record, fate, options), ...(isOpen ? retrialOf(record, options) : [])],
    notes: notesOf(record, original, options),
  }
}

function shownDeciding({ clues, pair }: Deciding, { zone_codes }: Config): Pick<ExplainedDecision, 'clues' | 'pair'> {
  const shown = (clue: Clue): ExplainedClue => {
    const name = clue.kind === 'list' ? shownHost(clue.name, zone_codes) : clue.name
    return { ...clue, shown: clue.kind === 'memory' ? 'that the client is remembered as good' : name }
  }
  return { clues: clues.map(shown), ...(pair && { pair: pair.map(shown) }) }
}

function explainRule(
  { rule, score, rate }: { readonly rule: string; readonly score: number; readonly rate: number },
  config: Config,
): ExplainedRule {
  const words = describeRule(rule, config)
  return { rule, score, rate, parameters: words?.parameters ?? [], ...(words && { text: words.text }) }
}

/** A list that does not have the client is no news, unless that is worth something. */
function isTold({ rule, score }: { readonly rule: string; readonly score: number }): boolean {
  return score !== 0 || !rule.startsWith('NOT_IN_')
}

/** What became of the mail: of one that was let pass although it would have been refused, that. `scored`: what it repeats, or itself. */
export function fateOfRecord(record: DecisionRecord, scored: DecisionRecord, config: Config): Fate {
  if (record.would !== undefined) return fateOfAction(record.action, config)
  if (scored.why === 'unvouched') return 'deferred'
  return record.fate ?? scored.fate ?? fateOfAction(record.action, config)
}

/** What an action of access(5) does. */
function fateOfAction(action: string, { REJECTMSG, MAXDNSBLMSG }: Config): Fate {
  if (/^\s*(?:4|defer|450)/i.test(action)) return 'deferred'
  if (/^\s*(?:5|reject|discard)/i.test(action)) return 'rejected'
  const isOurs = [REJECTMSG, MAXDNSBLMSG].some(message => message !== '' && action.startsWith(message))
  return isOurs ? 'rejected' : 'accepted'
}

const UNSCORED: Readonly<Record<NonNullable<DecisionRecord['by']>, string>> = {
  'null-sender': 'a mail without a sender, which is not scored ($SCORE_NULL_SENDER): accepted',
  'role-recipient': 'mail for postmaster or abuse is never scored: accepted',
  'no-address': 'the client has no address, so it is not scored: accepted',
  message: 'answered before, for another recipient of the same mail',
  spam: 'refused a short while ago, and refused again without being looked up',
  ham: 'known for good mail: accepted without being looked up',
  exception: 'not scored, for there is an exception (SKIP): accepted',
}

/** A verdict of which no more is known than what is written down. */
function describeRecord({ by, why, rate }: DecisionRecord, fate: Fate): string {
  if (by !== undefined) return Object.hasOwn(UNSCORED, by) ? UNSCORED[by] : `answered without scoring (${by})`
  const end = fate === 'rejected' ? 'refused' : fate
  const sum = rate === undefined ? '' : `rate ${formatNumber(rate)}: `
  switch (why) {
    case 'listings':
      return `${sum}too many lists name the client: ${end} at once`
    case 'unvouched':
      return `${sum}it would be refused on the word of a list whose probe was not answered: deferred`
    case 'busy':
      return 'its lookups did not end in time: deferred'
    case 'outage':
      return `no name server answered anything: ${end}`
    default:
      return `${sum}${end}`
  }
}

function delistingOf({ lookups = [], rules = [] }: DecisionRecord, config: Config): ExplainedDecision['delist'] {
  const entries = [...config.dnsbl_score, ...config.rhsbl_score]
  const words = new Set(rules.map(({ rule }) => rule))
  const naming = entries.filter(({ label }) => ['IN_', 'HELO_IN_', 'CLIENT_IN_'].some(form => words.has(form + label)))
  const allowing = new Set(config.dnswl_score.map(({ host }) => host))
  const hosts = naming.map(({ host }) => host).filter(host => !allowing.has(host))
  const asked = lookups.flatMap(({ list, answer }) => (list !== undefined && answer?.kind === 'found' ? [list] : []))
  // Without the rules, whoever has answered with something.
  const lists = rules.length > 0 ? hosts.map(host => shownHost(host, config.zone_codes)) : asked
  return [...new Set(lists)].flatMap(list => {
    const page = delistingPage(list)
    return page === undefined ? [] : [{ list, page }]
  })
}

function remediesOf(
  { request, id: ownId, repeats }: DecisionRecord,
  fate: Fate,
  { config, path, source }: ExplainOptions,
): ExplainedDecision['remedies'] {
  const given = request.client_address ?? ''
  // An exception is looked for by the address that is scored.
  const behind = config.NAT64 ? withoutNat64(normalizeClientAddress(given) ?? '') : given
  const client = behind.includes(':') ? given : behind
  // What is to be typed into a shell is looked at before.
  const id = readReference(repeats ?? ownId) ?? ''
  if (!/^[0-9a-f.:]+$/i.test(client)) return []
  const forget = {
    command: ownCommand(path, ['forgive', id === '' ? client : id]),
    does: 'forget the refusal; the next mail is looked up anew',
  }
  const exempt = {
    command: ownCommand(path, ['exempt', client, '--until', '30d']),
    does: 'let this client in for 30 days, whatever speaks against it',
  }
  // A deferral is not remembered.
  return source === 'now' || fate === 'deferred' ? [exempt] : [forget, exempt]
}

/** How to have looked up what nobody waited for; nothing, where a value is not one to be typed. */
function retrialOf({ request }: DecisionRecord, { path, source }: ExplainOptions): ExplainedDecision['remedies'] {
  const { client_address: client, client_name: name, helo_name: helo, sender, recipient } = request
  const values = { client, name, helo, sender, recipient }
  const isTypable = Object.values(values).every(value => /^[!-~]{0,100}$/.test(value ?? '')) && !sender?.startsWith('~')
  if (source === 'now' || !isTypable) return []
  const words = Object.entries(values).flatMap(([option, value]) => [`--${option}`, value ?? ''])
  return [
    {
      command: ownCommand(path, ['explain', ...words]),
      does: 'look up now whatever was not waited for, and say what it comes to',
    },
  ]
}

function notesOf(
  record: DecisionRecord,
  original: DecisionRecord | undefined,
  { config, source }: ExplainOptions,
): readonly string[] {
  const { config: hash, repeats, would, exempt } = record
  const present = verdictHashText(config)
  const isOther = source === 'journal' && (original?.config ?? hash) !== present
  return [
    ...(repeats !== undefined && !original
      ? [`the decision that it repeats, ${repeats}, is not in the journal any more`]
      : []),
    ...(original ? [`it repeats the decision ${original.id}; what follows is that one's`] : []),
    ...(isOther
      ? ['the configuration has changed since; what a clue is worth is worked out with the present one']
      : []),
    ...(exempt ? [`by the exception ${exempt.who} ${exempt.action}`] : []),
    ...(would === undefined
      ? []
      : [`without ${exempt ? 'it' : '$DRY_RUN'} the answer would ${source === 'now' ? 'be' : 'have been'}: ${would}`]),
  ]
}
