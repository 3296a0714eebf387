/**
 * Table "memory": instances that have answered and wait, as one smtpd(8) each keeps one.
 */
import { readSizes, type Sizes, startInstance, type WaitingInstance } from '../../waiting-instance.ts'
import { arrange, type Bench } from '../bench.ts'
import { HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'

const INSTANCES = [1, 10, 50] as const

export async function measureMemory(bench: Bench): Promise<Measured> {
  const figures: Figures = {}
  const contenders = bench.contenders.filter(({ kind }) => kind !== 'bare')
  for (const contender of contenders) {
    const command = await arrange(bench, contender, HAM_HIT, { delayMs: 0 })
    for (const instances of INSTANCES) {
      bench.say(`memory: ${contender.name}, ${instances}`)
      const sizes = await sizesOfWaiting(bench, command, instances)
      const mean = (key: keyof Sizes): number => sizes.reduce((sum, size) => sum + size[key], 0) / instances
      figures[`memory/${instances}/${contender.name}/proportional`] = mean('proportional')
      figures[`memory/${instances}/${contender.name}/private`] = mean('private')
    }
  }
  return {
    figures,
    tables: [
      {
        name: 'memory',
        title: 'Memory of instances that wait',
        note: 'Megabytes of each, proportional / private, after one answer out of the cache. So many at the same time.',
        columns: ['', ...INSTANCES.map(instances => `${instances} ${instances === 1 ? 'instance' : 'instances'}`)],
        rows: contenders.map(({ title, name }) => [
          title,
          ...INSTANCES.map(instances =>
            ['proportional', 'private']
              .map(key => (figures[`memory/${instances}/${name}/${key}`] ?? Number.NaN).toFixed(1))
              .join(' / '),
          ),
        ]),
      },
    ],
  }
}

async function sizesOfWaiting({ user }: Bench, command: readonly string[], instances: number): Promise<Sizes[]> {
  const waiting: WaitingInstance[] = []
  try {
    for (let i = 0; i < instances; i++) waiting.push(await startInstance(command, { instance: `memory.${i}`, user }))
    const sizes = waiting.map(({ pid }) => readSizes(pid))
    await Promise.all(waiting.map(instance => instance.end()))
    return sizes
  } finally {
    for (const instance of waiting) instance.kill()
  }
}
