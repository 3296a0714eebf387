/**
 * Table "postfix" of this project alone: what the service costs a real Postfix.
 *
 *   none       no policy service
 *   floor      Node.js running a few lines that answer without looking: what any service in Node.js costs
 *   ours       the service of master.cf.example, prepared as the manual says
 *   original   policyd-weight 0.1.15 (Debian's package) as a service of spawn(8), as its manual says
 *
 * Each is a Postfix of its own (testkit/postfix-instance.ts) that throws away what it accepts. smtp-source(1) sends
 * so many mails to it, two at a time: over a connection for each, or over two that last. The client is known to the
 * service's cache, so nothing is looked up. smtpd(8) serves `max_use` connections and then another one takes its place,
 * with a policy process of its own: what starting costs is part of the first figure, and of the second hardly. All have
 * the smtpd(8) of master.cf.example, or with --max-use one that lives so long; 100 is Postfix's own default.
 *
 * All take turns. Rates are medians; `of none` is the median of what each round reached of the same round without a service, so
 * that a machine which does other work meanwhile does it to both.
 *
 * Needs root, Debian's packages postfix and policyd-weight, and the user polw. A mail that is refused is an error; so are
 * more than a few that did not come from the cache, which are counted.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type DnsZone, startDnsServer } from '../../../testkit/dns-server.ts'
import { installService, makePolwDirectory } from '../../../testkit/installation.ts'
import { type Example, readExample } from '../../../testkit/master-cf-example.ts'
import { configurationText, type Parameters } from '../../../testkit/policy-process.ts'
import { type Postfix, startPostfix } from '../../../testkit/postfix-instance.ts'
import { type Syslog, startSyslog } from '../../../testkit/syslog.ts'
import { waitFor } from '../../../testkit/wait-for.ts'
import { withDefaults } from '../configurations.ts'
import type { Measured } from '../results.ts'
import { median, type Task, takeTurns } from '../samples.ts'

/** The original asks port 53 only. */
const NAME_SERVER = '127.0.67.53'
const ORIGINAL = '/usr/sbin/policyd-weight'
/** Of what is reached without a policy service. */
const TARGET_SHARE = 0.75
/** Of mails that need not come from the cache: a lock that is not had in time, on a machine that does much else. */
const TOLERATED_SHARE = 0.05

const ZONE: DnsZone = {
  'example.org': { MX: [[10, 'mx.example.org']] },
  'mx.example.org': { A: ['192.0.2.25'] },
  'mail.example.org': { A: ['127.0.0.1'] },
  '1.0.0.127.in-addr.arpa': { PTR: ['mail.example.org'] },
}

/** For both programs. Entries are hard after a second, and nothing ever runs out. */
const PARAMETERS: Parameters = {
  NS: NAME_SERVER,
  dnsbl_score: ['zen.spamhaus.org', 4.35, -1.5, 'SBL_XBL_SPAMHAUS', 'bl.spamcop.net', 3.75, -1.5, 'SPAMCOP'],
  rhsbl_score: ['multi.surbl.org', 4, 0, 'SURBL'],
  TEMP_PTIME: '1s',
  PTTL: 1_000_000,
  PTIME: '1d',
}

/** Answers each request without looking at it: what a process of Node's costs, whatever it does. */
const FLOOR = `
const { readSync, writeSync } = require('node:fs')
const bytes = Buffer.alloc(65536)
while (readSync(0, bytes, 0, bytes.length, null) > 0) writeSync(1, 'action=PREPEND X-policyd-weight: floor\\n\\n')
`

/** How mails come, and the option of smtp-source(1) for it. */
const WAYS = { 'a connection for each mail': [], 'two connections': ['-d'] } as const
const TITLES = ['none', 'floor', 'ours', 'original'] as const
type Title = (typeof TITLES)[number]

/** The identity that a contender's log lines carry. */
function identOf(title: Title): string {
  return `bench/${title}`
}

/** Makes the folder of a contender, with what its service needs. */
function install(title: Title, folder: string): Example {
  const parameters: Parameters = { ...PARAMETERS, syslog_ident: identOf(title) }
  const installed = installService(folder, { ...parameters, LOGFILE: '' })
  const example = readExample(installed)
  switch (title) {
    case 'none':
      return { ...example, service: '', settings: example.settings.replace(/,\s*check_policy_service .*/, '') }
    case 'floor': {
      const program = join(folder, 'floor.js')
      writeFileSync(program, FLOOR)
      return { ...example, service: example.service.replace(/argv=.*/, `argv=${installed.node} ${program}`) }
    }
    case 'ours':
      writeFileSync(installed.configuration, withDefaults(readFileSync(installed.configuration, 'utf8'), 'classic'))
      execFileSync(installed.node, [installed.executable, '-f', installed.configuration, 'prepare'], {
        stdio: 'ignore',
      })
      return example
    case 'original': {
      const configuration = join(folder, 'original.conf')
      const lockPath = makePolwDirectory(join(folder, 'lock'))
      // Its cache process works there, and does not make it in spawn mode.
      for (const name of ['cores', 'cores/cache']) makePolwDirectory(join(lockPath, name))
      const places = { LOCKPATH: `${lockPath}/`, SPATH: join(lockPath, 'polw.sock') }
      writeFileSync(configuration, configurationText({ ...parameters, ...places }))
      const command = `argv=/usr/bin/perl ${ORIGINAL} -f ${configuration}`
      return { ...example, service: example.service.replace(/argv=.*/, command) }
    }
  }
}

