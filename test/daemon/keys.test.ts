/** The daemon and keys of subscribers: from a credential of systemd's, and from a file that changes. */
import { chownSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connectTo, DAEMON_USER, type DaemonProcess, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const LIST = 'zen.dq.spamhaus.net'
const REVERSED = '10.2.0.192.'

interface Asked {
  readonly daemon: DaemonProcess
  /** What stands in front of the list in the questions about one more mail. */
  readonly keysOf: () => Promise<string[]>
}

/** A daemon whose one list has a key. */
async function start(t: Test, folder: string, environment: Readonly<Record<string, string>>): Promise<Asked> {
  const dns = await startDnsServer({ 'a.root-servers.net': { A: ['198.41.0.4'] } })
  t.teardown(() => dns.close())
  const keyFile = join(folder, 'key')
  const settings = { NS: `127.0.0.1:${dns.port}`, DQS_KEY_FILE: keyFile, MAXIDLECACHE: 1 }
  const daemon = await startDaemon(join(folder, 'd'), settings, {
    environment,
    command: file => {
      // Behind what the testkit has written, which quotes with single quotes.
      writeFileSync(file, `@dnsbl_score = ("$DQS_KEY.${LIST}", 1, 0, 'ZEN');\n`, { flag: 'a' })
      return [process.execPath, EXECUTABLE, '-f', file, '-D', 'start']
    },
  })
  t.teardown(() => daemon.stop())
  let mails = 0
  const keysOf = async (): Promise<string[]> => {
    dns.queries.length = 0
    const client = await connectTo(daemon.socketPath)
    await client.ask(requestBytes(attributesOf({ instance: `i${mails++}` })), 1)
    client.socket.destroy()
    const names = dns.queries.flatMap(({ type, name }) => (type === 'A' && name.startsWith(REVERSED) ? [name] : []))
    return names.map(name => name.slice(REVERSED.length).replace(`.${LIST}`, ''))
  }
  return { daemon, keysOf }
}

/** A key that the daemon alone may read, put in place whole. */
function writeKey(path: string, key: string): void {
  writeFileSync(`${path}.new`, `${key}\n`, { mode: 0o600 })
  const { uid, gid } = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, ...DAEMON_USER.options }
  if (process.geteuid?.() === 0) chownSync(`${path}.new`, uid, gid)
  renameSync(`${path}.new`, path)
}

const readings = ({ log }: DaemonProcess): number =>
  log().filter(line => line.startsWith('configuration read again')).length

t.test('a credential of the service manager', async t => {
  const folder = socketFolder(t)
  writeKey(join(folder, 'dqs-key'), 'Credential0Key')
  const { daemon, keysOf } = await start(t, folder, { CREDENTIALS_DIRECTORY: folder })
  t.strictSame(await keysOf(), ['credential0key'])
  process.kill(daemon.pid, 'SIGHUP')
  await waitFor('the configuration to be read again', () => readings(daemon) === 1)
  t.strictSame(await keysOf(), ['credential0key'], 'and later on')
  t.notMatch(daemon.log().join('\n').toLowerCase(), 'credential0key')
})

t.test('a file that changes, and goes', async t => {
  const folder = socketFolder(t)
  const key = join(folder, 'key')
  writeKey(key, 'first0key')
  const { daemon, keysOf } = await start(t, folder, {})
  t.strictSame(await keysOf(), ['first0key'])
  writeKey(key, 'second0key')
  await waitFor('the key to be read again', () => readings(daemon) === 1)
  t.strictSame(await keysOf(), ['second0key'])
  rmSync(key)
  await waitFor('the fault to be told', () => daemon.log().some(line => line.includes('(ENOENT): write it there')))
  t.match(daemon.log().join('\n'), /the new configuration is faulty; the daemon goes on with the one it has/)
  t.strictSame(await keysOf(), ['second0key'])
})

t.test('without a key the list is not asked', async t => {
  const { daemon, keysOf } = await start(t, socketFolder(t), {})
  t.strictSame(await keysOf(), [])
  t.match(daemon.log().join('\n'), /conf-err: .*\$DQS_KEY_FILE: found .* expected a file with a key that can be read/)
})
