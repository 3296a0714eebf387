/**
 * A verdict in a sentence: which rule decided, and by which figures.
 *
 *   explain.ts: Judgement, configuration → describeVerdict → the line `verdict` of `-d`
 *
 * Pure, total. Source: score/verdict.ts, Why.
 */
import type { Config } from '../config/parameters/parameters.ts'
import { formatNumber } from '../text/number.ts'
import { ONE_WITNESS } from './one-witness.ts'
import type { Judgement } from './verdict.ts'

/** `rate 11.35 is above $MAXDNSBLSCORE (8): refused at once`. */
export function describeVerdict(judgement: Judgement, config: Config): string {
  const words = describeReason(judgement, config)
  return judgement.isEarly ? `${words}, whatever was not waited for` : words
}

function describeReason(judgement: Judgement, config: Config): string {
  const { why, hits, dnsbl, nameErrors, steps, action } = judgement
  const { MAXDNSBLHITS, MAXDNSBLSCORE, MAXDNSERR, REJECTLEVEL, DEFER_LEVEL } = config
  switch (why) {
    case 'listings':
      return dnsbl > MAXDNSBLSCORE
        ? `rate ${formatNumber(dnsbl)} is above $MAXDNSBLSCORE (${MAXDNSBLSCORE}): refused at once`
        : hits > MAXDNSBLHITS
          ? `${hits} listings are above $MAXDNSBLHITS (${MAXDNSBLHITS}): refused at once`
          : 'the lists of the sender make it too many: refused at once'
    case 'silent-lists':
      return `as many lists as $MAXDNSERR (${MAXDNSERR}) are silent: accepted, not scored`
    case 'outage':
      return `no name server answers ($DNS_OUTAGE): ${judgement.isPass ? 'accepted' : 'deferred'}, not scored`
    case 'failed-names':
      return `${nameErrors} lookups failed, $MAXDNSERR is ${MAXDNSERR}: accepted, not scored ($CLIENTDNSERRMSG is empty)`
    case 'lists-only':
      return 'only the lists were to be asked ($dnsbl_checks_only, @dnsbl_checks_only_regexps): accepted'
    case 'known':
      return 'accepted before, and no list has the client: accepted'
    case 'deferred-names':
      return `${nameErrors} lookups failed, $MAXDNSERR is ${MAXDNSERR}: $CLIENTDNSERRMSG`
    case 'preventable':
      return 'an answer to a lookup that failed could have prevented a rejection ($DEFER_ON_DNSERR): $CLIENTDNSERRMSG'
    case 'unvouched':
      return 'a list that makes the difference was probed, and the probe not answered ($BL_PROBE_INTERVAL): deferred'
    case 'no-records':
      return 'neither client, HELO nor sender has a record in DNS: $DNSERRMSG'
    case 'busy':
      return 'not scored to the end: deferred'
    case 'rate': {
      const rate = formatNumber(Math.round((steps.at(-1)?.rate ?? 0) * 1000) / 1000)
      if (!judgement.weighted || judgement.accepted || judgement.remember.message?.kind !== 'rejected')
        return `${rate} < $REJECTLEVEL (${REJECTLEVEL}): accepted`
      const isDeferred = action.startsWith(config.DEFER_ACTION) && judgement.remember.spam === undefined
      if (isDeferred && judgement.weighted.reasons.endsWith(ONE_WITNESS))
        return `${rate} >= $REJECTLEVEL (${REJECTLEVEL}), by the lists of one operator alone, and the client is tied to the sender ($TWO_WITNESSES): deferred`
      return isDeferred
        ? `${rate} >= $REJECTLEVEL (${REJECTLEVEL}), below $DEFER_LEVEL (${DEFER_LEVEL}), with a word of $DEFER_STRING: deferred`
        : `${rate} >= $REJECTLEVEL (${REJECTLEVEL}): refused`
    }
  }
}
