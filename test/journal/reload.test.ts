/**
 * The journal of a daemon whose configuration changes: it follows `$JOURNAL` to another file, to none, and back.
 */
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readJournal } from '../../src/journal/read-journal.ts'
import { connectTo, DAEMON_USER, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const SHORT_CUT = { request: 'smtpd_access_policy', client_address: '192.0.2.1', sender: 'a@example.org' }

/** False for one that was closed meanwhile. */
function leadsTo(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path
  } catch {
    return false
  }
}

t.test('decisions go where $JOURNAL leads since the last reload', async t => {
  const folder = socketFolder(t)
  const [one, other] = [join(folder, 'one'), join(folder, 'other')]
  const daemon = await startDaemon(folder, { JOURNAL: one, MAX_PROC: 1, USER: DAEMON_USER.name })
  t.teardown(() => daemon.stop())
  const client = await connectTo(daemon.socketPath)
  let asked = 0
  const recipientsIn = (path: string): string[] =>
    existsSync(path) ? [...readJournal(path, 0)].map(({ request }) => request.recipient).reverse() : []
  const ask = (recipient: string): Promise<string> => client.ask(requestBytes({ ...SHORT_CUT, recipient }), ++asked)
  const reloads = (): number => daemon.log().filter(line => line.startsWith('configuration read again')).length
  const reload = async (journal: string): Promise<void> => {
    const before = reloads()
    daemon.configure({ JOURNAL: journal })
    process.kill(daemon.pid, 'SIGHUP')
    await waitFor('the configuration to be read again', () => reloads() > before)
  }
  const isOpen = (path: string): boolean =>
    daemon.workers().some(pid => readdirSync(`/proc/${pid}/fd`).some(name => leadsTo(`/proc/${pid}/fd/${name}`, path)))

  await ask('postmaster@first.example')
  await waitFor('its record', () => recipientsIn(one).length === 1)
  await reload(other)
  await ask('postmaster@second.example')
  await waitFor('its record', () => recipientsIn(other).length === 1)
  await waitFor('the former file to be closed', () => !isOpen(one))
  await reload('')
  await ask('postmaster@nowhere.example')
  await reload(one)
  await ask('postmaster@third.example')
  await waitFor('its record', () => recipientsIn(one).length === 2)
  t.equal(await daemon.stop(), 0)
  t.strictSame(recipientsIn(one), ['postmaster@first.example', 'postmaster@third.example'])
  t.strictSame(recipientsIn(other), ['postmaster@second.example'])
})
