/**
 * The upgrade from version 0.2.0's own package, with a process of it that Postfix has started and that still serves; and what
 * a purge says while one does.
 *
 *   await upgradeOurs(root, configuration, check)
 *
 * In a clean root (clean-root.ts) that has both packages and Node.js.
 *
 * Failure: what does not hold is told to `check`; a command that fails is thrown.
 */
import { attributesOf, DEMO_MAILS, verdictOf } from '../../testkit/demo-mails.ts'
import type { Check } from '../debian/checks.ts'
import type { CleanRoot } from '../debian/clean-root.ts'
import { PolicyConversation } from '../../testkit/policy-conversation.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

export const FORMER_PACKAGE = '/policyd-weight-0.2.0.deb'
const CONFIGURATION = 'etc/policyd-weight.conf'
const PROGRAM = 'usr/lib/policyd-weight'

export async function upgradeOurs(root: CleanRoot, configuration: string, check: Check): Promise<void> {
  const before = root.files()
  const install = (deb: string): string =>
    root.run('apt-get', 'install', '-q', '-y', '--allow-downgrades', '--reinstall', deb)
  install(FORMER_PACKAGE)
  root.write(CONFIGURATION, configuration)
  const version = (): string => root.run('policyd-weight', '-v')
  check('from 0.2.0: it is there', version().startsWith('policyd-weight 0.2.0,'), version())
  const files = (): string[] => root.list(PROGRAM, /^policyd-weight\..*\.(?:cache|node|kept)$/)
  const former = files()
  const serving = new PolicyConversation(root.asServiceUser('/usr/sbin/policyd-weight'))
  const ask = async (mails: typeof DEMO_MAILS, tag: string): Promise<string[]> => {
    const answers: string[] = []
    for (const [index, mail] of mails.entries())
      answers.push(await serving.ask(requestBytes({ ...attributesOf(mail), instance: `${tag}${index}` })))
    return answers
  }
  const wanted = DEMO_MAILS.map(({ want }) => want).join()
  const verdicts = (answers: readonly string[]): string => answers.map(verdictOf).join()
  const first = await ask(DEMO_MAILS, 'first')
  check('from 0.2.0: it answers', verdicts(first) === wanted, first)

  const printed = install('/policyd-weight.deb')
  check('from 0.2.0: the configuration stays, and is checked', root.read(CONFIGURATION) === configuration, printed)
  check('from 0.2.0: without an error', printed.includes(`/${CONFIGURATION}: no errors`), printed)
  check(
    'from 0.2.0: Postfix, which does not run, need not be restarted',
    !printed.includes('systemctl restart'),
    printed,
  )
  const [, journal = ''] = /^\$JOURNAL\s*=\s*(.*);/m.exec(root.run('policyd-weight', 'config')) ?? []
  check('from 0.2.0: decisions are not written down, as before', journal === "''", journal)
  const left = files().filter(name => former.includes(name) && name.endsWith('.cache'))
  check('from 0.2.0: what it had prepared is made anew', files().length >= 2 && left.length <= 1, files())
  const verified = root.run('dpkg', '--verify', 'policyd-weight')
  check('from 0.2.0: no file differs from the package', verified === '', verified)
  const second = await ask(DEMO_MAILS, 'second')
  check('from 0.2.0: a process that it had started goes on to answer', verdicts(second) === wanted, second)
  const anew = new PolicyConversation(root.asServiceUser('/usr/sbin/policyd-weight'))
  const [mail] = DEMO_MAILS
  const answer = mail ? await anew.ask(requestBytes({ ...attributesOf(mail), instance: 'anew' })) : ''
  check('from 0.2.0: and so does one of this version', verdictOf(answer) === mail?.want, answer)
  check('from 0.2.0: it ends well', (await anew.end()).length === 0)
  const cache = JSON.parse(root.run('policyd-weight', '-s', '--json'))
  check('from 0.2.0: there is one cache', cache.counters.requests >= 1, cache.counters)

  const purged = root.run('dpkg', '-P', 'policyd-weight')
  check(
    'purge: says whose processes still run, and leaves their user',
    /user polw stays, for processes of it still run: [\d ]+\n/.test(purged) && /^polw:/m.test(root.read('etc/passwd')),
    purged,
  )
  const faults = await serving.end()
  check('purge: the process ends well all the same', faults.length === 0, faults)
  root.run('deluser', '--quiet', '--system', 'polw')
  root.run('rm', `/${CONFIGURATION}`)
  const rest = root.files().filter(name => !before.includes(name))
  check('purge: and nothing else was left', rest.length === 0, rest)
}
