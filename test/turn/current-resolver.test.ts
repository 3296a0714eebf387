import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { describeServer } from '../../src/dns/name-server.ts'
import type { OpenTransport } from '../../src/dns/transport.ts'
import { CurrentResolver } from '../../src/turn/current-resolver.ts'
import { newTables } from '../support/tables.ts'

const FIRST = 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n'

/** A resolver over resolv.conf in a folder of the test, with a clock, and no network. */
function over(t: Test, text: string | undefined, NS: string[] = []) {
  const folder = t.testdir(text === undefined ? {} : { 'resolv.conf': text })
  const path = join(folder, 'resolv.conf')
  const opened: string[] = []
  const closed: string[] = []
  const transport: OpenTransport = servers => {
    const name = servers.map(describeServer).join(' ')
    opened.push(name)
    return {
      send() {},
      renew() {},
      exchange: () => () => {},
      wakeAt() {},
      rest: async () => {},
      close: () => void closed.push(name),
    }
  }
  const clock = { nowMs: 1000 }
  const tables = newTables()
  const resolvers = new CurrentResolver({
    config: builtinConfig({ NS }),
    transport,
    host: { cache: { transact: use => use(tables) }, warn() {}, now: () => clock.nowMs },
    path,
    now: () => clock.nowMs,
  })
  return { path, opened, closed, clock, resolvers }
}

t.test('what resolv.conf names is asked from the next second on, in the process that is there', t => {
  const [one, other] = ['192.0.2.1:53 192.0.2.2:53', '192.0.2.9:53']
  const { path, opened, closed, clock, resolvers } = over(t, FIRST)
  const taken = resolvers.take()
  writeFileSync(`${path}.new`, 'nameserver 192.0.2.9\n')
  renameSync(`${path}.new`, path)
  clock.nowMs += 999
  t.equal(resolvers.take(), taken)
  clock.nowMs += 1
  const next = resolvers.take()
  t.not(next, taken)
  t.same(opened, [one, other])
  t.same(next.servers.map(describeServer), [other])
  t.same(closed, [], 'two mails still ask the others')
  resolvers.leave(taken)
  t.same(closed, [])
  resolvers.leave(taken)
  t.same(closed, [one])
  resolvers.leave(next)
  t.same(closed, [one], 'the next mail needs it')
  clock.nowMs += 1000
  writeFileSync(path, FIRST)
  resolvers.leave(resolvers.take())
  t.same(closed, [one, other], 'at once, if nobody uses it')
  resolvers.close()
  t.same(closed, [one, other, one])
  t.end()
})

t.test('what does not change the name servers changes nothing', t => {
  const cases: { label: string; before: string | undefined; after: string | undefined; want: string[] }[] = [
    { label: 'a remark', before: FIRST, after: `# hello\n${FIRST}search example.org\n`, want: [] },
    { label: 'an empty file, which is being written', before: FIRST, after: '', want: [] },
    { label: 'no file', before: FIRST, after: undefined, want: [] },
    {
      label: 'another order is another first server',
      before: FIRST,
      after: `nameserver 192.0.2.2\n${FIRST}`,
      want: ['192.0.2.2:53 192.0.2.1:53 192.0.2.2:53'],
    },
    { label: 'the address that served for want of any', before: undefined, after: 'nameserver 127.0.0.1\n', want: [] },
    { label: 'the first file', before: undefined, after: 'nameserver 192.0.2.1\n', want: ['192.0.2.1:53'] },
  ]
  for (const { label, before, after, want } of cases)
    t.test(label, t => {
      const { path, opened, clock, resolvers } = over(t, before)
      if (after === undefined) rmSync(path)
      else writeFileSync(path, after)
      clock.nowMs += 1000
      resolvers.leave(resolvers.take())
      t.same(opened.slice(1), want)
      t.end()
    })
  t.end()
})

t.test('with $NS nobody reads resolv.conf', t => {
  const { path, opened, clock, resolvers } = over(t, FIRST, ['192.0.2.7'])
  writeFileSync(path, 'nameserver 192.0.2.8\n')
  clock.nowMs += 10_000
  resolvers.take()
  t.same(opened, ['192.0.2.7:53'])
  t.end()
})

t.test('what is known of servers does not pass to those that take their place', async t => {
  const { path, clock, resolvers } = over(t, FIRST)
  const { watch, resolver } = resolvers.take()
  watch?.silent([0, 1], true, 0)
  await watch?.rest(resolver, 0)
  writeFileSync(path, 'nameserver 192.0.2.3\nnameserver 192.0.2.4\n')
  clock.nowMs += 1000
  const next = resolvers.take()
  t.equal(await next.watch?.isOutage(next.resolver), false)
  t.same(next.watch?.order, [0, 1])
})
