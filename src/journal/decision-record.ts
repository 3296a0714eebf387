/**
 * The record of a decision: what the journal has of it, and all that `why` needs.
 *
 *   journal.ts: DecidedRequest → recordOf → a line of JSON; read-journal.ts: a line → DecisionRecord
 *
 * What Postfix sent is kept as it came, but for local parts with `$JOURNAL_PRIVACY`; so a record can be scored again. A list's key is
 * left out of names. JSON masks what a terminal would take for more than text; whoever shows a value masks it again.
 *
 * Bounded: a line has 128 KB at most; the values of its lookups go first, then its lookups.
 *
 * Total. Source: docs/journal.md#a-record.
 */
import type { Config } from '../config/parameters/parameters.ts'
import type { LookupRecord } from '../dns/fan-out.ts'
import { describeServer, type NameServer } from '../dns/name-server.ts'
import type { Outcome } from '../dns/outcome.ts'
import type { FoundException } from '../exceptions/exception-table.ts'
import { shownHost, withShownList } from '../lists/shown-host.ts'
import type { PolicyRequest } from '../policy/request.ts'
import { asciiJson } from '../text/mask.ts'
import { type Fate, fateOf } from '../score/fate.ts'
import type { Facts } from '../score/scoring.ts'
import type { Step } from '../score/tally.ts'
import type { Judgement, Why } from '../score/verdict.ts'

/** What answers a request without its being scored: a short cut, what is remembered, or an exception. */
export type AnsweredBy = 'null-sender' | 'role-recipient' | 'no-address' | 'message' | 'spam' | 'ham' | 'exception'

/** A decision as it was made; nothing of it is put together before the answer has left. */
export interface DecidedRequest {
  readonly request: PolicyRequest
  readonly action: string
  /** What would have been answered, had nothing let it pass that has no part in the verdict. */
  readonly would?: string | undefined
  /** The exception that was applied. */
  readonly exempt?: FoundException | undefined
  readonly by: AnsweredBy | undefined
  /** Its reference; where it repeats another decision, that one's. */
  readonly reference: string | undefined
  /** Milliseconds since the epoch, and from the request to the answer. */
  readonly startMs: number
  readonly delayMs: number
  readonly evaluated:
    | {
        readonly judgement: Judgement
        readonly lookups: readonly LookupRecord[]
        readonly known?: Facts
        readonly servers?: readonly NameServer[]
      }
    | undefined
}

/** One decision, as the journal has it. */
export interface DecisionRecord {
  readonly v: 1
  /** ISO 8601, UTC, with milliseconds. In front, for whoever looks how old a file is. */
  readonly time: string
  /** Ten characters (policy/reference.ts): the reference in a refusal. */
  readonly id: string
  /** verdictHash() of the configuration, 8 hexadecimal digits. */
  readonly config: string
  /** The attributes that are read, as Postfix sent them, by their names in its protocol. */
  readonly request: Readonly<Record<RequestAttribute, string>>
  readonly action: string
  /** What would have been answered: with `$DRY_RUN`, or without the exception. */
  readonly would?: string | undefined
  /** The exception that was applied: whom it is for, as in the file, and what is done. */
  readonly exempt?: FoundException | undefined
  /** From the request to the answer. */
  readonly ms: number
  /** Absent: it was scored. */
  readonly by?: AnsweredBy | undefined
  /** Of an answer from memory: the id of the decision it repeats. */
  readonly repeats?: string | undefined
  readonly why?: Why | undefined
  readonly fate?: Fate | undefined
  readonly early?: true | undefined
  /** As in the log. */
  readonly reasons?: string | undefined
  readonly rate?: number | undefined
  /** In the order in which they were applied. */
  readonly rules?: readonly Step[] | undefined
  readonly lookups?: readonly LookupOfRecord[] | undefined
  /** What was known beside the answers, as in Facts. */
  readonly known?: KnownOfRecord | undefined
  /** Something was left out, to keep to the bound. */
  readonly cut?: true | undefined
}

