/**
 * A recorded case as what scores it takes: the request, the answers of its zone, its configuration.
 *
 *   recorded-case.ts → requestOfCase, answersFromZone, readerOfConfigurations → the tests that score cases in their own process
 */
import type { Config } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'
import { type Answers, type Outcome, questionKey } from '../../src/dns/outcome.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { RequestReader } from '../../src/policy/request-reader.ts'
import type { ScorableRequest } from '../../src/score/scoring.ts'
import { answerFromZone, type DnsZone } from '../../testkit/dns-server.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'
import type { RecordedCase } from './recorded-case.ts'

/** The request, read as from Postfix; its client has an address. `warn` is told of lines that are none. */
export function requestOfCase(
  { request }: Pick<RecordedCase, 'request'>,
  warn: (text: string) => void = () => {},
): ScorableRequest {
  const reader = new RequestReader()
  reader.push(requestBytes(request))
  return parseRequest(reader.next() ?? '', warn) as ScorableRequest
}

/** All answers of a zone. */
export function answersFromZone(zone: DnsZone): Answers {
  const outcomes = new Map<string, Outcome>()
  return {
    get(question) {
      const key = questionKey(question)
      const outcome = outcomes.get(key) ?? answerFromZone(zone, question)
      outcomes.set(key, outcome)
      return outcome
    },
  }
}

/** What reads parameters as a file has them, each configuration once. */
export function readerOfConfigurations(): (parameters: Parameters) => Config {
  const configs = new Map<string, Config>()
  return parameters => {
    const text = configurationText(parameters)
    const config = configs.get(text) ?? readConfiguration(text, 'recorded case').config
    configs.set(text, config)
    return config
  }
}
