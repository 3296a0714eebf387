/**
 * What every table's module is given.
 */
import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { type User, writeConfiguration } from './configurations.ts'
import { keepConfiguration } from '../full-configuration.ts'
import type { Contender } from './contenders.ts'
import type { DelayMs, Fixture } from './fixture.ts'
import type { Plan } from './plan.ts'
import type { Case } from './requests.ts'
import { until } from './until.ts'

export interface Bench {
  readonly plan: Plan
  readonly fixture: Fixture
  readonly contenders: readonly Contender[]
  readonly clock: Clock
  readonly user: User
  /** Progress, on standard error. */
  say(text: string): void
}

export interface Situation {
  readonly delayMs: DelayMs
  readonly lists?: number
}

/**
 * Configures a contender for a case, once for each situation, and lets it learn what the case takes for known. Returns its
 * command.
 */
export async function arrange(
  { plan, fixture, clock, user }: Bench,
  contender: Contender,
  { name, title, cached, template, expected }: Case,
  { delayMs, lists = 4 }: Situation,
): Promise<readonly string[]> {
  if (contender.kind === 'bare') return contender.command('')
  const folder = join(plan.folder, `${contender.name}-${cached ? name : 'unknown'}-${delayMs}-${lists}`)
  const isFull = contender.kind === 'ours'
  const setting = { nameServer: fixture.nameServer(delayMs), cached, lists, isFull }
  const command = contender.command(writeConfiguration(folder, user, setting))
  // By root, as `prepare` would.
  if (isFull) await keepConfiguration(command)
  // What was learnt counts from the next second on; the original starts a process for its cache here.
  await until(`${contender.name} knows: ${title}`, async () => {
    const { answers } = await clock.run({ command, template, requests: 1, expected: 'action=' })
    return answers[0]?.includes(expected) === true
  })
  return command
}

export function contenderOf({ contenders }: Bench, name: string): Contender {
  const found = contenders.find(contender => contender.name === name)
  if (!found) throw new Error(`no contender ${name}`)
  return found
}
