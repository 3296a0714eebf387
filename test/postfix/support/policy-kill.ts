/**
 * What may happen to a policy process at any time: it is killed.
 */
import { waitFor } from '../../../testkit/wait-for.ts'
import type { Site } from './site.ts'

/** Kills the site's policy processes and waits until they are gone; resolves to their ids. Throws if there is none. */
export async function killPolicy(site: Site): Promise<number[]> {
  const pids = site.policyPids()
  if (pids.length === 0) throw new Error('there is no policy process to kill')
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await waitFor('the policy processes are gone', () => !site.policyPids().some(pid => pids.includes(pid)))
  return pids
}

/** Resolves when a question of this name has come in for the so-manieth time: then its request is being evaluated. */
export async function asked(site: Site, name: string, times = 1): Promise<void> {
  await waitFor(
    `${name} is asked`,
    () => site.dns.queries.filter(query => query.name.toLowerCase() === name).length >= times,
  )
}
