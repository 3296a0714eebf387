/**
 * What the service costs a real Postfix (`npm run bench:postfix [-- --rounds 11 --mails 200 --max-use 1000 --strict]`).
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
 * All take turns, in another order each round. Rates are medians; `of none` is the median of what each round reached of
 * the same round without a service, so that a machine which does other work meanwhile does it to both.
 *
 * Needs root, Debian's packages postfix and policyd-weight, and the user polw. A mail that is refused is an error; so are
 * more than a few that did not come from the cache, which are counted. A target that is missed is shown, and with --strict
 * it is exit status 1.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'
import { installService, makePolwDirectory } from '../../testkit/installation.ts'
import { type Example, readExample } from '../../testkit/master-cf-example.ts'
import { configurationText, type Parameters } from '../../testkit/policy-process.ts'
import { type Postfix, startPostfix } from '../../testkit/postfix-instance.ts'
import { type Syslog, startSyslog } from '../../testkit/syslog.ts'
import { withDefaults } from './full-configuration.ts'

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

const WAYS = [
  { title: 'a connection for each mail', options: [] },
  { title: 'two connections', options: ['-d'] },
] as const
type Way = (typeof WAYS)[number]

interface Contender {
  readonly title: 'none' | 'floor' | 'ours' | 'original'
  readonly postfix: Postfix
  /** Mails a second, of each round. */
  readonly rates: ReadonlyMap<Way, number[]>
}

/** The identity that a contender's log lines carry. */
function identOf(title: Contender['title']): string {
  return `bench/${title}`
}

/** Makes the folder of a contender, with what its service needs. */
function install(title: Contender['title'], folder: string): Example {
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
      writeFileSync(installed.configuration, withDefaults(readFileSync(installed.configuration, 'utf8')))
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
  title: Contender['title'],
  folder: string,
  maxUse: string | undefined,
  syslog: Syslog,
): Promise<Contender> {
  mkdirSync(join(folder, 'postfix'), { recursive: true })
  const { service, settings, smtpdOptions } = install(title, folder)
  const options = {
    service,
    // The mail comes from loopback and is to be judged all the same.
    settings: `${settings}\nmynetworks =`,
    smtpdOptions: maxUse === undefined ? smtpdOptions : `  -o max_use=${maxUse}`,
    delivery: 'discard',
    wrapper: syslog.wrapper,
  } as const
  return {
    title,
    postfix: await startPostfix(join(folder, 'postfix'), options),
    rates: new Map(WAYS.map(way => [way, []])),
  }
}