/** One lookup. */
export interface LookupOfRecord {
  readonly type: string
  /** Without the key of a list. */
  readonly name: string
  /** The list that was asked, as it may be shown. */
  readonly list?: string | undefined
  /** Absent: it was not waited for. */
  readonly answer?: Outcome | undefined
  readonly ms?: number | undefined
  /** Which name server answered: `127.0.0.1:53`. */
  readonly server?: string | undefined
}

export interface KnownOfRecord {
  readonly ham?: number
  readonly pattern?: number
  readonly skipped?: readonly string[]
  readonly dns?: 'suspect' | 'outage'
}

type RequestAttribute = 'client_address' | 'client_name' | 'helo_name' | 'sender' | 'recipient' | 'instance'

/** What a record needs beside the decision. */
export interface Recording {
  readonly config: Pick<Config, 'zone_codes' | 'REJECTMSG'> & Config
  /** verdictHash() of it, as in a record. */
  readonly hash: string
  /** A new reference, for a decision that repeats another one or has none. */
  readonly newId: () => string
  /** What is written for an address; by default the address. */
  readonly hide?: ((address: string) => string) | undefined
  /** Takes local parts out that stand elsewhere. */
  readonly hideElsewhere?: ((record: DecisionRecord, request: PolicyRequest) => DecisionRecord) | undefined
}

/** What stands in front of the time of each record, for whoever looks how old a file is. */
export const BEGINNING = '{"v":1,"time":"'
/** A value of a lookup, and the values of one. */
const MAX_VALUE_CHARACTERS = 2000
const MAX_VALUES = 64
const MAX_LINE_CHARACTERS = 131_072

/**
 * `(decided, …)` → `{ v: 1, time: '2026-11-29T23:20:00.123Z', id: '7QK2M0XN4B', … }`. What it does not have is undefined, for JSON
 * to leave out: one made of spreads takes several times as long.
 */
export function recordOf(decided: DecidedRequest, recording: Recording): DecisionRecord {
  const { request, action, would, exempt, by, reference, startMs, delayMs, evaluated } = decided
  const { config, hash, newId, hide = unchanged, hideElsewhere } = recording
  const { judgement, lookups, known, servers = [] } = evaluated ?? NOT_EVALUATED
  const record: DecisionRecord = {
    v: 1,
    time: timeOf(startMs),
    id: by === undefined && reference !== undefined ? reference : newId(),
    config: hash,
    request: {
      client_address: request.clientAddress,
      client_name: request.name,
      helo_name: request.helo,
      sender: hide(request.sender),
      recipient: hide(request.recipient),
      instance: request.instance,
    },
    action: exempt ? action.replace(exempt.who, () => hiddenWho(exempt.who, hide)) : action,
    would,
    exempt: exempt && { who: hiddenWho(exempt.who, hide), action: exempt.action },
    ms: Math.max(0, Math.round(delayMs)),
    by,
    repeats: by === undefined ? undefined : reference,
    why: judgement?.why,
    fate: judgement && fateOf(judgement, config),
    early: judgement?.isEarly,
    reasons: judgement?.weighted?.reasons.trim(),
    rate: judgement?.weighted && Number(judgement.weighted.rate),
    rules: judgement?.steps,
    lookups: lookups?.map(lookup => lookupOf(lookup, config, servers)),
    known: known && knownOf(known),
  }
  return hideElsewhere ? hideElsewhere(record, request) : record
}

/**
 * The line of a decision: renderRecord(recordOf(decided)). One that was not scored is put together by hand, in a
 * quarter of the time.
 */
export function renderDecision(decided: DecidedRequest, recording: Recording): string {
  const { request, action, would, exempt, by, reference, startMs, delayMs, evaluated } = decided
  if (evaluated !== undefined || would !== undefined || exempt !== undefined || by === undefined)
    return renderRecord(recordOf(decided, recording))
  const { hash, newId, hide = unchanged } = recording
  const line =
    `${BEGINNING}${timeOf(startMs)}","id":"${newId()}","config":"${hash}",` +
    `"request":{"client_address":${quoted(request.clientAddress)},"client_name":${quoted(request.name)},` +
    `"helo_name":${quoted(request.helo)},"sender":${quoted(hide(request.sender))},` +
    `"recipient":${quoted(hide(request.recipient))},"instance":${quoted(request.instance)}},` +
    `"action":${quoted(action)},"ms":${Math.max(0, Math.round(delayMs))},"by":"${by}"` +
    `${reference === undefined ? '' : `,"repeats":"${reference}"`}}`
  return line.length <= MAX_LINE_CHARACTERS ? line : renderRecord(recordOf(decided, recording))
}

