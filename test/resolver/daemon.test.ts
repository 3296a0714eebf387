import t from 'tap'
import { daemonService } from './support/service.ts'
import { startSite } from './support/site.ts'
import { trySlowMails } from './support/slow-mails.ts'

t.test('slow mails of one keep nobody’s lists from answering: the daemon', async t => {
  const site = await startSite(t, 21)
  await trySlowMails(t, 'daemon', site, await daemonService(site.folder, site.parameters))
})
