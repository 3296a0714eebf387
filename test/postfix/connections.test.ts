import t from 'tap'
import { DEMO_MAILS, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { headersOf } from './support/header.ts'
import { asked } from './support/policy-kill.ts'
import { startSite } from './support/site.ts'

const secondOfNow = (): number => Math.floor(Date.now() / 1000)
const listed = DEMO_MAILS.find(({ client }) => client === '203.0.113.66') ?? GOOD_MAIL

t.test('50 mails on one connection take one process', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  const smtp = await site.connect(GOOD_MAIL)
  const pids = new Set<number>()
  for (let i = 0; i < 50; i++) {
    const { mail } = await smtp.send({ sender: `alice.${i}@example.org` })
    t.equal(mail?.code, 250, `mail ${i}`)
    for (const pid of site.policyPids()) pids.add(pid)
  }
  t.equal(pids.size, 1)
  const mails = await site.delivered(50)
  t.ok(mails.every(text => headersOf(text).length === 1))
  t.equal(mails.length, 50)
})

t.test('two smtpd processes share what is remembered', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE, parameters: { TEMP_PTIME: 0, PTTL: 100, PTIME: '1d' } })
  const first = [await site.connect(listed), await site.connect(GOOD_MAIL)] as const
  const second = [await site.connect(listed), await site.connect(GOOD_MAIL)] as const
  t.match((await first[0].send(listed)).recipients[0], { code: 550, text: /too many DNSBLs/ })
  t.match((await first[1].send(GOOD_MAIL)).mail, { code: 250 })
  t.equal(site.policyPids().length, 2, 'a process for each smtpd')
  const questions = site.dns.queries.length
  t.ok(questions > 0)
  const answeredSecond = secondOfNow()
  await waitFor(
    'the next second, from which on the accepted client is known for good',
    () => secondOfNow() > answeredSecond,
  )

  t.match((await second[0].send(listed)).recipients[0], { code: 550, text: /\[cached\] - retrying too fast/ })
  t.match((await second[1].send(GOOD_MAIL)).mail, { code: 250 })
  t.equal(site.policyPids().length, 4, 'two more')
  t.equal(site.dns.queries.length, questions, 'asked nothing')
  const headers = (await site.delivered(2)).flatMap(headersOf)
  t.ok(headers.includes('using cached result; rate:hard: -6.1'))
})

t.test('there are as many processes as smtpds, whatever the process limit of others is', async t => {
  // With `-` in place of `0` the third would wait for the first to leave, and get no answer in time.
  const settings = 'default_process_limit = 2\nsmtpd_policy_service_timeout = 10s'
  const site = await startSite(t, { zone: DEMO_ZONE, settings })
  for (let i = 1; i <= 5; i++) {
    const smtp = await site.connect(GOOD_MAIL)
    t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250)
    t.equal(site.policyPids().length, i)
  }
})

t.test('a process ends with its connection, and not before', async t => {
  // An smtpd(8) that has had one client ends.
  const site = await startSite(t, { zone: DEMO_ZONE, smtpdOptions: '  -o max_use=1' })
  const smtp = await site.connect(GOOD_MAIL)
  await smtp.send(GOOD_MAIL)
  const before = site.policyPids()
  t.equal(before.length, 1)
  await smtp.send(GOOD_MAIL)
  t.same(site.policyPids(), before, 'the same for the next mail')
  await smtp.quit()
  await waitFor('it ends', () => site.policyPids().length === 0)
  t.notMatch(site.postfixLog(), /warning:/, 'nobody had to end it')

  const later = await site.connect(GOOD_MAIL)
  t.equal((await later.send(GOOD_MAIL)).mail?.code, 250, 'the next connection gets a new one')
  t.equal(site.policyPids().length, 1)
})

t.test('the time that spawn(8) gives a process runs out while it judges a mail', async t => {
  // Postfix 3.7 complains and cannot end a process of another user; one that can would have a second process answer.
  const cases = [
    { mail: GOOD_MAIL, list: '10.2.0.192.zen.spamhaus.org', want: 250 },
    { mail: FORGED_MAIL, list: '77.113.0.203.zen.spamhaus.org', want: 550 },
  ]
  for (const { mail, list, want } of cases) {
    const site = await startSite(t, {
      zone: { ...DEMO_ZONE, [list]: { drop: true } },
      parameters: { DNS_RETRY_IVAL: 5 },
      settings: 'policy_time_limit = 1s',
    })
    const smtp = await site.connect(mail)
    const sent = smtp.send(mail)
    await asked(site, list)
    site.dns.zone = DEMO_ZONE
    t.equal((await sent).recipients[0]?.code, want, mail.title)
    t.match(site.postfixLog(), /spawn.* time limit exceeded/)
    if (want === 250) t.equal((await site.delivered(1)).flatMap(headersOf).length, 1)
  }
})
