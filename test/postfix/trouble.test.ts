import { chmodSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { headersOf } from './support/header.ts'
import { asked, killPolicy } from './support/policy-kill.ts'
import { startSite } from './support/site.ts'

/** A list that is asked for each of the two clients, and does not answer. */
const GOOD = { title: 'a good mail', mail: GOOD_MAIL, list: '10.2.0.192.zen.spamhaus.org', want: 250 }
const FORGED = { title: 'a forged mail', mail: FORGED_MAIL, list: '77.113.0.203.zen.spamhaus.org', want: 550 }
const PATIENT = { DNS_RETRY_IVAL: 60 }

for (const { title, mail, list, want } of [GOOD, FORGED]) {
  t.test(`the process is killed while it judges ${title}`, async t => {
    const silent = { ...DEMO_ZONE, [list]: { drop: true } }
    const site = await startSite(t, { zone: silent, parameters: PATIENT })
    const smtp = await site.connect(mail)

    const sent = smtp.send(mail)
    await asked(site, list)
    site.dns.zone = DEMO_ZONE
    const killed = await killPolicy(site)
    t.equal((await sent).recipients[0]?.code, want, 'killed once: the second try has the verdict')
    t.notSame(site.policyPids(), killed)
    await smtp.quit()
  })

  t.test(`each process is killed while it judges ${title}`, async t => {
    const silent = { ...DEMO_ZONE, [list]: { drop: true } }
    const site = await startSite(t, { zone: silent, parameters: PATIENT })
    const smtp = await site.connect(mail)

    const sent = smtp.send(mail)
    for (const times of [1, 2]) {
      await asked(site, list, times)
      await killPolicy(site)
    }
    t.match((await sent).recipients[0], { code: 451, text: /^4\.3\.5 / }, 'to come again')
    t.same(site.mails(), [], 'not accepted')

    site.dns.zone = DEMO_ZONE
    t.equal((await smtp.send(mail)).recipients[0]?.code, want, 'and when it does, it has the verdict')
    if (want === 250) t.equal((await site.delivered(1)).flatMap(headersOf).length, 1)
  })
}

t.test('the process is killed between two mails', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  const smtp = await site.connect(GOOD_MAIL)
  for (let i = 1; i <= 3; i++) {
    t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250)
    await killPolicy(site)
  }
  const other = await site.connect(FORGED_MAIL)
  t.equal((await other.send(FORGED_MAIL)).recipients[0]?.code, 550)
  t.equal((await site.delivered(3)).flatMap(headersOf).length, 3)
})

t.test('a process does not move any more', async t => {
  const { list, mail, want } = FORGED
  const site = await startSite(t, {
    zone: { ...DEMO_ZONE, [list]: { drop: true } },
    parameters: { DNS_RETRY_IVAL: 5 },
    settings: 'smtpd_policy_service_timeout = 3s',
  })
  const smtp = await site.connect(mail)
  const sent = smtp.send(mail)
  await asked(site, list)
  const [stopped = 0] = site.policyPids()
  process.kill(stopped, 'SIGSTOP')
  site.dns.zone = DEMO_ZONE
  t.equal((await sent).recipients[0]?.code, want, 'the second try has the verdict')
  t.equal(site.policyPids().length, 2)
  process.kill(stopped, 'SIGCONT')
  await waitFor('it ends when it finds that nobody listens', () => !site.policyPids().includes(stopped))
})

t.test('the service cannot start', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  const node = join(site.folder, 'node')
  const executable = join(site.folder, 'policyd-weight')
  const away = `${executable}.away`
  const cases = [
    { title: 'no Node', damage: () => unlinkSync(node), repair: () => symlinkSync(process.execPath, node) },
    { title: 'no program', damage: () => renameSync(executable, away), repair: () => renameSync(away, executable) },
    {
      title: 'a program that polw may not read',
      damage: () => chmodSync(executable, 0o700),
      repair: () => chmodSync(executable, 0o755),
    },
  ]
  for (const { title, damage, repair } of cases) {
    damage()
    const good = await site.connect(GOOD_MAIL)
    const forged = await site.connect(FORGED_MAIL)
    t.match((await good.send(GOOD_MAIL)).recipients[0], { code: 451, text: /^4\.3\.5 / }, `${title}: good mail`)
    t.match((await forged.send(FORGED_MAIL)).recipients[0], { code: 451, text: /^4\.3\.5 / }, `${title}: forged mail`)
    await waitFor('what was started has ended', () => site.policyPids().length === 0)
    repair()
    t.equal((await good.send(GOOD_MAIL)).mail?.code, 250, 'the good mail comes again when it is repaired')
    t.equal((await forged.send(FORGED_MAIL)).recipients[0]?.code, 550, 'and the forged one has its verdict')
    await good.quit()
    await forged.quit()
    await killPolicy(site)
  }
  t.equal((await site.delivered(cases.length)).flatMap(headersOf).length, cases.length)
})

t.test('the service cannot start, and mail is to pass unscored then', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE, settings: 'smtpd_policy_service_default_action = DUNNO' })
  const node = join(site.folder, 'node')
  unlinkSync(node)
  const smtp = await site.connect(GOOD_MAIL)
  t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250)
  t.same((await site.delivered(1)).flatMap(headersOf), [], 'without a header')
  symlinkSync(process.execPath, node)
  t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250)
  t.equal((await site.delivered(2)).flatMap(headersOf).length, 1, 'with one when it is repaired')
})

t.test('there is no directory for the cache', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  rmSync(join(site.folder, 'cache'), { recursive: true })
  const smtp = await site.connect(GOOD_MAIL)
  t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250)
  t.match((await site.logged(/^warning: no shared cache/)).length, 1, 'the log says so, once')
  const other = await site.connect(FORGED_MAIL)
  t.equal((await other.send(FORGED_MAIL)).recipients[0]?.code, 550)
})
