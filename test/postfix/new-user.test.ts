import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { swaksArguments } from '../support/swaks.ts'
import { headersOf } from './support/header.ts'
import { startSite } from './support/site.ts'

t.test('a mail sent with swaks, as somebody would who has just installed the service', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  const swaks = async (mail: DemoMail): Promise<{ code: number; said: string }> => {
    try {
      const run = promisify(execFile)('swaks', swaksArguments(mail, site.port), { env: process.env })
      return { code: 0, said: (await run).stdout }
    } catch (error) {
      const { code, stdout } = error as { code: number; stdout: string }
      return { code, said: stdout }
    }
  }
  const good = await swaks(GOOD_MAIL)
  t.equal(good.code, 0, 'accepted')
  t.match(good.said, /^<- {2}250 2\.0\.0 Ok: queued/m)
  const [mail = ''] = await site.delivered(1)
  t.match(headersOf(mail), [/CL_IP_EQ_FROM_MX=-3\.1; rate: -6\.1$/], 'with the header')

  const forged = await swaks(FORGED_MAIL)
  t.equal(forged.code, 24, 'no recipient accepted')
  t.match(forged.said, /^<\*\* 550 5\.7\.1 .*Mail appeared to be SPAM or forged/m)
})
