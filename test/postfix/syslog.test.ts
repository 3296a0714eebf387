import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { DEMO_ZONE } from '../../testkit/demo-zone.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { configurationText, requestBytes } from '../../testkit/policy-process.ts'
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

t.test('a log daemon that hangs holds up no answer, and learns how many lines it has missed', async t => {
  const { wrapper, text, hang, goOn, stop } = await startSyslog()
  t.teardown(stop)
  const configuration = join(t.testdir(), 'conf')
  writeFileSync(configuration, configurationText({ LOCKPATH: join(t.testdirName, 'cache') }))
  const conversation = new PolicyConversation([...wrapper, process.execPath, EXECUTABLE, '-f', configuration])
  const ask = (): Promise<string> => conversation.ask(requestBytes(attributesOf({ sender: '' })))
  const answer = await ask()
  hang()
  // What it still takes is the kernel's to say.
  const room = Number(readFileSync('/proc/sys/net/unix/max_dgram_qlen', 'utf8'))
  for (let asked = 0; asked < room + 10; asked++) t.equal(await ask(), answer)
  goOn()
  await waitFor('what it still took', () => text().split('decided action=').length > room)
  t.equal(await ask(), answer)
  await waitFor('the line', () => /<20>.*: warning: \d+ lines lost: the log daemon hung\n<22>/.test(text()))
  t.strictSame(await conversation.end(), [])
})

t.test('a log daemon that was started anew has the next line', async t => {
  const { wrapper, text, startAnew, stop } = await startSyslog()
  t.teardown(stop)
  const configuration = join(t.testdir(), 'conf')
  writeFileSync(configuration, configurationText({ LOCKPATH: join(t.testdirName, 'cache') }))
  const conversation = new PolicyConversation([...wrapper, process.execPath, EXECUTABLE, '-f', configuration])
  for (const lines of [1, 2]) {
    await conversation.ask(requestBytes(attributesOf({ sender: '' })))
    await waitFor(`line ${lines}`, () => text().split('decided action=').length === lines + 1)
    await startAnew()
  }
  t.strictSame(await conversation.end(), [])
})

t.test('a log daemon that listens to a stream has its lines, each with its end', async t => {
  const { wrapper, text, stop } = await startSyslog('stream')
  t.teardown(stop)
  const configuration = join(t.testdir(), 'conf')
  writeFileSync(configuration, configurationText({ LOCKPATH: join(t.testdirName, 'cache') }))
  const conversation = new PolicyConversation([...wrapper, process.execPath, EXECUTABLE, '-f', configuration])
  for (const lines of [1, 2]) {
    await conversation.ask(requestBytes(attributesOf({ sender: '' })))
    await waitFor(`line ${lines}`, () => text().match(/^<22>.*: decided action=.*$/gm)?.length === lines)
  }
  t.strictSame(await conversation.end(), [])
})
