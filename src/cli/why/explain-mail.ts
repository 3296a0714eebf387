/**
 * `policyd-weight explain`: the page of `why` for a mail that has not come yet.
 *
 *   why-commands.ts: --client … or a request → explainMail → remembered.ts, forecast.ts → page or JSON
 *
 * Looked up and scored as a mail would be, with two differences: nothing is remembered or written, neither cache nor journal nor
 * ledger nor log; and all answers are waited for, so that every clue can be told. What the cache of the service remembers is read
 * from a copy of it, and said beside: it decides about the next mail. An exception is applied, and what would be answered without it said.
 *
 * Without `--name` the client's name is looked up as Postfix does: a PTR name whose own addresses hold the client.
 *
 * Failure: a value, 64: what is wrong with the request. A lookup that fails is an outcome.
 * Sources: SMTPD_POLICY_README; postconf(5), smtpd_client_restrictions on "unknown".
 */
import type { Config } from '../../config/parameters/parameters.ts'
import type { NameServer } from '../../dns/name-server.ts'
import { askedName, pointerName } from '../../dns/names.ts'
import type { Outcome, Question } from '../../dns/outcome.ts'
import { nameServersOf } from '../../dns/resolv-conf.ts'
import type { DecisionRecord, LookupOfRecord } from '../../journal/decision-record.ts'
import { shownHost, shownQuestion } from '../../lists/shown-host.ts'
import { ProtocolError } from '../../policy/protocol-error.ts'
import type { PolicyRequest } from '../../policy/request.ts'
import { EXIT_OK, EXIT_USAGE } from '../../system/exit-status.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { normalizeClientAddress } from '../../text/address.ts'
import { askOnce } from '../doctor/ask-dns.ts'
import { explainDecision } from './explanation.ts'
import { forecast } from './forecast.ts'
import { readAttributeLines, readAttributes } from './read-attributes.ts'
import { lookUpMemory } from './remembered.ts'
import { replay } from './replay.ts'
import { fault, type Told } from './why.ts'
import { explainJson } from './why-json.ts'
import { presentException } from './present-exception.ts'
import { type PageForm, renderPage } from './why-page.ts'

/** A mail as it is given in options; what is undefined was not given. */
export interface GivenMail {
  readonly client?: string | undefined
  readonly name?: string | undefined
  readonly helo?: string | undefined
  readonly sender?: string | undefined
  readonly recipient?: string | undefined
}

export interface ExplainMailOptions {
  readonly mail: GivenMail
  /** A request, if no option says what the mail is: lines of name=value. */
  readonly input: string | undefined
  readonly config: Config
  /** The configuration that was read. */
  readonly path: string | undefined
  /** The cache of the service. */
  readonly cachePath: string
  readonly native: () => Native | NativeUnavailable
  readonly isJson: boolean
  readonly form: PageForm
  readonly nowMs: () => number
}

/** Names of a client that are looked at. */
const MOST_NAMES = 8
/** How often more is asked for: names lead to names. */
const MOST_ROUNDS = 8

export async function explainMail(options: ExplainMailOptions): Promise<Told> {
  const { config, path, isJson, form } = options
  const read = readMail(options)
  if ('wrong' in read) return fault(read.wrong, EXIT_USAGE)
  const request = await withName(read.request, read.isNameGiven, config)
  const { match, warnings } = await presentException(request, options)
  const { notes: ofCache, facts, isRemembered } = lookUpMemory(request, match, options)
  const { record: decided, without, notes } = await forecast(request, facts, match, options)
  const record = await completed(decided, config)
  const explanation = await explainDecision(record, undefined, {
    config,
    path,
    source: isRemembered ? 'journal' : 'now',
  })
  const { exempt, would } = record
  const isSame = exempt !== undefined && would === undefined
  const ofException = isSame ? [`without it the answer would be: ${without}`, ...notes] : notes
  const told = { ...explanation, notes: [...explanation.notes, ...ofException, ...warnings, ...ofCache] }
  return { text: isJson ? explainJson(told) : renderPage(told, form, 'forecast'), status: EXIT_OK }
}

