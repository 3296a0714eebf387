import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf, EXECUTABLE, type Tried, tryExecutable } from '../../testkit/executable.ts'
import { configurationText, requestBytes } from '../../testkit/policy-process.ts'

t.test('the executable shows and empties what its processes share', async t => {
  const dns = await startDnsServer({})
  t.teardown(() => dns.close())
  const folder = t.testdir({ cache: {} })
  const file = join(folder, 'conf')
  const parameters = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${folder}/cache/`, LOGFILE: join(folder, 'log') }
  writeFileSync(file, configurationText(parameters))
  const run = (options: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Tried> =>
    tryExecutable(folder, { file, input, command: path => [process.execPath, EXECUTABLE, '-f', path, ...options] })
  const request = requestBytes(attributesOf({ sender: 'win@example.com', client_name: 'unknown' }))

  t.match(await run(['-s']), { status: 69, stdout: '', stderr: /^policyd-weight: there is no / })
  t.match(await run(['-k']), { status: 69, stdout: '', stderr: /nothing to empty/ })
  const first = await run([], request)
  t.match(first, { status: 0, stdout: /^action=\w/, stderr: '' })
  const asked = dns.queries.length
  t.match(await run([], request), { status: 0, stdout: / \(multirecipient mail\)\n\n$/, stderr: '' })
  t.equal(dns.queries.length, asked, 'a second process knows the mail')

  t.match(await run(['-s']), { status: 0, stdout: /other recipients \(1\)\n.* requests +2\n/s, stderr: '' })
  const { stdout } = await run(['-s', '--json'])
  t.match(JSON.parse(stdout), { messages: [{ instance: 'i1', client: '192.0.2.10' }], counters: { messageHits: 1 } })
  t.match(await run(['-d', '-s']), { status: 69 }, '-d has a cache of its own')
  await run(['-d'], request)
  t.match(await run(['-d', '-s', '--json']), { status: 0, stdout: /"messageHits":0/ })
  t.match(await run(['check']), { status: 0, stdout: /: (?:note|warning): / })

  t.match(await run(['-k']), { status: 0, stdout: /emptied \(forgotten: / })
  t.ok(existsSync(join(folder, 'cache', 'policyd-weight.cache')))
  t.ok(existsSync(join(folder, 'cache', 'policyd-weight.cache.debug')), 'that of -d stays')
  t.match(await run(['-d', '-k']), { status: 0 })
  t.match(await run(['-s', '-k']), { status: 64, stderr: /mutually exclusive/ })
  t.match(await run(['--json']), { status: 64, stderr: /json -> s/ })
})
