/**
 * What a waiting instance takes of memory (`npm run bench:memory [-- --instances 50 --strict]`).
 *
 * Postfix keeps a process for each smtpd(8) that asks, so a busy server has many, and nearly all of them wait. Each
 * instance here has answered one request out of the shared cache, which one before it has filled, and waits for the
 * next. Figures are those of the kernel (/proc/PID/smaps_rollup): what only this process has, and its proportional
 * share, in which a page that many have counts by its part; so the more instances, the less each takes.
 *
 * Prints a table. A target that is missed is shown, and with --strict it is exit status 1. Whatever was started is ended
 * again, one way or the other. Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDnsServer } from '../../test/support/dns-server.ts'
import { configurationText, requestBytes } from '../../test/support/policy-process.ts'
import { attributesOf, GOOD_MAIL } from '../demo/mails.ts'
import { DEMO_ZONE } from '../demo/zone.ts'

/** Megabytes of proportional set size, the mean of all instances. */
const TARGET_MEGABYTES = 12
const CACHED_ANSWER = 'action=DUNNO multirecipient-mail - already accepted by previous query\n\n'
const PATH = '/usr/bin:/bin'

interface Sizes {
  readonly proportional: number
  readonly private: number
}

/** Starts an instance and has it answer one request; it then waits for the next. Rejects if it ends instead. */
async function startInstance(configuration: string, children: ChildProcess[]): Promise<[ChildProcess, string]> {
  const child = spawn(process.execPath, ['dist/policyd-weight', '-f', configuration], {
    env: { PATH },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  children.push(child)
  child.stdin.write(requestBytes(attributesOf(GOOD_MAIL)))
  let answer = ''
  for await (const text of child.stdout.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
    answer += text
    if (answer.endsWith('\n\n')) return [child, answer]
  }
  throw new Error('an instance ended without an answer')
}

/** Megabytes of a process. */
function sizesOf({ pid }: ChildProcess): Sizes {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (name: string): number => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024
  return { proportional: megabytes('Pss'), private: megabytes('Private_Clean') + megabytes('Private_Dirty') }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Ends an instance as Postfix does, by end of file. */
async function endInstance(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.stdin?.end()
  await ended
}

async function main(instances: number, strict: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  const dns = await startDnsServer(DEMO_ZONE)
  const children: ChildProcess[] = []
  try {
    const configuration = join(folder, 'policyd-weight.conf')
    const parameters = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log') }
    writeFileSync(configuration, configurationText(parameters))
    const [first] = await startInstance(configuration, children)
    await endInstance(first)
    const waiting: ChildProcess[] = []
    for (let i = 0; i < instances; i++) {
      const [child, answer] = await startInstance(configuration, children)
      if (answer !== CACHED_ANSWER) throw new Error(`not answered out of the cache: ${answer}`)
      waiting.push(child)
    }
    const sizes = waiting.map(sizesOf)
    const proportional = mean(sizes.map(size => size.proportional))
    const ok = proportional <= TARGET_MEGABYTES
    console.log(`Node ${process.version}, ${instances} instances that wait, megabytes each, mean\n`)
    console.log(
      `${'proportional'.padEnd(14)}${proportional.toFixed(1).padStart(6)}  ${ok ? 'ok  ' : 'MISS'} at most ${TARGET_MEGABYTES}`,
    )
    console.log(
      `${'private'.padEnd(14)}${mean(sizes.map(size => size.private))
        .toFixed(1)
        .padStart(6)}`,
    )
    await Promise.all(waiting.map(endInstance))
    return strict && !ok ? 1 : 0
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: { instances: { type: 'string', default: '50' }, strict: { type: 'boolean', default: false } },
})
process.exitCode = await main(Number(values.instances), values.strict)
