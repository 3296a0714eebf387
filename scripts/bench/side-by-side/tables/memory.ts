/**
 * Table "memory": instances that have answered and wait, as one smtpd(8) each keeps one.
 *
 * Sizes are the kernel's (/proc/PID/smaps_rollup): private, what only this process has, and proportional, in which a page
 * that many have counts by its part.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { requestBytes } from '../../../../test/support/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../../../demo/mails.ts'
import { arrange, type Bench } from '../bench.ts'
import { HAM_HIT } from '../requests.ts'
import type { Figures, Measured } from '../results.ts'

const INSTANCES = [1, 10, 50] as const

interface Sizes {
  readonly proportional: number
  readonly private: number
}

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

async function sizesOfWaiting(bench: Bench, command: readonly string[], instances: number): Promise<Sizes[]> {
  const children: ChildProcess[] = []
  try {
    for (let i = 0; i < instances; i++) children.push(await startInstance(bench, command, `memory.${i}`))
    const sizes = children.map(({ pid }) => readSizes(Number(pid)))
    for (const child of children) {
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    }
    return sizes
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** Starts an instance and has it answer one request; it then waits for the next. Rejects if it ends instead. */
async function startInstance({ user }: Bench, command: readonly string[], instance: string): Promise<ChildProcess> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env: { PATH: '/usr/bin:/bin' }, stdio: ['pipe', 'pipe', 'ignore'], ...user })
  child.stdin.write(requestBytes({ ...attributesOf(GOOD_MAIL), instance }))
  let answer = ''
  for await (const text of child.stdout.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
    answer += text
    if (answer.endsWith('\n\n')) return child
  }
  throw new Error(`an instance ended without an answer: ${command.join(' ')}`)
}

/** Megabytes of a process. */
export function readSizes(pid: number): Sizes {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024
  return { proportional: megabytes('Pss'), private: megabytes('Private_Clean') + megabytes('Private_Dirty') }
}
