/**
 * What the lists are asked about one mail, each question put together once.
 *
 *   evaluate.ts: one for a request → first-wave.ts, which asks ahead; the chapters on lists and their bounds, which read
 *
 * A mail is scored each time that answers have come, and most of what that takes went into names of questions: a name that
 * is the same text each time is found by its hash, one that was put together anew has none yet.
 *
 * Invariant: of the request and the configuration alone. Total.
 * Source: docs/behaviour/dns-and-lists.md#what-a-list-is-asked.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { clientListQuestion, type ListQuestion, senderListQuestion } from '../lists/questions.ts'
import { domainsToAsk, type ListedDomain, type NamesOfMail } from './listed-domains.ts'

interface Asked extends NamesOfMail {
  readonly client: string
}

interface Entry {
  readonly host: string
}

export class ListQuestions {
  readonly #request: Asked
  readonly #config: Config
  readonly #ofClient = new Map<string, ListQuestion | undefined>()
  /** By host, in the order of `domains`. */
  readonly #ofDomains = new Map<string, readonly DomainQuestion[]>()
  #domains: readonly ListedDomain[] | undefined

  constructor(request: Asked, config: Config) {
    this.#request = request
    this.#config = config
  }

  /** The domains that lists of domains are asked for, the sender's first. */
  get domains(): readonly ListedDomain[] {
    this.#domains ??= domainsToAsk(this.#request, this.#config)
    return this.#domains
  }

  /** Whether an entry lists the client; undefined: it lists domains. */
  ofClient({ host }: Entry): ListQuestion | undefined {
    const known = this.#ofClient.get(host)
    if (known || this.#ofClient.has(host)) return known
    const question = clientListQuestion(this.#request.client, { host }, this.#config.zone_codes)
    this.#ofClient.set(host, question)
    return question
  }

  /** Whether an entry lists the domains; without those that no list can be asked about. */
  ofDomains({ host }: Entry): readonly DomainQuestion[] {
    const known = this.#ofDomains.get(host)
    if (known) return known
    const questions = this.domains.flatMap(({ domain, prefix }) => {
      const question = senderListQuestion(domain, { host }, this.#config.zone_codes)
      return question ? [{ question, prefix }] : []
    })
    this.#ofDomains.set(host, questions)
    return questions
  }
}

/** A question about a domain; `prefix`: whose it is. */
export interface DomainQuestion extends Pick<ListedDomain, 'prefix'> {
  readonly question: ListQuestion
}
