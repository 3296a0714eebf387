/**
 * Table "profiles", of this project alone: what the rules of the profile modern cost beside those of classic, with what is
 * aimed at. A process for good mail, beside bare Node; and the daemon's answers to strangers, each of which is looked up.
 *
 * Both profiles take turns; each has every parameter written out, and the lists that it brings.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Profile } from '../../../src/config/profile.ts'
import { startDaemon } from '../../../testkit/daemon-process.ts'
import { freePort } from '../../../testkit/free-port.ts'
import { type Bench, contenderOf, race } from '../bench.ts'
import { caseOf, STRANGER_TEMPLATE } from '../requests.ts'
import { type Figures, type Measured, note, show } from '../results.ts'
import { median } from '../samples.ts'
import { cell } from './cold.ts'
import { readLoad } from './daemon.ts'

const PROFILES = ['classic', 'modern'] as const
const CONNECTIONS = [1, 64] as const
const ROUNDS = 5
/** `optimized`: for so long V8 goes on to compile what is called often; a daemon runs for weeks. */
const SECONDS = { optimized: 4, warmUp: 0.5, measured: 1.5 }
/** A process for good mail: so many times bare Node. Misses of the daemon: so many times those of classic. */
const MOST_TIMES = { classic: 1.28, modern: 1.33 }
const LEAST_SHARE = 0.85

export async function measureProfiles(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const samples = await race(bench, caseOf('good'), 0, [
    { key: 'bare', contender: contenderOf(bench, 'bare') },
    ...PROFILES.map(profile => ({ key: profile, contender: contenderOf(bench, 'ours'), profile })),
  ])
  const bareMs = median(samples.bare ?? [])
  const targets: Record<string, boolean> = {}
  for (const profile of PROFILES) {
    const path = `profiles/good/${profile}`
    note(figures, path, samples[profile] ?? [])
    figures[`${path}/ratio`] = median(samples[profile] ?? []) / bareMs
    targets[`good mail, ${profile}: at most ${MOST_TIMES[profile]} × node`] =
      median(samples[profile] ?? []) <= MOST_TIMES[profile] * bareMs
  }
  const rates = await measureMisses(bench)
  for (const connections of CONNECTIONS) {
    for (const profile of PROFILES)
      figures[`profiles/miss/${connections}/${profile}`] = median(rates.get(`${connections} ${profile}`) ?? [])
    const path = `profiles/miss/${connections}`
    const share = (figures[`${path}/modern`] ?? Number.NaN) / (figures[`${path}/classic`] ?? Number.NaN)
    figures[`${path}/share`] = share
    targets[`misses at ${connections} connections, modern: at least ${LEAST_SHARE} × classic`] = share >= LEAST_SHARE
  }
  return {
    figures,
    targets,
    title: 'What the rules of the profile modern cost',
    note: `A process for good mail: milliseconds, median (p90), and × bare Node (${bareMs.toFixed(1)}). Misses of the daemon: answers a second, at so many connections.`,
    columns: ['', 'good mail', ...CONNECTIONS.map(connections => `misses, ${connections}`)],
    rows: PROFILES.map(profile => [
      profile,
      cell(figures, `profiles/good/${profile}`),
      ...CONNECTIONS.map(connections => show(figures, `profiles/miss/${connections}/${profile}`, 0)),
    ]),
  }
}

/** Answers a second, by `CONNECTIONS PROFILE`. */
async function measureMisses(bench: Bench): Promise<ReadonlyMap<string, number[]>> {
  // Daemons are another user's, if that is root.
  chmodSync(bench.plan.folder, 0o755)
  const template = join(bench.plan.folder, 'stranger')
  writeFileSync(template, STRANGER_TEMPLATE)
  const rates = new Map<string, number[]>()
  let asked = 0
  for (let round = 0; round < ROUNDS; round++)
    for (const profile of round % 2 === 0 ? PROFILES : PROFILES.toReversed()) {
      const port = await freePort()
      const daemon = await startDaemon(
        mkdtempSync(join(bench.plan.folder, `daemon-${profile}-`)),
        parametersOf(bench, profile, port),
      )
      try {
        const load = async (connections: number, warmUp: number): Promise<number> => {
          const { measured } = SECONDS
          const first = ++asked * 1_000_003
          const expected = `550 ${profile === 'modern' ? '5.7.1 ' : ''}Mail appeared to be SPAM`
          const args = [port, connections, warmUp, measured, first, template, expected]
          const { stdout } = await promisify(execFile)(bench.plan.programs.load, args.map(String))
          const { perSecond, unexpected, sample } = readLoad(stdout, warmUp, measured)
          if (unexpected > 0) throw new Error(`${profile}: ${unexpected} other answers: ${sample}`)
          return perSecond
        }
        await load(Math.max(...CONNECTIONS), SECONDS.optimized)
        for (const connections of CONNECTIONS) {
          const perSecond = await load(connections, SECONDS.warmUp)
          const key = `${connections} ${profile}`
          rates.set(key, [...(rates.get(key) ?? []), perSecond])
          bench.say(`daemon, ${profile}: ${perSecond.toFixed(0)} misses a second at ${connections} connections`)
        }
      } finally {
        await daemon.stop()
      }
    }
  return rates
}

function parametersOf({ fixture }: Bench, profile: Profile, port: number): Record<string, string | number> {
  return { PROFILE: profile, NS: fixture.nameServer(0), TCP_PORT: port, SOMAXCONN: 2048 }
}
