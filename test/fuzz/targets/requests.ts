/**
 * Target "requests": the bytes of a client, from a connection to the answers.
 *
 *   bytes → RequestReader and Session → parseRequest → decide → consult → score → reply
 *
 * An input is what a client sends: any number of requests. It is served twice, each time with an empty cache: as serve.ts
 * does, all at once, and as a connection does, cut into pieces. DNS is made up (made-up-dns.ts). An attribute
 * `configuration=N`, which Postfix never sends, says which of the configurations below serves.
 *
 * Properties: nothing is thrown but ProtocolError, and then no answer; an answer is `action=`, printable ASCII, an empty line;
 * never empty or digits alone, which Postfix takes for "accept"; bounded; log lines are printable; neither shows a
 * subscriber's key; a request says what a plain reader sees in it (naive-request.ts); the cut makes no difference; every
 * question can be sent; scoring ends.
 */
import { Tables } from '../../../src/cache/tables.ts'
import { builtinConfig, type Config } from '../../../src/config/parameters/parameters.ts'
import { type Pattern, readPattern } from '../../../src/patterns/pattern.ts'
import { Consultant } from '../../../src/consult.ts'
import { Session } from '../../../src/daemon/session.ts'
import { decide, type Instance } from '../../../src/decide.ts'
import type { FanOut } from '../../../src/dns/fan-out.ts'
import { type Answers, type Outcome, type Question, questionKey } from '../../../src/dns/outcome.ts'
import { planFirstWave } from '../../../src/score/first-wave.ts'
import type { Evaluated } from '../../../src/evaluate.ts'
import { attributes } from '../../../src/log/event.ts'
import { lineOf as logLineOf } from '../../../src/log/line.ts'
import { findMatch } from '../../../src/patterns/match.ts'
import { ProtocolError } from '../../../src/policy/protocol-error.ts'
import { renderReply } from '../../../src/policy/reply.ts'
import { parseRequest } from '../../../src/policy/request.ts'
import { RequestReader } from '../../../src/policy/request-reader.ts'
import { score } from '../../../src/score/score.ts'
import type { Facts, ScorableRequest } from '../../../src/score/scoring.ts'
import { randomFrom } from '../../support/random.ts'
import { replaced } from '../mutate.ts'
import { expect, hashOf, type Mutator, type Target } from '../target.ts'
import { expectReply } from './expect-reply.ts'
import { outcomeFor } from './made-up-dns.ts'
import { expectRequest, readNaively } from './naive-request.ts'
import { SMALL_LIMITS, smallGeometry } from './small-cache.ts'

/** Part of a list's name that nobody may see. */
const KEY = 'q7x2kd9w4mzv8h3tj6rp1bn5cy'

const PATTERNS = ['dyn|dsl', '^mail', '(?!q)(x+x+)+y'].map(source => readPattern(source, '') as Pattern)

const CONFIGS: readonly Config[] = [
  builtinConfig(),
  builtinConfig({ DEBUG: true, VERBOSE: true, ADD_X_HEADER: false, MAXDNSERR: 1, LOG_BAD_RBL_ONLY: false }),
  builtinConfig({ faulty: true }),
  builtinConfig({ REJECTMSG: 'rc:strict, see there', REJECTLEVEL: -100, DEFER_STRING: [] }),
  builtinConfig({ REJECTMSG: '550\tno\x07\xff', MAXDNSBLMSG: 'REJECT', MAXDNSBLHITS: 0, REJECTLEVEL: -1 }),
  builtinConfig({ CLIENTDNSERRMSG: '', dnsbl_score: [], DEFER_LEVEL: 1000, DEFER_STRING: ['BOGUS_MX='] }),
  builtinConfig({ dnsbl_checks_only_regexps: PATTERNS, IGNORE_RFC1918_A: true, TEMP_PTIME: 0 }),
  builtinConfig({
    dnsbl_score: [{ host: `${KEY}.zen.dq.spamhaus.net`, filter: undefined, hit: 4, miss: -1, label: 'ZEN' }],
    rhsbl_score: [{ host: `${KEY}.dbl.dq.spamhaus.net`, filter: undefined, hit: 4, miss: 0, label: 'DBL' }],
    BL_ERROR_SKIP: 0,
  }),
]

/** Postfix lets a request have no more than one answer; more calls of `score` than this would be a circle. */
const MAX_WAVES = 60
const CLOCK_STEP_MS = 20_000
const START_MS = 1_760_000_000_000
const LARGEST_PIECE = 96

const GEOMETRY = smallGeometry(16)