async function startContender(
  title: Title,
  folder: string,
  maxUse: string | undefined,
  { wrapper }: Syslog,
): Promise<Postfix> {
  mkdirSync(join(folder, 'postfix'), { recursive: true })
  const { service, settings, smtpdOptions } = install(title, folder)
  return startPostfix(join(folder, 'postfix'), {
    service,
    // The mail comes from loopback and is to be judged all the same.
    settings: `${settings}\nmynetworks =`,
    smtpdOptions: maxUse === undefined ? smtpdOptions : `  -o max_use=${maxUse}`,
    delivery: 'discard',
    wrapper,
  })
}

/** Sends mails, two at a time; resolves to mails a second. Throws if one was refused. */
async function send({ port }: Postfix, mails: number, options: readonly string[] = []): Promise<number> {
  const envelope = ['-f', 'alice@example.org', '-t', 'bob@example.net', '-M', 'mail.example.org']
  const start = performance.now()
  const source = spawn('smtp-source', [...options, '-s', '2', '-m', String(mails), ...envelope, `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [complaints, [status]] = await Promise.all([text(source.stderr), once(source, 'exit')])
  if (status !== 0) throw new Error(`smtp-source: ${complaints}`)
  return (mails * 1000) / (performance.now() - start)
}

/** How many mails a contender has answered from its cache without a look-up. */
function hits(title: Title, syslog: Syslog): number {
  return syslog
    .text()
    .split('\n')
    .filter(line => line.includes(`${identOf(title)}[`) && /decided action=PREPEND .*rate:hard:/.test(line)).length
}

async function measure(
  contenders: Readonly<Record<Title, Postfix>>,
  syslog: Syslog,
  rounds: number,
  mails: number,
): Promise<Measured> {
  const scoring = ['ours', 'original'] as const
  for (const title of scoring)
    await waitFor(`${title}: the client is in the cache`, async () => {
      await send(contenders[title], 1)
      return hits(title, syslog) > 0
    })
  const before = scoring.map(title => hits(title, syslog))
  const rows: string[][] = []
  const targets: Record<string, boolean> = {}
  for (const [way, options] of Object.entries(WAYS)) {
    const task =
      (title: Title): Task =>
      () =>
        send(contenders[title], mails, options)
    const rates = await takeTurns(rounds, {
      none: task('none'),
      floor: task('floor'),
      ours: task('ours'),
      original: task('original'),
    })
    const share = (title: Title, of: Title): number =>
      median(rates[title].map((rate, round) => rate / (rates[of][round] ?? Number.NaN)))
    for (const title of TITLES) {
      const figures = [median(rates[title]), Math.min(...rates[title]), Math.max(...rates[title])]
      rows.push([way, title, ...figures.map(rate => rate.toFixed(0)), share(title, 'none').toFixed(2)])
    }
    targets[`${way}: ours at least ${TARGET_SHARE} of none`] = share('ours', 'none') >= TARGET_SHARE
    targets[`${way}: ours ahead of the original`] = share('ours', 'original') > 1
  }
  scoring.forEach((title, index) => {
    const sent = rounds * Object.keys(WAYS).length * mails
    const others = sent - (hits(title, syslog) - (before[index] ?? 0))
    if (others > 0) console.error(`${title}: ${others} of ${sent} mails were not answered from the cache alone`)
    if (others > sent * TOLERATED_SHARE) throw new Error(`${title} was not measured as known to its cache`)
  })
  return {
    figures: {},
    targets,
    title: 'Behind a real Postfix',
    note: `Mails a second, two at a time, ${rounds} rounds of ${mails}; of none: of what is reached without a policy service.`,
    columns: ['', '', 'median', 'lowest', 'highest', 'of none'],
    rows,
  }
}

/** The cache process of the original goes on without it. It has to log before it ends, too. */
function endOriginalCache(folder: string, { wrapper }: Syslog): void {
  const configuration = join(folder, 'original', 'original.conf')
  const [command = '', ...args] = [...wrapper, 'perl', ORIGINAL, '-f', configuration, '-k']
  spawnSync(command, args, { stdio: 'ignore' })
}

export async function measurePostfix(rounds: number, mails: number, maxUse: string | undefined): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  chmodSync(folder, 0o755)
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })]
  try {
    const dns = await startDnsServer(ZONE, { address: NAME_SERVER, port: 53 })
    ends.unshift(() => dns.close())
    const syslog = await startSyslog()
    ends.unshift(syslog.stop)
    const start = async (title: Title): Promise<Postfix> => {
      const postfix = await startContender(title, join(folder, title), maxUse, syslog)
      ends.unshift(postfix.stop)
      return postfix
    }
    const contenders = {
      none: await start('none'),
      floor: await start('floor'),
      ours: await start('ours'),
      original: await start('original'),
    }
    ends.unshift(() => endOriginalCache(folder, syslog))
    return await measure(contenders, syslog, rounds, mails)
  } finally {
    for (const end of ends) await end()
  }
}
