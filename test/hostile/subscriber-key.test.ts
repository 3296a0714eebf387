import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from '../../testkit/executable.ts'
import { configurationText, type Parameters, requestBytes } from '../../testkit/policy-process.ts'

// Each run has another one, so that none is let through by its looks.
const KEY = randomBytes(13).toString('hex')
const HOSTS = [
  ...['zen', 'sbl', 'authbl'].map(name => `${KEY}.${name}.dq.spamhaus.net`),
  ...['combined', 'black', 'exploit'].map(name => `${KEY}.${name}.mail.abusix.zone`),
  `${KEY}.bl.dq.example.net`,
]
const DOMAIN_HOSTS = [...['dbl', 'zrd'].map(name => `${KEY}.${name}.dq.spamhaus.net`), `${KEY}.dq.example.net`]

const entries = (hosts: readonly string[], hit: number): (string | number)[] =>
  hosts.flatMap((host, index) => [host, hit, -0.5, `LIST${index}`])
const LISTS: Parameters = {
  dnsbl_score: entries(HOSTS, 0.1),
  rhsbl_score: entries(DOMAIN_HOSTS, 30),
  zone_codes: ['dq.example.net', 'secret'],
  REJECTLEVEL: 20,
  MAXDNSBLHITS: 99,
  MAXDNSBLSCORE: 999,
}