interface Served {
  readonly answers: string[]
  readonly logged: string[]
  end: 'at the end of a request' | 'in the middle of a request' | 'without an answer'
}

export const REQUESTS: Target = {
  name: 'requests',
  about:
    /^src\/(?:(?:policy|score|lists)\/|(?:decide|consult|daemon\/session|log\/(?:event|line)|score\/first-wave|dns\/names)\.ts$)/,
  maxBytes: 70 * 1024,
  maxSteps: bytes => 400_000 + 600 * bytes,
  words: [
    ...[
      'configuration=',
      'request=smtpd_access_policy\n',
      '\n\n',
      '=',
      '@',
      '.',
      '+',
      '-',
      '[',
      ']',
      'xn--',
      '::ffff:',
    ],
    ...[
      '192.0.2.10',
      '2001:db8::1',
      '::',
      '127.0.0.1',
      'unknown',
      'postmaster@',
      'abuse@',
      'example.org',
      'rc:',
      '550',
    ],
    ...['sender=', 'recipient=', 'helo_name=', 'client_name=', 'client_address=', 'instance=', 'size=', 'queue_id='],
  ],
  mutators: [duplicateLine(), removeLine(), swapLines(), setValue(), repeatRequest()],
  open: () => tryRequests,
}

async function tryRequests(input: Uint8Array): Promise<void> {
  // Attributes are picked by the shape of the request before: every input begins with the same one.
  const prime = (): void => void parseRequest('request=smtpd_access_policy\nsender=a@b\n', () => {})
  prime()
  const atOnce = await serveAtOnce(input)
  prime()
  const inPieces = await serveInPieces(input)
  const texts = [atOnce, inPieces].map(served => JSON.stringify(served))
  expect(texts[0] === texts[1], 'the cut makes no difference', () => `${texts[0]}\n${texts[1]}`)
}

/** As serve.ts does, with everything there at once. */
async function serveAtOnce(input: Uint8Array): Promise<Served> {
  const served: Served = { answers: [], logged: [], end: 'at the end of a request' }
  const answer = answerer(served)
  const reader = new RequestReader()
  try {
    reader.push(input.slice())
    for (let text = reader.next(); text !== undefined; text = reader.next()) await answer(text)
    if (reader.hasPartialRequest) served.end = 'in the middle of a request'
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    served.end = 'without an answer'
  }
  return served
}

/** As connection.ts does, with bytes coming in pieces of all sizes. */
async function serveInPieces(input: Uint8Array): Promise<Served> {
  const served: Served = { answers: [], logged: [], end: 'at the end of a request' }
  const answer = answerer(served)
  const session = new Session(0)
  const random = randomFrom(hashOf(input))
  try {
    for (let at = 0; at < input.length; ) {
      const size = random(4) === 0 ? 1 + random(input.length - at) : 1 + random(LARGEST_PIECE)
      session.receive(Buffer.from(input.slice(at, at + size)))
      at += size
      for (let text = session.take(0); text !== undefined; text = session.take(0)) {
        expect(session.phase === 'deciding', 'one request at a time', () => session.phase)
        expect(session.take(0) === undefined, 'one request at a time', () => 'a second one was handed out')
        await answer(text)
        session.answered(0)
      }
      expect(!session.isFull, 'a session without a request to decide takes bytes', () => session.phase)
    }
    if (session.phase === 'receiving') served.end = 'in the middle of a request'
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    served.end = 'without an answer'
  }
  return served
}

/** Probes of lists are not answered. */
function probeInVain(): FanOut {
  const answers: Answers = { get: () => ({ kind: 'failed', reason: 'timeout' }) }
  return { answers, end: () => undefined } as Pick<FanOut, 'answers' | 'end'> as FanOut
}

/** Answers request after request out of one new cache, and checks each answer. */
function answerer(served: Served): (text: string) => Promise<void> {
  const tables = new Tables(new ArrayBuffer(GEOMETRY.fileBytes), GEOMETRY, SMALL_LIMITS)
  let nowMs = START_MS
  return async text => {
    tables.begin()
    nowMs += CLOCK_STEP_MS
    const config = CONFIGS[Number(readNaively(text).get('configuration')) % CONFIGS.length] ?? CONFIGS[0]
    const consultant = new Consultant({
      config: config as Config,
      cache: { transact: use => use(tables), count: counter => tables.counters.add(counter) },
      evaluator: async () => ({
        evaluate: (request, known) => evaluate(request, config as Config, known),
        probe: probeInVain,
        hear: async isOver => void isOver(),
      }),
      nowMs: () => nowMs,
    })
    const instance: Instance = { config: config as Config, consultant: () => consultant, nowMs: () => nowMs }
    for (const event of attributes(text)) expectPrintable(logLineOf(event, true).text)
    const warnings: string[] = []
    const request = parseRequest(text, warning => warnings.push(warning))
    expectRequest(request, text)
    const decided = await decide(request, instance)
    const lines = decided.events.map(event => logLineOf(event, Boolean(config?.DEBUG)).text)
    for (const line of lines) expectPrintable(line)
    for (const text of [decided.action, ...lines]) expectNoKey(text)
    served.logged.push(...warnings, ...lines)
    const reply = renderReply(decided.action)
    expectReply(reply)
    served.answers.push(reply)
  }
}