/** What stands in quotes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : asciiJson(JSON.stringify(text))
}

let timeMs = Number.NaN
let timeText = ''

/** Many decisions are of one millisecond. */
function timeOf(startMs: number): string {
  if (startMs !== timeMs) {
    timeText = new Date(startMs).toISOString()
    timeMs = startMs
  }
  return timeText
}

const NOT_EVALUATED: Partial<NonNullable<DecidedRequest['evaluated']>> = {}

/** The line of a record, without its line feed: one, in ASCII, within the bound. */
export function renderRecord(record: DecisionRecord): string {
  const line = asciiJson(JSON.stringify(record))
  if (line.length <= MAX_LINE_CHARACTERS) return line
  const { lookups, ...rest } = record
  const withoutValues = lookups?.map(({ answer, ...lookup }) =>
    answer?.kind === 'found' ? { ...lookup, answer: { kind: 'found', values: [] } } : { ...lookup, answer },
  )
  const shorter = asciiJson(JSON.stringify({ ...rest, cut: true, lookups: withoutValues }))
  if (shorter.length <= MAX_LINE_CHARACTERS) return shorter
  const shortest = asciiJson(JSON.stringify({ ...rest, cut: true }))
  return shortest.length <= MAX_LINE_CHARACTERS ? shortest : asciiJson(JSON.stringify(bare(record)))
}

/** Without whatever a stranger or a list had a part in. */
function bare({ v, time, id, config, ms, by, repeats, why, fate, rate }: DecisionRecord): object {
  return { v, time, id, config, ms, by, repeats, why, fate, rate, cut: true, request: {}, action: '' }
}

function knownOf({ cachedHamScore, pattern, skippedLists, dns }: Facts): KnownOfRecord | undefined {
  const isNothing = cachedHamScore === undefined && pattern === undefined && dns === undefined && !skippedLists?.size
  if (isNothing) return undefined
  return {
    ...(cachedHamScore !== undefined && { ham: cachedHamScore }),
    ...(pattern !== undefined && { pattern }),
    ...(skippedLists?.size && { skipped: [...skippedLists] }),
    ...(dns !== undefined && { dns }),
  }
}

function lookupOf(
  { question: { type, name, list }, outcome, latencyMs, server }: LookupRecord,
  config: Config,
  servers: readonly NameServer[],
): LookupOfRecord {
  const shown = list === undefined ? undefined : shownAs(list, config)
  const by = server === undefined ? undefined : servers[server]
  return {
    type,
    name: list === undefined || shown === undefined ? name : withShownList(name, list, shown),
    list: shown,
    answer: outcome && bounded(outcome),
    ms: latencyMs === undefined ? undefined : Math.round(latencyMs * 10) / 10,
    server: by && describeServer(by),
  }
}

/** Of each configuration, the lists that were asked, as they may be shown. */
const SHOWN = new WeakMap<Config, Map<string, string>>()

function shownAs(list: string, config: Config): string {
  const shown = SHOWN.get(config) ?? new Map<string, string>()
  if (shown.size === 0) SHOWN.set(config, shown)
  const host = shown.get(list) ?? shownHost(list, config.zone_codes)
  shown.set(list, host)
  return host
}

function bounded(outcome: Outcome): Outcome {
  if (outcome.kind !== 'found') return outcome
  const { values } = outcome
  return { kind: 'found', values: values.slice(0, MAX_VALUES).map(value => value.slice(0, MAX_VALUE_CHARACTERS)) }
}

/** `'sender:user@example.org'` → `'sender:~5f0c2d9e11ab@example.org'`, with `$JOURNAL_PRIVACY`. */
function hiddenWho(who: string, hide: (address: string) => string): string {
  const colon = who.indexOf(':') + 1
  const isMailAddress = who.includes('@') && !who.startsWith('helo:')
  return isMailAddress ? who.slice(0, colon) + hide(who.slice(colon)) : who
}

function unchanged(address: string): string {
  return address
}
