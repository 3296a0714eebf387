/**
 * Does the service answer when it is asked as Postfix would ask?
 *
 *   endpoint, what came of a request (who-answers.ts) → a diagnosis
 *
 * The request has an empty sender, which is answered DUNNO without a lookup and changes nothing. The answer names the version:
 * a daemon of an earlier one, or the Perl original, may have survived an upgrade.
 *
 * Pure, total. Source: decide.ts (short cuts).
 */
import { speakerOf, type Trial } from '../../daemon/who-answers.ts'
import { describeListening, type Listening } from '../../daemon/who-listens.ts'
import { VERSION } from '../../policy/version.ts'
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'

const SEE_LOG = 'the reason is in the mail log: lines of postfix/spawn, postfix/master and of policyd-weight'

/** Who answers: Postfix starts it, or it is the daemon. */
export interface Asked {
  readonly isSpawned: boolean
  /** The process that listens, if it is on this machine and to be seen. */
  readonly occupant?: Listening | undefined
  /** What a command of the daemon's, `start` or `restart`, is here: that of systemd where its unit is the daemon. */
  readonly command: (what: 'start' | 'restart') => string
  /** What Postfix does instead when nobody answers (`default_action=`). */
  readonly instead?: string | undefined
  /** Postfix runs, as far as is to be seen. */
  readonly isPostfixUp?: boolean
  /** What Postfix needs in place of a reload (check-confinement.ts). */
  readonly restart?: string | undefined
  /** The name has another address, where somebody answers. */
  readonly hasOther?: boolean
}

/** A socket that root may use, and smtpd(8) may not. `owner`: whom that runs as. */
export function checkSocket(
  endpoint: string,
  owner: string,
  inTheWay: string | undefined,
  instead: string | undefined,
  remedy: string,
): Diagnosis[] {
  if (inTheWay === undefined) return []
  const [complain, then] = consequence(instead)
  return [complain('socket-closed', endpoint, `user ${owner} cannot connect to it: ${inTheWay}; ${then}`, remedy)]
}

export function checkAnswer(endpoint: string, trial: Trial, asked: Asked): Diagnosis {
  const { isSpawned, command, restart } = asked
  const [complain, deferred] = consequence(asked.instead)
  switch (trial.kind) {
    case 'answered':
      return checkSpeaker(endpoint, trial.action, asked)
    case 'closed':
      return complain(
        'service-silent',
        endpoint,
        `ends the connection without an answer: ${deferred}`,
        isSpawned
          ? (restart ?? 'the reason is in the mail log: lines of postfix/spawn and of policyd-weight')
          : command('restart'),
      )
    case 'silent':
      return complain(
        'service-silent',
        endpoint,
        `gives no answer within ${trial.waitedSeconds} s: ${deferred}${isSpawned ? '; a service that could not be started is held back for a minute' : ''}`,
        isSpawned ? (restart ?? SEE_LOG) : command('restart'),
      )
    case 'failed':
      if (trial.why === 'EACCES' || trial.why === 'EPERM')
        return note('not-looked-at', endpoint, 'only Postfix and root may ask it; run doctor as root')
      if (isSpawned)
        return warning(
          'service-down',
          endpoint,
          `cannot be asked (${trial.why}): Postfix ${asked.isPostfixUp ? '' : 'does not run, or '}does not know the service yet`,
          restart ?? (asked.isPostfixUp ? 'postfix reload' : 'postfix start || postfix reload'),
        )
      return asked.hasOther
        ? warning(
            'service-down',
            endpoint,
            `the daemon does not listen there (${trial.why}): Postfix takes another address of that name`,
            command('start'),
          )
        : complain(
            'service-down',
            endpoint,
            `the daemon does not listen there (${trial.why}): ${deferred}`,
            command('start'),
          )
  }
}

/** Mail that passes unscored is served, but worse. */
function consequence(instead: string | undefined): readonly [complain: typeof failure, then: string] {
  return instead === undefined
    ? [failure, 'all mail is deferred']
    : [warning, `Postfix takes "${instead}" for all mail`]
}

function checkSpeaker(endpoint: string, action: string, { isSpawned, occupant, command }: Asked): Diagnosis {
  const speaker = speakerOf(action)
  const who = occupant ? ` (${describeListening(occupant)})` : ''
  const takePlace = occupant ? [`kill ${occupant.pid}`, command('start')] : ['as root: ss -lptn', command('start')]
  if (speaker.kind === 'ours')
    return speaker.version === VERSION
      ? ok(endpoint, `answers, version ${speaker.version}`)
      : warning(
          'service-other-version',
          endpoint,
          `version ${speaker.version} answers, and ${VERSION} is installed`,
          isSpawned ? 'postfix reload' : command('restart'),
        )
  if (speaker.kind === 'older')
    return warning(
      'service-other-version',
      endpoint,
      `an older policyd-weight answers, 0.2.0 or the Perl original${who}, and ${VERSION} is installed`,
      ...(isSpawned ? ['postfix reload'] : takePlace),
    )
  return failure(
    'service-answers-otherwise',
    endpoint,
    `answers "${action}" to a mail without sender, not DUNNO: something else is there${who}`,
    ...(isSpawned ? ['see argv of the service in master.cf'] : takePlace),
  )
}
