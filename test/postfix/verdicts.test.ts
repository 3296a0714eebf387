import t from 'tap'
import { DEMO_MAILS, GOOD_MAIL, type VerdictKind } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { headersOf } from './support/header.ts'
import { killPolicy } from './support/policy-kill.ts'
import { startSite } from './support/site.ts'

const CODES: Record<VerdictKind, number> = { accept: 250, defer: 450, reject: 550 }
const LISTED_GOOD_CLIENT = {
  ...DEMO_ZONE,
  '10.2.0.192.zen.spamhaus.org': { A: ['127.0.0.2'] },
  '10.2.0.192.bl.spamcop.net': { A: ['127.0.0.2'] },
  '10.2.0.192.bl.mailspike.net': { A: ['127.0.0.2'] },
}
const LISTED_IN_SPAMCOP = { ...DEMO_ZONE, '10.2.0.192.bl.spamcop.net': { A: ['127.0.0.2'] } }
const THREE = ['bob@example.net', 'carol@example.net', 'dave@example.net']

t.test('every kind of mail gets its reply, and what is accepted carries the reasons', async t => {
  const site = await startSite(t, { zone: DEMO_ZONE })
  let accepted = 0
  for (const mail of DEMO_MAILS) {
    const smtp = await site.connect(mail)
    const { recipients, mail: queued } = await smtp.send(mail)
    await smtp.quit()
    t.equal(recipients[0]?.code, CODES[mail.want], mail.title)
    const action = await site.decided(
      `<client=${mail.name}[${mail.client}]> <helo=${mail.helo}> <from=${mail.sender}> <to=bob@example.net>`,
    )
    if (mail.want === 'accept') {
      t.equal(queued?.code, 250)
      accepted++
      const header = action.replace('PREPEND X-policyd-weight: ', '')
      const mails = await site.delivered(accepted)
      const headers = mails.map(headersOf)
      t.ok(headers.flat().includes(header), `delivered with ${header}`)
      t.equal(headers.flat().length, mails.length, 'one header each')
    } else {
      t.equal(queued, undefined)
      // Postfix puts the recipient between the codes and the text.
      t.ok(recipients[0]?.text.endsWith(action.replace(/^\S+ (?:4\.4\.3 )?/, ': ')), action)
    }
  }
  t.equal(site.mails().length, 3, 'nothing else is delivered')
  t.equal((await site.logged(/^weighted check:/, 7)).length, 7, 'a line for each that was scored to the end')
  t.notMatch(site.postfixLog(), /(warning|error|fatal|panic):/, 'nothing that Postfix finds odd')
})

t.test('a client on a list of $DEFER_STRING is to come again', async t => {
  const site = await startSite(t, { zone: LISTED_IN_SPAMCOP, parameters: { REJECTLEVEL: -2, DEFER_LEVEL: 5 } })
  const smtp = await site.connect(GOOD_MAIL)
  const { recipients } = await smtp.send(GOOD_MAIL)
  t.equal(recipients[0]?.code, 450)
  t.match(await site.logged(/^weighted check:/), [/ IN_SPAMCOP=3.75 /])
  site.dns.zone = DEMO_ZONE
  t.equal((await smtp.send(GOOD_MAIL)).mail?.code, 250, 'and is accepted then')
})

