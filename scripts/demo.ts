/**
 * Shows what the program does (`npm run demo`): a handful of mails, the verdicts, and why.
 *
 * Runs the real dist/policyd-weight, a process for each mail, as Postfix's spawn(8) would, on a made-up DNS served on
 * loopback (demo-zone.ts). Profile modern, caches off. Nothing is sent to the network and nothing is left behind.
 *
 * Exit status 0 if every verdict is the expected one, 1 if not.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DnsServer, startDnsServer } from '../testkit/dns-server.ts'
import { configurationText, requestBytes, runPolicyProcess } from '../testkit/policy-process.ts'
import { attributesOf, DEMO_MAILS, type DemoMail, verdictOf } from '../testkit/demo-mails.ts'
import { type DemoRun, type Paint, renderRun } from './demo/report.ts'
import { DEMO_ZONE } from '../testkit/demo-zone.ts'

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const

const hasColours = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint: Paint = (text, colour) => (hasColours ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text)

async function runMail(mail: DemoMail, dns: DnsServer, folder: string): Promise<DemoRun> {
  const configuration = join(folder, 'policyd-weight.conf')
  const log = join(folder, 'log')
  const parameters = {
    PROFILE: 'modern',
    NS: `127.0.0.1:${dns.port}`,
    LOCKPATH: `${folder}/`,
    LOGFILE: log,
    CACHESIZE: 0,
    POSCACHESIZE: 0,
  }
  writeFileSync(configuration, configurationText(parameters))
  writeFileSync(log, '')
  const queriesBefore = dns.queries.length
  const command = [process.execPath, 'dist/policyd-weight', '-f', configuration]
  const { status, stdout, stderr, elapsedMs } = await runPolicyProcess(command, requestBytes(attributesOf(mail)))
  const action = /^action=(.*)\n\n$/.exec(stdout)?.[1]
  if (status !== 0 || action === undefined) throw new Error(`no answer (exit status ${status}) ${stderr}`)
  const weighted = /weighted check:.*/.exec(readFileSync(log, 'latin1'))?.[0]
  return { mail, action, weighted, elapsedMs, queries: dns.queries.length - queriesBefore }
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-demo-'))
  const dns = await startDnsServer(DEMO_ZONE)
  let unexpected = 0
  try {
    for (const mail of DEMO_MAILS) {
      const run = await runMail(mail, dns, folder)
      console.log(renderRun(run, paint))
      if (verdictOf(run.action) === mail.want) continue
      unexpected++
      console.log(paint(`  expected: ${mail.want}\n`, 'red'))
    }
  } finally {
    await dns.close()
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${DEMO_MAILS.length} mails, ${unexpected} unexpected verdicts`)
  return unexpected === 0 ? 0 : 1
}

process.exitCode = await main()