t.test('the key of a subscriber is in nothing that is answered, logged, shown or printed', async t => {
  /** How the lists are at present. */
  let state: 'listing' | 'refusing' | 'silent' | 'failing' | 'empty' = 'empty'
  const everything = [...HOSTS, ...DOMAIN_HOSTS]
  const dns = await startDnsServer(
    { 'a.root-servers.net': { A: ['198.41.0.4'] } },
    {
      tamper(reply, { name, type }) {
        if (type !== 'A' || !everything.some(host => name.endsWith(`.${host}`))) return undefined
        if (state === 'silent') return []
        if (state === 'empty') return undefined
        return [state === 'failing' ? withCode(reply, 2) : withAddress(reply, state === 'listing' ? 2 : -1)]
      },
    },
  )
  t.teardown(() => dns.close())
  const folder = t.testdir({ cache: {} })
  const logFile = join(folder, 'log')
  const settings = {
    NS: `127.0.0.1:${dns.port}`,
    LOCKPATH: `${folder}/cache/`,
    LOGFILE: logFile,
    DNS_RETRIES: 0,
    DNS_RETRY_IVAL: 1,
    CACHESIZE: 0,
    BL_ERROR_SKIP: 0,
    DEBUG: 1,
    VERBOSE: 1,
  }
  const good = join(folder, 'good')
  writeFileSync(good, configurationText({ ...settings, ...LISTS }))
  const bad = join(folder, 'bad')
  writeFileSync(
    bad,
    `${configurationText({ ...settings, ...LISTS })}\n@dnsbl_score = ('${HOSTS[0]}=127.0.0', 1, 0, 'X');\n` +
      `@rhsbl_score = (${HOSTS[3]}, 1, 0, 'X');\n$NTTL = '${DOMAIN_HOSTS[0]}';\n`,
  )
  const odd = join(folder, 'odd')
  writeFileSync(
    odd,
    `${configurationText({ ...settings, ...LISTS })}\n$MAXDNSBLMSG = '${HOSTS[0]}';\n$NS = '${HOSTS[1]}';\n`,
  )

  // The same lists, with the key in a file.
  const keyFile = join(folder, 'key')
  writeFileSync(keyFile, `${KEY}\n`, { mode: 0o640 })
  const isFiled = (host: string): boolean => /\.(?:dq\.spamhaus\.net|mail\.abusix\.zone)$/.test(host)
  const filed: Parameters = {
    ...LISTS,
    dnsbl_score: entries(HOSTS.filter(isFiled), 0.1),
    rhsbl_score: entries(DOMAIN_HOSTS.filter(isFiled), 30),
  }
  const filedText = configurationText({ ...settings, ...filed }).replaceAll(
    new RegExp(`'${KEY}(\\.[\\w.]+)'`, 'g'),
    (_, list: string) => `"$${list.endsWith('.zone') ? 'ABUSIX' : 'DQS'}_KEY${list}"`,
  )
  const keyed = join(folder, 'keyed')
  writeFileSync(keyed, `$DQS_KEY_FILE = $ABUSIX_KEY_FILE = '${keyFile}';\n${filedText}`)
  t.notMatch(readFileSync(keyed, 'latin1'), KEY, 'it can be shown around')
  const misused = join(folder, 'misused')
  writeFileSync(
    misused,
    `$DQS_KEY_FILE = $ABUSIX_KEY_FILE = '${keyFile}';\n${filedText}\n$REJECTMSG = "550 $DQS_KEY";\n` +
      `$LOCKPATH = "/$DQS_KEY";\npush @dnsbl_score, ("$DQS_KEY.example.net", 1, 0, 'X', "$ABUSIX_KEY.zen.dq.spamhaus.net", 1, 0, 'Y');\n` +
      `push @rhsbl_score, ("$DQS_KEY.zen.dq.spamhaus.net=127.0.0", 1, 0, $DQS_KEY);\n$NTTL = $DQS_KEY;\n`,
  )

  const printed: string[] = []
  const run = async (file: string, ...options: string[]): Promise<string> => {
    const input = options.some(option => option !== '-d') ? '' : request()
    const command = (): readonly string[] => [process.execPath, EXECUTABLE, '-f', file, ...options]
    const { stdout, stderr } = await tryExecutable(folder, { file, input, command })
    printed.push(`${options.join(' ')}: ${stdout}${stderr}`)
    return `${stdout}${stderr}`
  }
  let mails = 0
  const request = (): Buffer => requestBytes(attributesOf({ instance: `i${mails++}`, sender: 'x@bad.example' }))

  state = 'listing'
  t.match(
    await run(good),
    /^action=550 .*; in dbl\.dq\.spamhaus\.net; in zrd\.dq\.spamhaus\.net; in dq\.example\.net\n/,
  )
  t.match(await run(good, '-d'), / bad\.example\.dbl\.dq\.spamhaus\.net {2}127\.0\.0\.2\n/)
  t.match(await run(good, 'doctor'), /error +dq\.example\.net: lists everybody, also invalid\.dq\.example\.net: /)
  t.match(await run(keyed), /^action=550 .*; in dbl\.dq\.spamhaus\.net; in zrd\.dq\.spamhaus\.net\n/)
  t.match(await run(keyed, '-d'), / bad\.example\.dbl\.dq\.spamhaus\.net {2}127\.0\.0\.2\n/)
  t.match(await run(keyed, 'config'), /"\$DQS_KEY\.zen\.dq\.spamhaus\.net", +0\.1, -0\.5, 'LIST0',\n/)
  t.match(await run(keyed, 'config', '--json'), /"host": "\$ABUSIX_KEY\.combined\.mail\.abusix\.zone"/)
  t.match(await run(misused, 'config'), /'misplaced\.\.no-key'/)
  t.match(await run(misused), /^action=550 /)
  await run(misused, '-d')
  state = 'silent'
  t.match(await run(good), / - too many local DNS-errors in \w+\.(?:dq\.spamhaus\.net|mail\.abusix\.zone) lookups\n/)
  await run(good, '-k')
  state = 'refusing'
  await run(good)
  t.match(await run(good, '-s'), / 1 +10 {2}zen\.dq\.spamhaus\.net\n/)
  t.match(await run(good, '-s', '--json'), /"key":"zen\.dq\.spamhaus\.net"/)
  await run(good, '-d', '-s')
  t.match(await run(good, 'doctor', '--json'), /"about":"combined\.mail\.abusix\.zone"/)
  state = 'failing'
  await run(good, 'doctor')
  await run(good, '-k')
  await run(good)
  state = 'empty'
  for (let i = 0; i < 11; i++) await run(good)
  t.match(await run(good, 'doctor'), /your resolver filters 127\/8/)
  state = 'listing'
  for (const file of [good, bad, odd, keyed, misused]) {
    await run(file, 'check')
    await run(file, 'check', '--dns')
    await run(file, 'lists')
    await run(file, 'lists', '--test')
    await run(file, 'lists', '--test', '--json')
    await run(file, 'lists', '--release', 'zen.dq.spamhaus.net')
    await run(file, 'doctor')
    await run(file, 'doctor', '--json')
    await run(file, 'defaults')
    await run(file, 'status')
    await run(file, '-h')
  }
  await run(bad, '-s')
  t.match(printed.join('\n'), /error: @dnsbl_score: found nothing, expected "\." in "zen\.dq\.spamhaus\.net=127\.0\.0"/)

  const log = readFileSync(logFile, 'latin1')
  t.match(log, / warning: list zen\.dq\.spamhaus\.net refused 1 time in a row /)
  t.match(log, / warning: list dq\.example\.net failed 1 time in a row \(SERVFAIL\) /)
  t.match(log, / warning: list zen\.dq\.spamhaus\.net answers again\n/)
  t.match(log, / decided action=550 .*; in dq\.example\.net; /)
  for (const [what, text] of [['the log', log], ...printed.map(text => [text.slice(0, 20), text] as const)] as const)
    for (let at = 0; at + 8 <= KEY.length; at++)
      if (text.toLowerCase().includes(KEY.slice(at, at + 8))) {
        t.fail(`${what} has a piece of the key`, {
          line: text.split('\n').find(line => line.includes(KEY.slice(at, at + 8))),
        })
        break
      }
  t.ok(printed.length > 40, `${printed.length} outputs were looked through`)
  t.ok(
    dns.queries.some(({ name }) => name.includes(KEY)),
    'the lists were asked with it',
  )
})

/** The reply with this return code and no records. */
function withCode(reply: Buffer, rcode: number): Buffer {
  let end = 12
  while (reply[end] !== 0) end += (reply[end] as number) + 1
  const packet = Buffer.from(reply.subarray(0, end + 5))
  packet.writeUInt16BE(0x8180 | rcode, 2)
  for (const at of [6, 8, 10]) packet.writeUInt16BE(0, at)
  return packet
}

/** The reply with 127.0.0.LAST, or for -1 the code by which lists refuse. */
function withAddress(reply: Buffer, last: number): Buffer {
  const packet = withCode(reply, 0)
  packet.writeUInt16BE(1, 6)
  const address = last < 0 ? [127, 255, 255, 254] : [127, 0, 0, last]
  return Buffer.concat([packet, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address])])
}