t.test('all recipients of a mail get one answer, whatever changes between them', async t => {
  const cases = [
    { title: 'accepted', zone: DEMO_ZONE, changed: LISTED_GOOD_CLIENT, want: 250 },
    { title: 'rejected', zone: LISTED_GOOD_CLIENT, changed: DEMO_ZONE, want: 550 },
  ]
  for (const { title, zone, changed, want } of cases) {
    const site = await startSite(t, { zone })
    const smtp = await site.connect(GOOD_MAIL)
    await smtp.command(`MAIL FROM:<${GOOD_MAIL.sender}>`)
    const codes: number[] = []
    const pids = new Set<number>()
    for (const recipient of THREE) {
      codes.push((await smtp.command(`RCPT TO:<${recipient}>`)).code)
      site.dns.zone = changed
      // The next one is answered by another process.
      for (const pid of await killPolicy(site)) pids.add(pid)
    }
    t.same(codes, [want, want, want], title)
    t.equal(pids.size, 3, 'by three processes')
    if (want === 250) {
      await smtp.command('DATA')
      t.equal((await smtp.command('Subject: to three\r\n\r\nHello.\r\n.')).code, 250)
      for (const text of await site.delivered(3)) t.equal(headersOf(text).length, 1, 'one header')
    }
    await smtp.command('RSET')
    const { recipients } = await smtp.send({ ...GOOD_MAIL, sender: 'somebody.else@example.org' })
    t.equal(recipients[0]?.code, 550, 'the next mail is another matter')
  }
})

t.test('what is not ours to judge', async t => {
  // Without its second guard against relaying, Postfix has the one of master.cf.example.
  const site = await startSite(t, { zone: DEMO_ZONE, settings: 'smtpd_relay_restrictions =' })
  const listed = DEMO_MAILS.find(({ client }) => client === '203.0.113.66')
  if (!listed) throw new Error('the demo has no listed client')
  const smtp = await site.connect(listed)

  t.equal((await smtp.send({ ...listed, recipients: ['bob@elsewhere.example'] })).recipients[0]?.code, 554, 'relaying')
  t.same(site.policyPids(), [], 'is refused without asking us')

  t.equal((await smtp.send({ sender: '' })).mail?.code, 250, 'a bounce')
  t.equal((await smtp.send({ ...listed, recipients: ['postmaster@example.net'] })).mail?.code, 250, 'to postmaster')
  for (const text of await site.delivered(2)) t.same(headersOf(text), [], 'without a header')
  t.equal(site.dns.queries.length, 0, 'without a look-up')

  const own = await site.connect({ client: '127.0.0.1', name: 'localhost', helo: 'localhost' })
  t.equal((await own.send(listed)).mail?.code, 250, '$mynetworks')
  t.equal((await site.logged(/^decided action=/, 2)).length, 2, 'without asking us')
})

t.test('what strangers write never makes an answer that Postfix does not understand', async t => {
  const strange: [title: string, helo: string, sender: string][] = [
    ['a control character', 'mail\x07.example.org', 'alice@example.org'],
    ['a long HELO', `${'aaaaaaaaa.'.repeat(48)}example.org`, 'alice@example.org'],
    ['a label of 64 characters', `${'a'.repeat(64)}.example.org`, 'alice@example.org'],
    ['per cent signs', '%s%n%s.example.org', '%s%n@example.org'],
    ['our own words', 'action=ok', 'action=ok@example.org'],
    ['a restriction class', 'rc:ok', 'rc:ok@example.org'],
  ]
  const cases = {
    // Postfix itself refuses malformed UTF-8 then.
    'smtputf8_enable = yes': [...strange, ['UTF-8', 'm\xc3\xa4il.example.org', 'm\xc3\xa4il@example.org']],
    'smtputf8_enable = no': [...strange, ['malformed UTF-8', '\xff\xfe\x80.example.org', 'alice@example.org']],
  } as const
  for (const [settings, mails] of Object.entries(cases)) {
    const site = await startSite(t, { zone: DEMO_ZONE, settings })
    for (const [title = '', helo = '', sender = ''] of mails) {
      const smtp = await site.connect({ client: '203.0.113.77', name: 'unknown', helo })
      const { recipients } = await smtp.send({ sender })
      t.equal(recipients[0]?.code, 550, `${settings}, ${title}: ${recipients[0]?.text}`)
      await smtp.quit()
    }
    t.notMatch(site.postfixLog(), /warning:/, 'Postfix has no complaint')
  }
})
