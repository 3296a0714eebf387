import t from 'tap'
import { FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { startSyslog } from '../../testkit/syslog.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { startSite } from './support/site.ts'

t.test('without $LOGFILE, log lines go to the mail log of the system', async t => {
  const { wrapper, text, stop } = await startSyslog()
  t.teardown(stop)
  const site = await startSite(t, { zone: DEMO_ZONE, parameters: { LOGFILE: '' }, wrapper })
  for (const mail of [GOOD_MAIL, FORGED_MAIL]) {
    const smtp = await site.connect(mail)
    await smtp.send(mail)
    const client = `<client=${mail.name}[${mail.client}]>`
    const lines = (): string[] =>
      text()
        .split('\n')
        .filter(line => line.includes(client) && site.policyPids().some(pid => line.includes(`[${pid}]: `)))
    await waitFor(`two lines about ${client}`, () => lines().length === 2)
    // 22 is facility mail (2 x 8) and priority info (6).
    t.match(lines(), [
      /^<22>.* postfix\/policyd-weight\[\d+\]: weighted check:/,
      /^<22>.* postfix\/policyd-weight\[\d+\]: decided action=/,
    ])
    await smtp.quit()
  }
})
