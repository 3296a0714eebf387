/**
 * This program as an engine: a configuration's text and a mail → its verdict, without a process and without a socket.
 *
 *   text → the configuration's reader → Config; mail → request → decide.ts → consult.ts → evaluate.ts ⇄ the mail's zone
 *
 * All that serves a request is the program's own, down to the bytes of DNS packets; only the sockets are missing: a query is
 * answered from the zone in the next turn of the event loop. No cache, so no mail knows of another. The one file of the script
 * that imports what serves a request.
 *
 * Failure: a configuration with errors in it is an error.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Cache, openCache } from '../../src/cache/cache.ts'
import type { Config } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { ROWS } from '../../src/config/parameters/rows.ts'
import { Consultant } from '../../src/consult.ts'
import { decide } from '../../src/decide.ts'
import { Alarm } from '../../src/dns/alarm.ts'
import { type OpenTransport, turn } from '../../src/dns/transport.ts'
import { Evaluator } from '../../src/evaluate.ts'
import { clientListQuestion } from '../../src/lists/questions.ts'
import { type PolicyRequest, parseRequest } from '../../src/policy/request.ts'
import { RequestReader } from '../../src/policy/request-reader.ts'
import { type DnsZone, replyFromZone } from '../../testkit/dns-server.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { monotonicMs } from '../../src/system/clock.ts'
import { type Case, type Engine, verdictOf } from './corpus.ts'

export type { Config } from '../../src/config/parameters/parameters.ts'

/** Nothing is kept, and no name server but the zone is asked. */
const ALONE = "$NS = '127.0.0.1'; $CACHESIZE = 0; $POSCACHESIZE = 0; $DNS_RETRY_IVAL = 1; $DNS_RETRIES = 1;\n"
/** Memory of one mail's own, for what its probes show. */
const ownCache = (config: Config): Cache =>
  openCache(
    config,
    '',
    () => NOT_ASKED_FOR,
    Date.now,
    () => {},
  )
const NOT_ASKED_FOR = { kind: 'unavailable', why: 'no cache is shared' } as const

/** The configuration that a text leads to. Throws if any of it cannot be used. */
export function configurationOf(text: string): Config {
  const { config, findings } = readConfiguration(ALONE + text, 'quality')
  const error = findings.find(({ severity }) => severity === 'error')
  if (error) throw new Error(error.text)
  return config
}

/** The program under a configuration. */
export function ours(key: string, title: string, config: Config): Engine {
  return {
    key,
    title,
    async verdict(mail) {
      const evaluator = new Evaluator(config, zoneTransport(mail.zone))
      const consultant = new Consultant({
        config,
        cache: ownCache(config),
        evaluator: async () => evaluator,
        nowMs: Date.now,
      })
      const request = readRequest(mail)
      const { action, evaluated } = await decide(request, { config, consultant: () => consultant, nowMs: Date.now })
      evaluator.close()
      const steps = evaluated?.judgement.steps ?? []
      return {
        verdict: verdictOf(action),
        ...(steps.length > 0 ? { rate: steps.at(-1)?.rate ?? 0 } : {}),
        words: steps.map(({ rule, score }) => ({ word: rule, points: score })),
        answer: action,
        ...(evaluated && { queries: evaluated.queries }),
      }
    },
  }
}

/** The request as it is read from Postfix, bytes first. */
function readRequest({ id, request }: Case): PolicyRequest {
  const reader = new RequestReader()
  reader.push(requestBytes(request))
  return parseRequest(reader.next() ?? '', text => {
    throw new Error(`${id}: ${text}`)
  })
}

/** Answers queries from a zone; a name that drops them stays silent. */
function zoneTransport(zone: DnsZone): OpenTransport {
  return (_servers, events) => {
    let isClosed = false
    const alarm = new Alarm(monotonicMs, events.timeUp)
    return {
      send(server, query) {
        const reply = replyFromZone(zone, Buffer.from(query))
        if (reply)
          setImmediate(() => {
            if (!isClosed) events.received(server, reply)
          })
      },
      exchange() {
        throw new Error('no reply from a zone is cut')
      },
      renew() {},
      wakeAt: ms => alarm.set(ms),
      rest: turn,
      close() {
        isClosed = true
      },
    }
  }
}

/** The parameters that verdicts depend on and whose values differ, with their sigils left out. */
export function differingParameters(one: Config, other: Config): readonly (keyof Config)[] {
  const names = ROWS.filter(({ verdict }) => verdict !== false).map(({ name }) => name as keyof Config)
  return names.filter(name => !isDeepStrictEqual(one[name], other[name]))
}

/** `config` with the value that `name` has in `other`. */
export function withParameter(config: Config, name: keyof Config, other: Config): Config {
  return { ...config, [name]: other[name] }
}

/** What a list of clients that speaks against them would say of one: a name of its zone, and an answer for each of its entries. */
export interface PossibleListing {
  readonly label: string
  readonly name: string
  readonly address: string
}

/** All that the lists of a configuration could say against a client; each range of an entry's answers is one. */
export function possibleListings({ dnsbl_score, zone_codes }: Config, client: string): readonly PossibleListing[] {
  return dnsbl_score.flatMap(entry => {
    const question = entry.hit > 0 ? clientListQuestion(client, entry, zone_codes) : undefined
    if (!question) return []
    const answers = entry.filter?.octets[3]?.map(({ first }) => first) ?? [2]
    return answers.map(last => {
      const front = entry.filter?.octets.slice(0, 3).map(ranges => ranges[0]?.first) ?? [127, 0, 0]
      return { label: entry.label, name: question.name, address: [...front, last].join('.') }
    })
  })
}

/** The zone without what the lists of a configuration say against clients and domains. */
export function unlistedZone(zone: DnsZone, { dnsbl_score, rhsbl_score }: Config): DnsZone {
  const hosts = [...dnsbl_score, ...rhsbl_score].filter(({ hit }) => hit > 0).map(({ host }) => `.${host}`)
  return Object.fromEntries(Object.entries(zone).filter(([name]) => !hosts.some(host => name.endsWith(host))))
}

/** The client's address in the form lists are asked with. */
export function clientOf(mail: Case): string {
  const { client } = readRequest(mail)
  if (client === undefined) throw new Error(`${mail.id}: the client has no address`)
  return client
}
