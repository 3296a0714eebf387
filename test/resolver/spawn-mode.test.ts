import t from 'tap'
import { spawnedService } from './support/service.ts'
import { startSite } from './support/site.ts'
import { trySlowMails } from './support/slow-mails.ts'

t.test('slow mails of one keep nobody’s lists from answering: a process for each smtpd', async t => {
  const site = await startSite(t, 23)
  await trySlowMails(t, 'spawn mode', site, spawnedService(site.folder, site.parameters))
})
