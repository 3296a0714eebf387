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
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startDnsServer } from '../../test/support/dns-server.ts'
import { configurationText } from '../../test/support/policy-process.ts'
import { DEMO_ZONE } from '../demo/zone.ts'
import { readSizes, startInstance, type WaitingInstance } from './waiting-instance.ts'

/** Megabytes of proportional set size, the mean of all instances. */
const TARGET_MEGABYTES = 12
const CACHED_ANSWER = 'action=DUNNO multirecipient-mail - already accepted by previous query\n\n'

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

async function main(instances: number, strict: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  const dns = await startDnsServer(DEMO_ZONE)
  const waiting: WaitingInstance[] = []
  try {
    const configuration = join(folder, 'policyd-weight.conf')
    const parameters = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/`, LOGFILE: join(folder, 'log') }
    writeFileSync(configuration, configurationText(parameters))
    const command = [process.execPath, 'dist/policyd-weight', '-f', configuration]
    await (await startInstance(command)).end()
    for (let i = 0; i < instances; i++) {
      const started = await startInstance(command)
      waiting.push(started)
      if (started.answer !== CACHED_ANSWER) throw new Error(`not answered out of the cache: ${started.answer}`)
    }
    const sizes = waiting.map(({ pid }) => readSizes(pid))
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
    await Promise.all(waiting.map(instance => instance.end()))
    return strict && !ok ? 1 : 0
  } finally {
    for (const instance of waiting) instance.kill()
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const { values } = parseArgs({
  options: { instances: { type: 'string', default: '50' }, strict: { type: 'boolean', default: false } },
})
process.exitCode = await main(Number(values.instances), values.strict)
