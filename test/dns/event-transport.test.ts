import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { pooledTransport } from '../../src/dns/event-transport.ts'
import { bundleProgram } from '../../testkit/node-program.ts'
import { local, refusingServer } from '../support/name-servers.ts'
import { waitFor } from '../../testkit/wait-for.ts'

t.test('a pool: packets leave from several ports, and replies to all of them are handed over', async t => {
  const POOL = 4
  const PACKETS = 200
  const server = createSocket('udp4')
  const ports = new Set<number>()
  server.on('message', (query, { port, address }) => {
    ports.add(port)
    server.send(query, port, address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const received = new Set<number>()
  const allReceived = new Promise<void>(resolve => {
    const events = {
      received: (_server: number, datagram: Buffer) => {
        if (received.add(datagram.readUInt16BE(0)).size === PACKETS) resolve()
      },
      unreachable: () => t.fail('it is there'),
      timeUp: () => t.fail('no time was set'),
    }
    const transport = pooledTransport(POOL)([local(server.address())], events)
    t.teardown(() => transport.close())
    for (let i = 0; i < PACKETS; i++) transport.send(0, Buffer.from([i >> 8, i & 255]), 0, true)
  })
  await allReceived
  // That all of 200 packets take one of four ways happens once in 10^119 runs.
  t.ok(ports.size > 1 && ports.size <= POOL, `${ports.size} ports`)
})

t.test('a server that is not there is noticed, however many packets leave for it together', async t => {
  for (const sockets of [1, 4])
    for (let packets = 1; packets <= 9; packets++) {
      let noticed = 0
      const events = {
        received: () => t.fail('nobody is there'),
        unreachable: () => noticed++,
        timeUp: () => t.fail('no time was set'),
      }
      const transport = pooledTransport(sockets)([await refusingServer()], events)
      t.teardown(() => transport.close())
      for (let left = packets; left > 0; left--) transport.send(0, Buffer.from('query'), 0, left === 1)
      await waitFor('it is noticed', () => noticed > 0)
      t.pass(`${packets} packets, ${sockets} sockets`)
    }
})

t.test('where no descriptor is free the server is unreachable, and asked again', async t => {
  const program = join(t.testdir(), 'no-descriptors.cjs')
  bundleProgram('test/dns/no-descriptors.ts', program)
  const server = createSocket('udp4', (query, { port, address }) => server.send(query, port, address))
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const script = 'ulimit -n 64; exec "$0" "$@"'
  const args = ['-c', script, process.execPath, program, String(server.address().port)]
  const { stdout } = await promisify(execFile)('sh', args, { env: {} })
  t.equal(stdout, 'sent, unreachable, received')
})