/** Sends mails, two at a time; resolves to mails a second. Throws if one was refused. */
async function send(port: number, mails: number, { options }: Way = WAYS[0]): Promise<number> {
  const envelope = ['-f', 'alice@example.org', '-t', 'bob@example.net', '-M', 'mail.example.org']
  const start = performance.now()
  const source = spawn('smtp-source', [...options, '-s', '2', '-m', String(mails), ...envelope, `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [complaints, [status]] = await Promise.all([text(source.stderr), once(source, 'exit')])
  if (status !== 0) throw new Error(`smtp-source: ${complaints}`)
  return (mails * 1000) / (performance.now() - start)
}

/** Sends single mails until one is answered from the cache without a look-up. */
async function warmUp({ title, postfix }: Contender, syslog: Syslog): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    await send(postfix.port, 1)
    if (hits(title, syslog) > 0) return
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  throw new Error(`${title}: the client does not get into the cache\n${syslog.text()}\n${postfix.log()}`)
}

/** How many mails a contender has answered from its cache without a look-up. */
function hits(title: Contender['title'], syslog: Syslog): number {
  return syslog
    .text()
    .split('\n')
    .filter(line => line.includes(`${identOf(title)}[`) && /decided action=PREPEND .*rate:hard:/.test(line)).length
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function measure(
  contenders: readonly Contender[],
  syslog: Syslog,
  options: { rounds: number; mails: number },
): Promise<void> {
  const { rounds, mails } = options
  const scoring = contenders.filter(({ title }) => title !== 'none' && title !== 'floor')
  for (const contender of scoring) await warmUp(contender, syslog)
  const before = new Map(scoring.map(({ title }) => [title, hits(title, syslog)]))
  for (let round = 0; round < rounds; round++)
    for (const way of WAYS)
      for (let i = 0; i < contenders.length; i++) {
        const { postfix, rates } = contenders[(round + i) % contenders.length] as Contender
        rates.get(way)?.push(await send(postfix.port, mails, way))
      }
  for (const { title } of scoring) {
    const answered = hits(title, syslog) - (before.get(title) ?? 0)
    const sent = rounds * WAYS.length * mails
    const others = sent - answered
    if (others > 0) console.log(`${title}: ${others} of ${sent} mails were not answered from the cache alone`)
    if (others > sent * TOLERATED_SHARE) throw new Error(`${title} was not measured as known to its cache`)
  }
}

/** Prints the table of a way; returns how many targets were missed. */
function report(contenders: readonly Contender[], way: Way): number {
  const ratesOf = (title: Contender['title']): readonly number[] =>
    contenders.find(contender => contender.title === title)?.rates.get(way) ?? []
  const share = (title: Contender['title'], of: Contender['title']): number =>
    median(ratesOf(title).map((rate, round) => rate / (ratesOf(of)[round] ?? Number.NaN)))
  console.log(`\n${way.title.padEnd(28)}${['median', 'lowest', 'highest', 'of none'].map(cell).join('')}   (mails/s)`)
  for (const { title } of contenders) {
    const rates = ratesOf(title)
    const figures = [median(rates), Math.min(...rates), Math.max(...rates)].map(rate => cell(rate.toFixed(0)))
    console.log(`${title.padEnd(28)}${figures.join('')}${cell(share(title, 'none').toFixed(2))}`)
  }
  const targets = [
    { title: `ours at least ${TARGET_SHARE} of none`, isMet: share('ours', 'none') >= TARGET_SHARE },
    { title: 'ours ahead of the original', isMet: share('ours', 'original') > 1 },
  ]
  for (const { title, isMet } of targets) console.log(`${isMet ? 'ok  ' : 'MISS'} ${title}`)
  return targets.filter(({ isMet }) => !isMet).length
}

function cell(text: string): string {
  return text.padStart(9)
}

/** The cache process of the original goes on without it. It has to log before it ends, too. */
function endOriginalCache(folder: string, { wrapper }: Syslog): void {
  const configuration = join(folder, 'original', 'original.conf')
  const [command = '', ...args] = [...wrapper, 'perl', ORIGINAL, '-f', configuration, '-k']
  spawnSync(command, args, { stdio: 'ignore' })
}

async function main(options: { rounds: number; mails: number; maxUse?: string }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-bench-'))
  chmodSync(folder, 0o755)
  const contenders: Contender[] = []
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })]
  try {
    const dns = await startDnsServer(ZONE, { address: NAME_SERVER, port: 53 })
    ends.unshift(() => dns.close())
    const syslog = await startSyslog()
    ends.unshift(syslog.stop)
    for (const title of ['none', 'floor', 'ours', 'original'] as const) {
      const contender = await startContender(title, join(folder, title), options.maxUse, syslog)
      ends.unshift(contender.postfix.stop)
      contenders.push(contender)
    }
    ends.unshift(() => endOriginalCache(folder, syslog))
    const { rounds, mails, maxUse = 'as in master.cf.example' } = options
    console.log(`Node ${process.version}, ${rounds} rounds of ${mails} mails, two at a time, max_use: ${maxUse}`)
    await measure(contenders, syslog, options)
    return WAYS.reduce((missed, way) => missed + report(contenders, way), 0)
  } finally {
    for (const end of ends) await end()
  }
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    mails: { type: 'string', default: '200' },
    'max-use': { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
})
const missed = await main({
  rounds: Number(values.rounds),
  mails: Number(values.mails),
  ...(values['max-use'] !== undefined && { maxUse: values['max-use'] }),
})
process.exitCode = values.strict && missed > 0 ? 1 : 0
