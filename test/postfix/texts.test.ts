import t from 'tap'
import { GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { headersOf } from './support/header.ts'
import { startSite } from './support/site.ts'

const LISTED = { ...DEMO_ZONE, '10.2.0.192.zen.spamhaus.org': { A: ['127.0.0.2'] } }
const THREE = ['bob@example.net', 'carol@example.net', 'dave@example.net']

t.test('in a dry run a mail that would be refused is delivered, with one header that says so', async t => {
  const site = await startSite(t, { zone: LISTED, parameters: { PROFILE: 'modern', DRY_RUN: 1 } })
  for (const count of [1, 2]) {
    const smtp = await site.connect(GOOD_MAIL)
    const { recipients, mail } = await smtp.send({ ...GOOD_MAIL, recipients: THREE })
    await smtp.quit()
    t.same(
      recipients.map(({ code }) => code),
      [250, 250, 250],
    )
    t.equal(mail?.code, 250)
    const headers = (await site.delivered(3 * count)).slice(-3).map(headersOf)
    for (const header of headers)
      t.match(header, [/^would 550 5\.7\.1 .*; lists: zen\.spamhaus\.org; .*; ref [0-9A-Z]{10}$/], 'for each recipient')
  }
  const decided = await site.logged(/^decided action=/, 6)
  t.equal(decided.filter(line => line.startsWith('decided action=PREPEND X-policyd-weight: would 550 ')).length, 2)
  t.equal(decided.filter(line => line.startsWith('decided action=DUNNO would 550 ')).length, 4)
  t.notMatch(site.postfixLog(), /(warning|error|fatal|panic|reject):/)
})

t.test('the refused side reads which list it is, and where that takes addresses off', async t => {
  const site = await startSite(t, { zone: LISTED, parameters: { PROFILE: 'modern' } })
  const smtp = await site.connect(GOOD_MAIL)
  const { recipients } = await smtp.send(GOOD_MAIL)
  t.equal(recipients[0]?.code, 550)
  t.match(
    recipients[0]?.text,
    /^5\.7\.1 <bob@example\.net>: Recipient address rejected: Your mail server or domain is on block lists; client 192\.0\.2\.10; lists: zen\.spamhaus\.org; removal: https:\/\/check\.spamhaus\.org\/\. .*; ref \w{10}$/,
  )
})

t.test('a text for good that is deferred has a status for later', async t => {
  const zone = { ...DEMO_ZONE, '10.2.0.192.bl.spamcop.net': { A: ['127.0.0.2'] } }
  const site = await startSite(t, { zone, parameters: { PROFILE: 'modern', REJECTLEVEL: -5, DEFER_LEVEL: 50 } })
  const smtp = await site.connect(GOOD_MAIL)
  const { recipients } = await smtp.send({ ...GOOD_MAIL, recipients: THREE.slice(0, 2) })
  for (const { code, text } of recipients) {
    t.equal(code, 450)
    t.match(text, /^4\.7\.1 .*: Mail appeared to be SPAM or forged; client 192\.0\.2\.10; lists: bl\.spamcop\.net; /)
  }
})

t.test('what strangers write is filled in as they wrote it, and never looked at again', async t => {
  const text = '550 5.7.1 No (%{helo})(%{sender_domain})(%{lists})'
  const parameters = { PROFILE: 'modern', MAXDNSBLMSG: text, REJECTMSG: text }
  const site = await startSite(t, { zone: LISTED, parameters })
  const helos: [helo: string, want: string][] = [
    ['%{client}', '%{client}'],
    ['%{ref}%{', '%{ref}%{'],
    ['a\x1b[31mb', 'a?[31mb'],
    ['h'.repeat(400), `${'h'.repeat(117)}...`],
  ]
  for (const [helo, want] of helos) {
    const smtp = await site.connect({ ...GOOD_MAIL, helo })
    const { recipients } = await smtp.send({ ...GOOD_MAIL, recipients: THREE.slice(0, 2) })
    await smtp.quit()
    for (const reply of recipients) {
      t.equal(reply.code, 550)
      t.equal(/ No \((.*?)\)\(example/.exec(reply.text)?.[1], want, want)
    }
  }
})
