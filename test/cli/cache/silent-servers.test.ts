import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SilentServers, serverNumber } from '../../../src/cache/servers.ts'
import { openStore, Store } from '../../../src/cache/store.ts'
import { readSilentServers } from '../../../src/cli/cache/silent-servers.ts'
import { monotonicMs } from '../../../src/system/clock.ts'
import { testNative } from '../../../testkit/native.ts'

const SERVERS = [1, 2].map(n => ({ address: `192.0.2.${n}`, port: 53, family: 4 as const }))

t.test('what the cache file knows of name servers', t => {
  const directory = join(t.testdir(), 'cache')
  mkdirSync(directory)
  const path = join(directory, 'x.cache')
  t.equal(readSilentServers(SERVERS, path), undefined, 'nobody knows')
  const limit = { size: 10, maxSize: 20 }
  const limits = { spam: limit, ham: limit }
  const store = openStore({
    directory,
    fileName: 'x.cache',
    limits,
    configuration: 1,
    native: testNative(),
    nowMs: Date.now,
    warn() {},
  })
  if (!(store instanceof Store)) throw new Error(store.why)
  t.same(readSilentServers(SERVERS, path), { silent: [], isOutage: false })
  const note = (server: string, agoMs: number) =>
    store.transact(tables => {
      const servers = new SilentServers(tables.words, tables.serversAt)
      servers.note(serverNumber(server), true, monotonicMs() - agoMs)
    })
  note('192.0.2.2:53', 74_500)
  t.same(readSilentServers(SERVERS, path), { silent: [{ server: '192.0.2.2:53', seconds: 74 }], isOutage: false })
  note('192.0.2.1:53', 500)
  t.match(readSilentServers(SERVERS, path), { isOutage: true })
  store.close()
  t.end()
})
