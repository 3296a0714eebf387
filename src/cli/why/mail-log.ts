/**
 * Decisions out of a mail log, for who has no journal.
 *
 *   lines of a log → LoggedDecisions → DecisionRecord, with what a line has: no lookups, no configuration
 *
 * Read are this program's lines and the original's, which are the same, and Postfix's own of a refusal with a reference. The lines of one
 * decision are joined by process and parties. A journal may be read by the same way: what begins with `{` is a record.
 *
 * Parts are found by where they begin and end, not by regular expressions over the whole line: half of it is strangers'.
 *
 * Pure over its lines, total: a line that is none of these is nothing. Sources: log/line.ts; postfix's smtpd(8), log_whatsup.
 */
import type { DecisionRecord } from '../../journal/decision-record.ts'
import { readRecord } from '../../journal/read-journal.ts'
import { isRefusal } from '../../policy/reply.ts'
import { checkRecord } from './checked-record.ts'

/** Scorings that are kept until their answer is logged. */
const MOST_PENDING = 2000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000
/** At the end of a refusal, where nobody but us writes: an address or a HELO may say the same. */
const REFERENCE = /;? ref ([0-9A-HJKMNP-TV-Z]{10})$/
const WOULD = /^(?:DUNNO|PREPEND X-policyd-weight:) would /
/** Of Postfix: the id of a mail, if it has one yet. */
const REFUSED = /^[0-9A-Za-z]+: reject: RCPT from /
/** Behind the reasons of a score, and whom it is about. */
const RATE = '; rate: '

type Scored = Pick<DecisionRecord, 'reasons' | 'rate' | 'rules' | 'by'>

interface Parties {
  readonly name: string
  readonly client: string
  readonly helo: string
  readonly from: string
  readonly to: string
}

export class LoggedDecisions {
  /** By process and client. */
  readonly #pending = new Map<string, Scored>()
  /** Those that were told already: Postfix repeats them. */
  readonly #ids = new Set<string>()
  readonly #nowMs: number

  /** `nowMs`: for years, which many a log leaves out. */
  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  /** A line → the decision that it ends, if it does. */
  read(line: string): DecisionRecord | undefined {
    if (line.startsWith('{')) return checkRecord(readRecord(line))
    const stamped = readStamp(line, this.#nowMs)
    if (!stamped) return undefined
    const { time, process, text } = stamped
    if (text.startsWith('weighted check: ')) return this.#score(process, text.slice(16))
    if (text.startsWith('rejected again: ')) return this.#score(process, text.slice(16), 'spam')
    if (text.startsWith('decided action=')) return this.#decide(time, process, text.slice(15))
    const refused = REFUSED.exec(text)
    return refused ? this.#refusal(time, text.slice(refused[0].length)) : undefined
  }

  #score(process: string, text: string, by?: 'spam'): undefined {
    const at = text.lastIndexOf(RATE)
    const parties = text.indexOf('; <')
    if (at < 0 || parties < 0) return undefined
    const who = readParties(text.slice(parties, at))
    const rate = Number(text.slice(at + RATE.length))
    const reasons = text.slice(0, parties)
    if (this.#pending.size >= MOST_PENDING) this.#pending.clear()
    this.#pending.set(`${process} ${who.client}`, {
      reasons,
      ...(Number.isFinite(rate) && { rate }),
      rules: rulesOf(reasons),
      ...(by && { by }),
    })
    return undefined
  }

  #decide(time: string, process: string, text: string): DecisionRecord | undefined {
    const end = text.lastIndexOf('; delay: ')
    // The first: behind it are addresses, in which somebody may name another client.
    const parties = text.search(/; <(?:instance|client)=/)
    if (end < 0 || parties < 0) return undefined
    const who = readParties(text.slice(parties, end))
    const key = `${process} ${who.client}`
    const scored = this.#pending.get(key)
    this.#pending.delete(key)
    const action = text.slice(0, parties)
    return this.#record(time, who, action, scored)
  }

  /** `NAME[CLIENT]: 550 5.7.1 <RCPT>: Recipient address rejected: …; from=<…> to=<…> proto=ESMTP helo=<…>`. */
  #refusal(time: string, text: string): DecisionRecord | undefined {
    const tail = text.indexOf('; from=<')
    const colon = text.indexOf(']: ')
    // Whoever has that in an address wants another text to be taken for ours.
    if (tail < 0 || colon < 0 || tail !== text.lastIndexOf('; from=<')) return undefined
    const action = text.slice(colon + 3, tail)
    const id = referenceOf(action)
    if (id === '' || this.#ids.has(id)) return undefined
    const open = text.lastIndexOf('[', colon)
    const part = (name: string): string => {
      const at = text.indexOf(` ${name}=<`, tail)
      return at < 0 ? '' : text.slice(at + name.length + 3, text.indexOf('>', at))
    }
    const who = {
      name: text.slice(0, open),
      client: text.slice(open + 1, colon),
      helo: part('helo'),
      from: part('from'),
      to: part('to'),
    }
    return this.#record(time, who, action)
  }

  #record(time: string, who: Parties, action: string, scored?: Scored): DecisionRecord {
    const id = referenceOf(action)
    if (id !== '') this.#ids.add(id)
    return {
      v: 1,
      id,
      time,
      config: '',
      request: {
        client_address: who.client,
        client_name: who.name,
        helo_name: who.helo,
        sender: who.from,
        recipient: who.to,
        instance: '',
      },
      action,
      ms: 0,
      ...scored,
    }
  }
}