type Read = { readonly request: PolicyRequest; readonly isNameGiven: boolean } | { readonly wrong: string }

function readMail({ mail, input = '' }: ExplainMailOptions): Read {
  const isGiven = Object.values(mail).some(value => value !== undefined)
  try {
    return isGiven ? ofOptions(mail) : ofText(input)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { wrong: `explain: ${error.message}` }
  }
}

/** Throws ProtocolError. */
function ofText(input: string): Read {
  const lines = input.split('\n').filter(line => line.trim() !== '')
  if (lines.length === 0)
    return { wrong: 'explain: no mail is given: --client, --helo and --sender, or a request on standard input' }
  const request = readAttributeLines(lines.map(line => `${line.trimEnd()}\n`).join(''))
  if (request.client === undefined) return { wrong: `explain: client_address "${request.clientAddress}" is no address` }
  return { request, isNameGiven: lines.some(line => /^client_name=/i.test(line)) }
}

/** Throws ProtocolError. */
function ofOptions({ client, name, helo, sender, recipient }: GivenMail): Read {
  const missing = Object.entries({ client, helo, sender }).flatMap(([each, value]) =>
    value === undefined ? [`--${each}`] : [],
  )
  if (missing.length > 0)
    return { wrong: `explain: ${missing.join(' and ')} missing; the empty sender of a bounce is --sender ''` }
  if (normalizeClientAddress(client ?? '') === undefined)
    return { wrong: `explain: --client "${client}" is no address` }
  const attributes = {
    client_address: client,
    client_name: name,
    helo_name: helo,
    sender: sender?.replace(/^<(.*)>$/, '$1'),
    recipient,
  }
  return { request: readAttributes(attributes), isNameGiven: name !== undefined }
}

/** With the name that Postfix would give: `unknown` if none leads back to the client. */
async function withName(request: PolicyRequest, isGiven: boolean, config: Config): Promise<PolicyRequest> {
  const { client } = request
  if (isGiven || client === undefined) return request
  const servers = nameServersOf(config.NS)
  const ask = (question: Question): Promise<Outcome> => askOnce(servers, config, question)
  const pointers = await ask({ type: 'PTR', name: pointerName(client) })
  const names = pointers.kind === 'found' ? pointers.values.slice(0, MOST_NAMES) : []
  for (const name of names) {
    const addresses = await ask({ type: client.includes(':') ? 'AAAA' : 'A', name })
    if (addresses.kind === 'found' && addresses.values.includes(client)) return { ...request, name }
  }
  return { ...request, name: 'unknown' }
}

/** With whatever would be needed without one of its clues: where one was enough, nobody has waited for the rest. */
async function completed(decided: DecisionRecord, config: Config): Promise<DecisionRecord> {
  const servers = nameServersOf(config.NS)
  let record = decided
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const replayed = await replay(record, config)
    const clues = replayed.kind === 'scored' ? replayed.deciding.clues : []
    const missing = clues.flatMap(({ without }) => (without.kind === 'open' ? without.missing : []))
    const questions = new Map(missing.map(question => [keyOf(question, config), question]))
    if (questions.size === 0) return record
    const asked = await Promise.all([...questions.values()].map(question => askNow(question, servers, config)))
    const others = (record.lookups ?? []).filter(({ type, name }) => !questions.has(`${type} ${name}`))
    record = { ...record, lookups: [...others, ...asked] }
  }
  return record
}

function keyOf(question: Question, config: Config): string {
  return `${question.type} ${shownQuestion(question, config.zone_codes)}`
}

async function askNow(question: Question, servers: readonly NameServer[], config: Config): Promise<LookupOfRecord> {
  const { type, list } = question
  const asked = askedName(question)
  // Names that cannot be in the DNS are not asked for.
  const answer: Outcome =
    asked === undefined ? { kind: 'nxdomain' } : await askOnce(servers, config, { ...question, name: asked })
  const name = shownQuestion(question, config.zone_codes)
  return { type, name, ...(list !== undefined && { list: shownHost(list, config.zone_codes) }), answer }
}
