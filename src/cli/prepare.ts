/**
 * `policyd-weight prepare`: does once what each start would have to do, and keeps the result beside the executable: the
 * native part, compiled code, and what the configuration says.
 *
 * For the Node that runs it; an administrator runs it as root after installing the file, and again after an update of
 * Node. Without it everything works, each start takes some milliseconds longer.
 *
 * The executable answers a few requests made up here, as a process of its own with a small program loaded in front of
 * it that keeps what V8 has compiled by then: the functions a request really calls, and no others. Its DNS is a
 * responder in this process, its configuration, cache and log lie in a temporary folder. The first time it reads the
 * configuration, every parameter of it, with the full reader; then it finds it kept.
 *
 * Failure: a message and exit status 73 (EX_CANTCREAT): the directory cannot be written, or the process did not come to
 * an end. Nothing else changes. That the configuration cannot be kept is said, and is no failure.
 */

import { spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { messageOf } from '../system/errno.ts'
import { keep } from '../config/keep.ts'
import { identityOf, keptPlaces, SETTLED_MS } from '../config/kept.ts'
import { type LoadOptions, loadConfig } from '../config/load.ts'
import { ownersBeside } from '../exceptions/exceptions-file.ts'
import { ADDON, EXECUTABLE, type Executable } from '../system/executable.ts'
import { EXIT_CANNOT_CREATE } from '../system/exit-status.ts'
import { preparedPath, renderPrepared } from '../boot/prepared.ts'
import { writeWhole } from '../system/write-whole.ts'
import { renderDefaults } from './defaults.ts'

const TIMEOUT_MS = 30_000

/**
 * Loaded in front of the executable: keeps each script by its name, and at the end writes the code of all as JSON.
 *
 * The baseline compiler is off meanwhile: V8 notes in prepared code what it has compiled, and each start would take that
 * up at the first call. Flags have to be as they were when the code is made.
 */
const RECORDER = `
  const vm = require('node:vm')
  const { setFlagsFromString } = require('node:v8')
  setFlagsFromString('--no-sparkplug')
  const scripts = {}
  vm.Script = class extends vm.Script {
    constructor(text, options) {
      super(text, options)
      const name = /^policyd-weight:(.*)/.exec(options?.filename)?.[1]
      if (name !== undefined) scripts[name] = this
    }
  }
  process.on('exit', () => {
    setFlagsFromString('--sparkplug')
    const code = Object.entries(scripts).map(([name, script]) => [name, script.createCachedData().toString('base64')])
    require('node:fs').writeFileSync(process.env.POLICYD_WEIGHT_RECORD, JSON.stringify(Object.fromEntries(code)))
  })
  const { dlopen } = process
  process.dlopen = (module, path) => {
    dlopen(module, path)
    module.exports.leave = status => process.exit(status)
  }
`

type Request = Readonly<Record<string, string>>

const MAIL = {
  request: 'smtpd_access_policy',
  client_address: '192.0.2.10',
  client_name: 'mail.example.org',
  helo_name: 'mail.example.org',
  sender: 'a@example.org',
  recipient: 'b@example.net',
}

/** Listed by every list that is asked. */
const LISTED = { ...MAIL, client_address: '198.51.100.7', client_name: 'unknown', helo_name: 'a.b.invalid' }

/** Somebody else. */
const FIRST_REQUESTS: readonly Request[] = [{ ...MAIL, client_address: '198.51.100.9' }]

/** What happens often: scored, known for long, known but asked about anew, known for this mail, rejected, rejected again, exempt, no sender. */
const REQUESTS: readonly Request[] = [
  { ...MAIL, instance: '1' },
  { ...MAIL, instance: '2' },
  { ...MAIL, instance: '3' },
  { ...MAIL, instance: '3' },
  { ...MAIL, instance: '4', client_address: '198.51.100.8', helo_name: 'a.b.invalid', sender: 'x@c.d.invalid' },
  { ...LISTED, instance: '5' },
  { ...LISTED, instance: '6' },
  { ...MAIL, instance: '7', client_address: '203.0.113.5' },
  { ...MAIL, sender: '' },
]

/** Of each kind one; all mails but one are looked up in vain. */
const EXCEPTIONS = `203.0.113.5 ACCEPT
2001:db8::/32 ACCEPT until=9999-12-31 # a note
.example.com SKIP
helo:friend ACCEPT
recipient:.example.com DRY
sender:.example.com ACCEPT
`

const TXT = 16
const SPF_RECORD = 'v=spf1 ip4:203.0.113.0/24 mx -all'
/** As it is on the wire: its lengths in front. */
const SPF_DATA = [0, SPF_RECORD.length + 1, SPF_RECORD.length, ...Buffer.from(SPF_RECORD)]

/** Prepares the executable that runs, for this configuration; returns what to print and the exit status. */
export async function prepare(options: LoadOptions): Promise<{ readonly text: string; readonly status: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-prepare-'))
  try {
    if (!EXECUTABLE) throw new Error('this is not the executable')
    const lines = [
      ...writeNativePart(EXECUTABLE),
      await writeCode(EXECUTABLE, folder),
      await keepConfiguration(options),
      ...(await keepExceptions(options)),
    ]
    return { text: `${lines.join('\n')}\n`, status: 0 }
  } catch (error) {
    const why = messageOf(error)
    return {
      text: `policyd-weight prepare: ${why}\nEach start compiles anew; mail is answered all the same.\n`,
      status: EXIT_CANNOT_CREATE,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Puts the native part beside the executable and takes those of other builds away; what to print. */
function writeNativePart(executable: Executable): string[] {
  const [addon, path] = [executable.unpack(`${ADDON}${process.arch}`), executable.addonPath]
  if (addon === undefined || path === undefined) return ['no native part for this machine: compiled code is not used']
  const [folder, prefix, suffix] = [dirname(path), basename(executable.path), `.${process.arch}.node`]
  for (const name of readdirSync(folder)) {
    const digest =
      name.startsWith(`${prefix}.`) && name.endsWith(suffix) && name.slice(prefix.length + 1, -suffix.length)
    if (digest && /^[0-9a-f]{16}$/.test(digest) && join(folder, name) !== path) rmSync(join(folder, name))
  }
  writeWhole(path, addon, { mode: 0o644 })
  return [`${path}: the native part`]
}

async function writeCode(executable: Executable, folder: string): Promise<string> {
  const codes = await record(executable, folder)
  const path = preparedPath(executable.path)
  const inOrder = executable.names.map(name => Buffer.from(codes[name] ?? '', 'base64'))
  writeWhole(path, renderPrepared(executable.buildId, inOrder, executable.sum), { mode: 0o644 })
  const bytes = inOrder.reduce((total, code) => total + code.length, 0)
  return `${path}: ${bytes} bytes of compiled code for Node ${process.version}`
}

/** Keeps what the configuration says; what to print. */
async function keepConfiguration(options: LoadOptions): Promise<string> {
  let loaded = await loadConfig(options)
  let outcome = loaded.keep?.()
  if (outcome?.kind === 'young') {
    await setTimeout(SETTLED_MS)
    loaded = await loadConfig(options)
    outcome = loaded.keep?.()
  }
  const { path, findings } = loaded
  if (path === undefined) return 'no configuration file: nothing to keep of it'
  if (outcome?.kind === 'kept') return `${outcome.place}: what ${path} says`
  const why = outcome?.kind === 'not-kept' ? outcome.why : findings[0]?.message
  return why === undefined ? `${path}: kept already` : `${path}: read at each start: ${why}`
}

/** Keeps what the exceptions are; what to print. */
async function keepExceptions(options: LoadOptions): Promise<string[]> {
  const { config, path } = await loadConfig(options)
  const { EXCEPTIONS: file } = config
  if (!file.startsWith('/')) return []
  const { compileExceptions } = await import('../exceptions/compile-exceptions.ts')
  const compile = () => compileExceptions(file, ownersBeside(path), Date.now(), keptPlaces(file, 'exceptions'))
  let compiled = compile()
  let outcome = compiled?.kind === 'compiled' ? compiled.keep() : undefined
  if (outcome?.kind === 'young') {
    await setTimeout(SETTLED_MS)
    compiled = compile()
    outcome = compiled?.kind === 'compiled' ? compiled.keep() : undefined
  }
  if (compiled === undefined) return []
  if (outcome?.kind === 'kept') return [`${outcome.place}: the exceptions of ${file}`]
  const why = outcome?.kind === 'not-kept' ? outcome.why : compiled.kind === 'refused' ? compiled.message : undefined
  return [why === undefined ? `${file}: kept already` : `${file}: ${why}`]
}

/** Runs the executable on the requests; the code of each program by its name, in base64. */
async function record(executable: Executable, folder: string): Promise<Readonly<Record<string, string>>> {
  const dns = createSocket('udp4')
  dns.on('message', (query, from) => dns.send(answerQuery(query), from.port, from.address))
  dns.bind(0, '127.0.0.1')
  await once(dns, 'listening')
  const path = join(folder, 'conf')
  const exceptions = join(folder, 'exceptions')
  const exceptionsPlaces = keptPlaces(exceptions, 'exceptions')
  try {
    writeFileSync(join(folder, 'recorder.cjs'), RECORDER)
    mkdirSync(join(folder, 'cache'))
    writeFileSync(path, configuration(folder, dns))
    writeFileSync(exceptions, EXCEPTIONS, { mode: 0o644 })
    const recorded = join(folder, 'code.json')
    const recordWith = async (requests: readonly Request[]): Promise<Readonly<Record<string, string>>> => {
      const options = ['--require', join(folder, 'recorder.cjs')]
      await tryOut(executable, folder, requests, options, { POLICYD_WEIGHT_RECORD: recorded })
      return JSON.parse(readFileSync(recorded, 'utf8'))
    }
    // Making the cache's file, which happens once, is not to be among what each start loads.
    await tryOut(executable, folder, FIRST_REQUESTS, [], {})
    const reading = await recordWith(REQUESTS.slice(0, 1))
    const { config, findings } = await loadConfig({ file: path })
    // Nobody else changes it: it need not have been left alone for a while.
    keep({ config, findings }, [{ path, identity: identityOf(path) }], Number.POSITIVE_INFINITY, keptPlaces(path))
    const { compileExceptions } = await import('../exceptions/compile-exceptions.ts')
    const compiled = compileExceptions(exceptions, ownersBeside(path), Date.now(), exceptionsPlaces, true)
    if (compiled?.kind === 'compiled') compiled.keep()
    return { ...reading, ...(await recordWith(REQUESTS)) }
  } finally {
    dns.close()
    for (const place of [...keptPlaces(path), ...exceptionsPlaces]) rmSync(place, { force: true })
  }
}

async function tryOut(
  executable: Executable,
  folder: string,
  requests: readonly Request[],
  options: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(process.execPath, [...options, executable.path, '-f', join(folder, 'conf')], {
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: TIMEOUT_MS,
  })
  child.stdin.end(requests.map(toText).join(''))
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`a trial run ended with status ${status}`)
}

/**
 * Every parameter, in every way to write one, those of today's rules on: nearly all that the others do is done then, too. Entries are old at once, and
 * then good for one mail.
 */
function configuration(folder: string, dns: Socket): string {
  const path = folder.replace(/[\\']/g, '\\$&')
  const own = `$NS = '127.0.0.1:${dns.address().port}';
$LOCKPATH = '${path}/cache/';
$LOGFILE = '${path}/log';
$LEDGER = '${path}/ledger';
$EXCEPTIONS = '${path}/exceptions';
$JOURNAL = '${path}/journal';
$REJECTMSG = "550 Rejected";
$TEMP_PTIME = 0;
$PTTL = 1;
1;
`
  return renderDefaults({ profile: 'modern', isFull: true }).replace(/1;\n$/, () => own)
}

function toText(request: Request): string {
  const lines = Object.entries(request).map(([name, value]) => `${name}=${value}\n`)
  return `${lines.join('')}\n`
}

/**
 * Answers a query: an A record with the trial mail's client for the names of example.org, an MX record that leads there, an SPF
 * record that names both, a listing for the listed client, and NXDOMAIN for all else. The query's own name is pointed at; its OPT record is left out.
 */
function answerQuery(query: Buffer): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5
  const type = query.readUInt16BE(questionEnd - 4)
  const isListed = query.includes('\x017\x03100\x0251\x03198', 12, 'latin1') && type === 1
  const isKnown = query.includes('\x07example\x03org\0', 12, 'latin1') && (type === 1 || type === 15 || type === TXT)
  const address = isListed ? [127, 0, 0, 2] : [192, 0, 2, 10]
  const data = type === 1 ? [0, 4, ...address] : type === TXT ? SPF_DATA : [0, 4, 0, 10, 0xc0, 12]
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, ...data])
  const question = query.subarray(0, questionEnd)
  const reply = Buffer.concat(isKnown || isListed ? [question, record] : [question])
  reply.writeUInt16BE(isKnown || isListed ? 0x8180 : 0x8183, 2)
  reply.writeUInt16BE(isKnown || isListed ? 1 : 0, 6)
  reply.writeUInt16BE(0, 10)
  return reply
}