/** `'550 SPAM; ref 7QK2M0XN4B'` → `'7QK2M0XN4B'`; empty: it has none. */
function referenceOf(action: string): string {
  const refusal = action.replace(WOULD, '')
  return isRefusal(refusal) ? (REFERENCE.exec(refusal)?.[1] ?? '') : ''
}

/** `; <client=NAME[CLIENT]> <helo=HELO> <from=FROM> <to=TO>`; what is not there is empty. */
function readParties(text: string): Parties {
  const part = (name: string): string => {
    const begin = text.indexOf(`<${name}=`)
    if (begin < 0) return ''
    const end = text.indexOf('> <', begin)
    return text.slice(begin + name.length + 2, end < 0 ? text.lastIndexOf('>') : end)
  }
  const client = part('client')
  const open = client.lastIndexOf('[')
  return {
    name: client.slice(0, Math.max(0, open)),
    client: client.slice(open + 1).replace(/\]$/, ''),
    helo: part('helo'),
    from: part('from'),
    to: part('to'),
  }
}

/** ` IN_X=3 Y=ERR(-1)` → their rules, with the running sum. */
function rulesOf(reasons: string): NonNullable<DecisionRecord['rules']> {
  let rate = 0
  return reasons.split(' ').flatMap(word => {
    const rule = /^([^=]+)=(?:(?:ERR|SKIP)\()?(-?\d+(?:\.\d+)?(?:e[-+]\d+)?)\)?$/.exec(word)
    if (!rule) return []
    const score = Number(rule[2])
    rate += score
    return [{ rule: rule[1] as string, score, rate }]
  })
}

/** What stands in front of a line of syslog, of journalctl, or of `$LOGFILE`. */
function readStamp(line: string, nowMs: number): { time: string; process: string; text: string } | undefined {
  const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) /.exec(line)
  const old = iso ? null : /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) /.exec(line)
  const stamp = iso ?? old
  const head = stamp && /^(?:\S+ )?(?:\S*)\[(\d+)\]: /.exec(line.slice(stamp[0].length))
  if (!stamp || !head) return undefined
  const at = iso ? Date.parse((iso[1] as string).replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : yearless(stamp, nowMs)
  if (!Number.isFinite(at)) return undefined
  const text = line.slice(stamp[0].length + head[0].length)
  return { time: new Date(at).toISOString(), process: head[1] as string, text }
}

/** The latest such day that is not in the future. */
function yearless([, month = '', day, hour, minute, second]: RegExpExecArray, nowMs: number): number {
  const year = new Date(nowMs).getFullYear()
  const at = (of: number): number =>
    new Date(of, MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second)).getTime()
  return at(year) > nowMs + DAY_MS ? at(year - 1) : at(year)
}
