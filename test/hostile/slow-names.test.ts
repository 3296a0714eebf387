import { join } from 'node:path'
import t from 'tap'
import { GOOD_ANSWER, GOOD_ZONE, goodMail, SLOW_NAMES } from '../../testkit/attack-scenarios.ts'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

/** More than a worker looks up at a time. */
const SLOW = 300
const GOOD = 5

t.test('slow names of one client keep nobody else waiting, and buy no pass', async t => {
  const dns = await startDnsServer(GOOD_ZONE, { madeUp: SLOW_NAMES.says, receiveBufferBytes: 1024 * 1024 })
  t.teardown(() => dns.close())
  const daemon = await startDaemon(join(socketFolder(t), 'd'), {
    MAX_PROC: 1,
    DNS_RETRY_IVAL: 1,
    NS: `127.0.0.1:${dns.port}`,
  })
  t.teardown(() => daemon.stop())

  const slow = await Promise.all(Array.from({ length: SLOW }, () => connectTo(daemon.socketPath)))
  for (const [n, { socket }] of slow.entries()) socket.write(requestBytes(attributesOf(SLOW_NAMES.mail(n))))
  const answers = (): string[] => slow.map(client => client.received()).filter(text => text !== '')
  await waitFor('slow names to be asked', () => dns.queries.some(({ name }) => name.endsWith('.slow.example')))

  const good = await Promise.all(
    Array.from({ length: GOOD }, async (_, n) => {
      const client = await connectTo(daemon.socketPath)
      const answer = await client.ask(requestBytes(attributesOf(goodMail(n))), 1)
      return { answer, slowAnswers: answers().length }
    }),
  )
  t.equal(good[0]?.answer, GOOD_ANSWER)
  // The later ones, from the same client, may come from the cache.
  const wrong = good.filter(({ answer }) => !/; rate:(?:hard:)? -6\.1\n\n$/.test(answer))
  t.same(wrong, [], 'good mails are accepted')
  t.equal(Math.max(...good.map(({ slowAnswers }) => slowAnswers)), 0, 'while all the slow ones are under way')

  await waitFor('slow mails to be answered', () => answers().length >= GOOD)
  const unwanted = answers().filter(answer => !answer.startsWith('action=DEFER_IF_PERMIT 4.'))
  t.same([...new Set(unwanted)], [], 'slow mails are deferred')
})
