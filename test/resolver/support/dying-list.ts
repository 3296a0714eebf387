/**
 * A list that dies while mail flows, tried on a service: its zone is exchanged, and what becomes of good mail is counted.
 *
 * Each good mail comes from a client that nobody has asked about, so that no resolver has the answer. After the exchange the
 * list's word alone would refuse it. Printed is, beside it, what becomes of the same mails without probes: all that a timer of
 * ten minutes would see refused until it goes off.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Parameters } from '../../../testkit/policy-process.ts'
import { goodMail } from './mails.ts'
import { CLIENT_LISTS } from './names.ts'
import type { Fate } from './rbldnsd.ts'
import type { Service } from './service.ts'
import { startSite } from './site.ts'

/** Clients of the mails before the exchange, whose last come behind it, and after it. */
const CLIENTS = { before: 50, after: 200 }
/** Where nothing is learned from more. */
const FEWER = { before: 10, after: 40 }
const MAILS_A_CLIENT = 4
const MAILS_A_SECOND = 100
const READY = 20

/** Nothing is remembered of a verdict, so that each mail is judged; what probes have shown is. */
const JUDGE_EACH: Parameters = { PROFILE: 'modern', NTIME: 0, POSCACHESIZE: 0, BL_ERROR_SKIP: 1_000_000 }

/** How a service is started for a site. */
export type Start = (folder: string, parameters: Parameters) => Service | Promise<Service>

/** Refused good mails once the list has met its fate. */
async function countRefused(t: Test, block: number, start: Start, fate: Fate, more: Parameters): Promise<number> {
  const { before, after } = fate === 'everybody' ? CLIENTS : FEWER
  const { lists, parameters, folder } = await startSite(t, block)
  const service = await start(folder, { ...parameters, ...JUDGE_EACH, ...more })
  t.teardown(() => service.stop())
  await service.open(READY)
  let refused = 0
  const send = async (first: number, clients: number): Promise<void> => {
    const answers: Promise<string>[] = []
    for (let i = 0; i < clients * MAILS_A_CLIENT; i++) {
      answers.push(service.ask(goodMail(first + (i % clients), `${first}-${i}`)))
      await pause(1000 / MAILS_A_SECOND)
    }
    for (const answer of await Promise.all(answers)) if (answer.startsWith('action=5')) refused++
  }
  const underWay = send(0, before)
  await pause((before * MAILS_A_CLIENT * 1000) / MAILS_A_SECOND / 2)
  lists.become(CLIENT_LISTS[0], fate)
  await send(before, after)
  await underWay
  return refused
}

/** Tries a fate; the two sites have blocks of addresses of their own. */
export async function tryDyingList(t: Test, block: number, start: Start, fate: Fate): Promise<void> {
  const refused = await countRefused(t, block, start, fate, {})
  t.equal(refused, 0, `${fate}: no good mail is refused`)
  if (fate !== 'everybody') return
  const without = await countRefused(t, block + 2, start, fate, { BL_PROBE_INTERVAL: 0 })
  const total = (CLIENTS.before + CLIENTS.after) * MAILS_A_CLIENT
  t.ok(without > CLIENTS.after, `without probes good mail is refused: ${without} of ${total}`)
  const minutes = (CLIENTS.after * MAILS_A_CLIENT) / MAILS_A_SECOND / 60
  t.comment(
    `a timer of 10 minutes: up to ${Math.round((without / minutes) * 10)} good mails refused, at ${MAILS_A_SECOND} a second`,
  )
}
