import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import dnsPacket, { type RecordType } from 'dns-packet'
import t from 'tap'
import { zoneFileText } from '../../scripts/bench/zone-file.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { type DnsZone, startDnsServer } from '../../testkit/dns-server.ts'

t.test('a zone as lines', t => {
  const cases: readonly [label: string, zone: DnsZone, want: string][] = [
    ['an address', { a: { A: ['192.0.2.1'] } }, 'a rcode 0 -\na 1 1 016100000100010000012c0004c0000201\n'],
    ['an exchange', { a: { MX: [[10, 'b.c']] } }, 'a rcode 0 -\na 15 1 016100000f00010000012c0007000a0162016300\n'],
    ['names above exist', { 'a.b.c': {} }, 'a.b.c rcode 0 -\nb.c rcode 0 -\nc rcode 0 -\n'],
    ['a return code', { a: { rcode: 'SERVFAIL' } }, 'a rcode 2 -\n'],
  ]
  for (const [label, zone, want] of cases) t.equal(zoneFileText(zone), want, label)
  t.throws(() => zoneFileText({ a: { drop: true } }), /a: drop cannot be written/)
  t.end()
})

/** What a server replies to a question. */
async function ask(address: string, port: number, name: string, type: RecordType): Promise<unknown> {
  const socket = createSocket('udp4')
  try {
    const query = dnsPacket.encode({ id: 1, type: 'query', flags: 0x100, questions: [{ name, type }] })
    socket.send(query, port, address)
    const [reply] = await once(socket, 'message')
    const { flags = 0, questions, answers = [] } = dnsPacket.decode(reply)
    // Names in answers may be in the question's case or the zone's.
    return { rcode: flags & 15, questions, answers: answers.map(each => ({ ...each, name: each.name.toLowerCase() })) }
  } finally {
    socket.close()
  }
}

t.test('the server of the benchmarks answers as that of the tests', async t => {
  const folder = t.testdir()
  const program = join(folder, 'dns-server')
  execFileSync('cc', ['-std=gnu17', '-O1', '-o', program, 'scripts/bench/dns-server.c'])
  writeFileSync(join(folder, 'zone'), zoneFileText(DEMO_ZONE))
  const counts = join(folder, 'counts')
  const reference = await startDnsServer(DEMO_ZONE)
  // The same port of another address, where nobody else is.
  const address = '127.83.7.1'
  const server: ChildProcess = spawn(program, [join(folder, 'zone'), counts, `${address}/5/${reference.port}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  t.teardown(async () => {
    server.kill('SIGKILL')
    await reference.close()
  })
  while (!existsSync(counts)) {
    if (server.exitCode !== null) throw new Error('the server has ended')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  const names = [...Object.keys(DEMO_ZONE), 'test', 'absent.example', 'MAIL.example.org', 'spamhaus.org']
  const types: readonly RecordType[] = ['A', 'AAAA', 'MX', 'PTR', 'TXT']
  let asked = 0
  for (const name of names)
    for (const type of types) {
      const startMs = performance.now()
      t.same(
        await ask(address, reference.port, name, type),
        await ask('127.0.0.1', reference.port, name, type),
        `${name} ${type}`,
      )
      t.ok(performance.now() - startMs >= 4.9, 'the reply is late')
      t.equal(readFileSync(counts).readBigUInt64LE(0), BigInt(++asked), 'the query is counted')
    }
})
