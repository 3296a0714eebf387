/**
 * Table "silence", of this project alone: what one silent list of those of the profile modern costs a mail, with what is aimed at.
 *
 * One process answers mail after mail, as under an smtpd(8), and remembers nothing. The same mails meet a name server that answers
 * for every list and ones each of which keeps silent about one, in turns. A list is never skipped, so that each mail meets
 * its silence. A list that can change what becomes of a mail is waited for: for its tries.
 */
import { join } from 'node:path'
import { profileConfig } from '../../../src/config/profile.ts'
import { DEMO_ZONE } from '../../../testkit/demo-zone.ts'
import { type DnsServer, startDnsServer } from '../../../testkit/dns-server.ts'
import { type Bench, contenderOf } from '../bench.ts'
import { writeConfiguration } from '../configurations.ts'
import { caseOf } from '../requests.ts'
import { type Figures, type Measured, note } from '../results.ts'
import { quantile, takeTurns, type Task } from '../samples.ts'

/** Mails, and the lists of which a single listing would have another thing become of them. */
const DECISIVE = {
  good: ['zen.spamhaus.org', 'dbl.spamhaus.org', 'multi.surbl.org'],
  forged: ['list.dnswl.org'],
} as const
const MAILS = ['good', 'forged'] as const
/** Mails of a process in a round. */
const REQUESTS = 20
const REPLY_MS = 5
const TRIES = { DNS_RETRIES: 1, DNS_RETRY_IVAL: 0.25 }
const TRIES_MS = 500
const LIST_MAY_COST_MS = 15

export async function measureSilence(bench: Bench): Promise<Measured> {
  const lists = listsOfModern()
  const figures: Figures = {}
  const targets: Record<string, boolean> = {}
  const servers: DnsServer[] = []
  try {
    for (const mail of MAILS) {
      const tasks: Record<string, Task> = {}
      for (const list of ['none', ...lists]) {
        const server = await startDnsServer(DEMO_ZONE, {
          delayMs: REPLY_MS,
          madeUp: name => (name.endsWith(`.${list}`) ? { drop: true } : undefined),
        })
        servers.push(server)
        tasks[list] = await arrangeMails(bench, list, mail, server.port)
      }
      bench.say(`${mail} mail: no list silent, and each of ${lists.size}`)
      const samples = await takeTurns(bench.plan.rounds, tasks)
      for (const [list, values] of Object.entries(samples)) note(figures, `silence/${mail}/${list}`, values, [95])
      const usualMs = quantile(samples.none ?? [], 0.95)
      for (const list of lists) {
        const { [`silence/${mail}/${list}/p95`]: p95 = Number.NaN } = figures
        const mayCostMs = LIST_MAY_COST_MS + (DECISIVE[mail].some(host => host === list) ? TRIES_MS : 0)
        targets[`${mail} mail, ${list} silent: at most ${mayCostMs} ms later`] = p95 - usualMs <= mayCostMs
      }
    }
  } finally {
    for (const server of servers) await server.close()
  }
  const cell = (mail: string, list: string): string =>
    ['', '/p95'].map(which => (figures[`silence/${mail}/${list}${which}`] ?? Number.NaN).toFixed(1)).join(', ')
  return {
    figures,
    targets,
    title: 'One silent list',
    note: `Milliseconds to an answer, median and 95th percentile, of a process that answers one mail behind the other. Name servers take ${REPLY_MS} ms; a list has ${1 + TRIES.DNS_RETRIES} tries of ${TRIES_MS / (1 + TRIES.DNS_RETRIES)} ms.`,
    columns: ['silent', ...MAILS.map(mail => `${mail} mail`)],
    rows: ['none', ...lists].map(list => [list, ...MAILS.map(mail => cell(mail, list))]),
  }
}

function listsOfModern(): ReadonlySet<string> {
  const { dnsbl_score, dnswl_score, rhsbl_score } = profileConfig('modern')
  return new Set([...dnsbl_score, ...dnswl_score, ...rhsbl_score].map(({ host }) => host))
}

async function arrangeMails(bench: Bench, list: string, mail: string, port: number): Promise<Task> {
  const { template } = caseOf(mail)
  const ours = contenderOf(bench, 'ours')
  const file = writeConfiguration(join(bench.plan.folder, `silence-${list}-${mail}`), bench.user, {
    nameServer: `127.0.0.1:${port}`,
    cached: false,
    lists: 0,
    isFull: false,
    profile: 'modern',
    more: { PROFILE: 'modern', BL_ERROR_SKIP: 1000, LOGFILE: join(bench.plan.folder, 'log'), ...TRIES },
  })
  return async () => {
    const { latenciesMs } = await bench.clock.run({
      command: ours.command(file),
      template,
      requests: REQUESTS,
      expected: 'action=',
    })
    return latenciesMs.slice(1)
  }
}
