/**
 * Table "start": what a start consists of, in instructions.
 *
 * Times of a start scatter by more than what can still be gained there; instructions hardly do. Each part is the median of
 * three runs. They run one after the other, so what else the machine does is no matter.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { arrange, type Bench, contenderOf } from '../bench.ts'
import { callgrindTo, PROFILE_ROWS, type Profile, readProfile } from '../callgrind.ts'
import type { Contender } from '../contenders.ts'
import { CASES, type Case, HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'
import { quantile } from '../samples.ts'

const RUNS = 3
const NAMES: readonly Case['name'][] = ['no-dns', 'ham-hit', 'good']

export async function measureStart(bench: Bench): Promise<Measured> {
  const node = bench.contenders[0]?.node
  const bare = await profile(bench, contenderOf(bench, `bare-${node}`), HAM_HIT)
  const cases = CASES.filter(({ name }) => NAMES.includes(name))
  const profiles: Profile[] = []
  for (const kase of cases) profiles.push(await profile(bench, contenderOf(bench, `ours-${node}`), kase))
  const count = (of: Profile | undefined, row: string): number => of?.get(row) ?? 0
  const millions = (count: number): string => (count / 1e6).toFixed(1)
  const figures: Figures = { 'start/bare': count(bare, 'all') }
  cases.forEach(({ name }, i) => {
    figures[`start/${name}`] = count(profiles[i], 'all') - count(bare, 'all')
  })
  return {
    figures,
    tables: [
      {
        name: 'start',
        title: 'What a start consists of',
        note:
          `Million instructions by valgrind --tool=callgrind, Node ${node}, medians of ${RUNS} runs: bare Node, and what one ` +
          'answer takes beyond it. Left out is a search for prime numbers at the start of V8, whose length is chance. Most ' +
          "of what is compiled are functions of Node's own, which Node keeps as text.",
        columns: ['', 'node empty.js', ...cases.map(({ title }) => `+ ${title}`)],
        rows: PROFILE_ROWS.map(row => [
          row,
          millions(count(bare, row)),
          ...profiles.map(of => millions(count(of, row) - count(bare, row))),
        ]),
      },
    ],
  }
}

async function profile(bench: Bench, contender: Contender, kase: Case): Promise<Profile> {
  bench.say(`start: ${contender.name}, ${kase.title}`)
  const command = await arrange(bench, contender, kase, { delayMs: 0 })
  const { template, expected } = kase
  const requests = contender.kind === 'bare' ? 0 : 1
  const output = join('/dev/shm', `callgrind-start-${contender.name}`)
  const profiles: Profile[] = []
  for (let run = 0; run < RUNS; run++) {
    await bench.clock.run({ command: [...callgrindTo(output), ...command], template, requests, expected })
    profiles.push(readProfile(readFileSync(output, 'latin1')))
    rmSync(output, { force: true })
  }
  return new Map(
    PROFILE_ROWS.map(row => [
      row,
      quantile(
        profiles.map(of => of.get(row) ?? 0),
        0.5,
      ),
    ]),
  )
}
