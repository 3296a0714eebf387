import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { describeListening, whoListens } from '../../src/daemon/who-listens.ts'
import { socketFolder } from '../../testkit/daemon-process.ts'

t.test('who listens on a port, and on a path', async t => {
  const path = join(socketFolder(t), 'socket')
  for (const host of ['127.0.0.1', '::1', undefined]) {
    const server = host === undefined ? createServer().listen(path) : createServer().listen({ host, port: 0 })
    await once(server, 'listening')
    const address = server.address()
    const target = typeof address === 'string' ? { path: address } : { port: address?.port ?? 0 }
    t.match(whoListens(target), { pid: process.pid, program: process.execPath }, host ?? path)
    server.close()
    await once(server, 'close')
    t.equal(whoListens(target), undefined, 'nobody any more')
  }
})

t.test('for people', async t => {
  const perl = { pid: 812, title: 'policyd-weight (master)', program: '/usr/bin/perl' }
  t.equal(describeListening(perl), 'process 812 (policyd-weight (master), /usr/bin/perl)')
  t.equal(describeListening({ ...perl, title: '/usr/bin/perl' }), 'process 812 (/usr/bin/perl)')
})
