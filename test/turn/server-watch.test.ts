import t from 'tap'
import { ServerWatch } from '../../src/turn/server-watch.ts'
import { newTables } from '../support/tables.ts'

const SERVERS = [1, 2].map(n => ({ address: `192.0.2.${n}`, port: 53, family: 4 as const }))
const prober = { probe() {}, async rest() {} }

t.test('as long as all is well nobody looks at anything', async t => {
  const host = { cache: { transact: () => void t.fail('the cache is not asked') as undefined }, warn() {} }
  const watch = new ServerWatch(SERVERS, host)
  t.same(watch.order, [0, 1])
  watch.heard(0)
  watch.clear()
  await watch.rest(prober)
  t.notOk(watch.isProbing)
})

t.test('a server that is silent is noted before anything is waited for', async t => {
  const tables = newTables()
  const watch = new ServerWatch(SERVERS, { cache: { transact: use => use(tables) }, warn() {} })
  watch.silent([0], false, 0)
  t.ok(watch.isProbing, 'there is something to be done')
  await watch.rest(prober, 0)
  t.notOk(watch.isProbing)
  t.same(watch.order, [1, 0])
  t.ok(tables.hasSilentServers)
  watch.silent([1], false, 0)
  t.same(watch.order, [0, 1], 'the next one at once')
  watch.heard(1)
  t.same(watch.order, [1, 0])
  t.equal(await watch.isOutage(prober), false)
  watch.clear()
  t.same(watch.order, [0, 1])
})