/** As evaluate.ts does, with a DNS that answers at once. */
async function evaluate(request: ScorableRequest, config: Config, given: Facts = {}): Promise<Evaluated> {
  const { which } = findMatch(config.dnsbl_checks_only_regexps, request.name)
  const known: Facts = which === undefined ? given : { ...given, pattern: which }
  const outcomes = new Map<string, Outcome>()
  const ask = (questions: readonly Question[]): void => {
    for (const question of questions) outcomes.set(questionKey(question), outcomeFor(question, request))
  }
  ask(
    planFirstWave(
      request,
      config,
      known.skippedLists ?? new Set(),
      known.cachedHamScore !== undefined || which !== undefined,
    ),
  )
  const answers = { get: (question: Question) => outcomes.get(questionKey(question)) }
  for (let waves = 0; ; waves++) {
    const scored = score(request, answers, config, known)
    if (scored.kind === 'verdict')
      return { judgement: scored.judgement, lookups: [], queries: outcomes.size, cut: false }
    const before = outcomes.size
    ask(scored.questions)
    expect(outcomes.size > before, 'scoring asks for what is not answered yet', () =>
      questionKey(scored.questions[0] as Question),
    )
    expect(waves < MAX_WAVES, 'scoring comes to an end', () => `${waves} waves`)
  }
}

function expectPrintable(line: string): void {
  expect(/^[\x20-\x7e]*$/.test(line), 'a log line is printable ASCII', () => JSON.stringify(line))
}

function expectNoKey(text: string): void {
  expect(!text.includes(KEY), "a subscriber's key is in no answer and no line", () => text)
}

const LF = 0x0a

/** A line of the input, with its end: `[from, to)`. */
function lineOf(input: Uint8Array, random: (below: number) => number): readonly [from: number, to: number] {
  const at = random(Math.max(1, input.length))
  const end = input.indexOf(LF, at)
  return [input.lastIndexOf(LF, at - 1) + 1, end < 0 ? input.length : end + 1]
}

function duplicateLine(): Mutator {
  return (input, random) => {
    const [from, to] = lineOf(input, random)
    const [at] = lineOf(input, random)
    return replaced(input, at, at, input.subarray(from, to))
  }
}

function removeLine(): Mutator {
  return (input, random) => {
    const [from, to] = lineOf(input, random)
    return replaced(input, from, to, new Uint8Array())
  }
}

function swapLines(): Mutator {
  return (input, random) => {
    const [from, to] = lineOf(input, random)
    const line = input.slice(from, to)
    const rest = replaced(input, from, to, new Uint8Array())
    const [at] = lineOf(rest, random)
    return replaced(rest, at, at, line)
  }
}

/** A value is replaced by that of another line, or by one of the words a mail has. */
function setValue(): Mutator {
  const VALUES = [
    '',
    'unknown',
    '192.0.2.10',
    '2001:db8::10',
    '::ffff:192.0.2.10',
    'a@example.org',
    'a+b-c@d@example.org',
  ]
  const MORE = [
    '[192.0.2.10]',
    '192.0.2.10',
    'mail.example.org',
    'postmaster@x',
    'localhost',
    '\xc3\xbc.example',
    '0',
    '6',
  ]
  const values = [...VALUES, ...MORE].map(value => Buffer.from(value, 'latin1'))
  return (input, random) => {
    const [from, to] = lineOf(input, random)
    const equals = input.subarray(from, to).indexOf(0x3d)
    if (equals < 0) return input
    const end = input[to - 1] === LF ? to - 1 : to
    return replaced(
      input,
      from + equals + 1,
      Math.max(end, from + equals + 1),
      values[random(values.length)] as Uint8Array,
    )
  }
}

function repeatRequest(): Mutator {
  return input => {
    const end = input[input.length - 1] === LF ? '\n' : '\n\n'
    return Buffer.concat([input, Buffer.from(end), input])
  }
}
