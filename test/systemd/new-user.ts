/**
 * From a bare Debian 13 with Postfix to the first mails, by what README.md says, and the page it leads to.
 *
 *   await tryNewUser(root, 'package'); await tryNewUser(root, 'by hand')
 *
 * Each in a copy of the root, in memory, which is gone with the mount namespace of this process. Commands and what is put into files are taken from the pages (manual-steps.ts), so a page that leads nowhere fails. The
 * mails go through Postfix, from swaks(1): one is accepted, one refused, one deferred, and the log says `action=` for each.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEMO_MAILS, type DemoMail, FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { check } from '../debian/checks.ts'
import { CleanRoot } from '../debian/clean-root.ts'
import { MAIL_HOST, MAIN_CF, sendCommand, WITHOUT_QUESTIONS } from '../debian/mail-host.ts'
import { between, type ManualStep, manualSteps } from '../debian/manual-steps.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { type BootedRoot, boot } from './booted-root.ts'

/** How it is installed. */
export type Way = 'package' | 'by hand'

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const FOLDER = '/root/policyd-weight'
/** Nothing is to be found there, and everybody has it. */
const MEMORY = '/mnt'
const MAILBOX = '/var/mail/bob'

export async function tryNewUser(clean: CleanRoot, way: Way): Promise<void> {
  const root = copyInMemory(clean)
  mkdirSync(join(root.path, FOLDER, 'dist'), { recursive: true })
  mkdirSync(join(root.path, FOLDER, 'build'))
  const booted = await boot(root)
  try {
    await makeMailHost(booted, way)
    for (const step of stepsOf(root, way)) await follow(booted, step, way)
    await tryMails(booted, way)
    const doctor = await booted.run('policyd-weight', 'doctor')
    check(`new user, ${way}: doctor finds nothing wrong`, doctor.status === 0, doctor.printed)
  } finally {
    await booted.powerOff()
  }
}

function copyInMemory({ path }: CleanRoot): CleanRoot {
  const mount = (...args: string[]): void => {
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`)
  }
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', MEMORY)
  const [upper, work, root] = ['upper', 'work', 'root'].map(name => join(MEMORY, name)) as [string, string, string]
  for (const folder of [upper, work, root]) mkdirSync(folder)
  mount('-t', 'overlay', '-o', `lowerdir=${path},upperdir=${upper},workdir=${work}`, 'overlay', root)
  return new CleanRoot(root)
}

async function makeMailHost(booted: BootedRoot, way: Way): Promise<void> {
  const { files } = booted
  files.write('etc/apt/apt.conf.d/99test', 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')
  await booted.mustRun(...WITHOUT_QUESTIONS)
  const further = way === 'by hand' ? ['nodejs', 'adduser'] : []
  await booted.mustRun('apt-get', 'install', '-q', 'postfix', 'swaks', ...further)
  await booted.mustRun('useradd', 'bob')
  files.write(MAIN_CF, MAIL_HOST)
  await booted.mustRun('systemctl', 'restart', 'postfix')
}

function stepsOf(root: CleanRoot, way: Way): ManualStep[] {
  const readme = readFileSync(join(CHECKOUT, 'README.md'), 'utf8')
  if (way === 'by hand') {
    copyFileSync(join(CHECKOUT, 'dist', 'policyd-weight'), join(root.path, FOLDER, 'dist', 'policyd-weight'))
    return manualSteps(between(readme, 'Otherwise, by hand:', '\n### '))
  }
  const [, command = '', file = ''] = /`(apt install \.\/(build\/\S+\.deb))`/.exec(readme) ?? []
  copyFileSync(join(root.path, 'policyd-weight.deb'), join(root.path, FOLDER, file.replace('*', 'all')))
  const install = readFileSync(join(CHECKOUT, 'docs', 'install.md'), 'utf8')
  return [{ kind: 'run', command }, ...manualSteps(between(install, 'Then tell Postfix:', '\n### '))]
}

async function follow(booted: BootedRoot, step: ManualStep, way: Way): Promise<void> {
  if (step.kind === 'append') {
    await booted.mustRun('sh', '-c', 'printf %s "$2" >>"$1"', 'sh', step.path, step.text)
    return
  }
  const { status, printed } = await booted.run('sh', '-e', '-c', `cd ${FOLDER}\n${step.command}`)
  check(`new user, ${way}: ${step.command.trim().replaceAll('\n', '; ')}`, status === 0, printed)
}

async function tryMails(booted: BootedRoot, way: Way): Promise<void> {
  const mark = await booted.mark()
  const mails: readonly (readonly [mail: DemoMail, said: RegExp, logged: RegExp])[] = [
    [GOOD_MAIL, /^<- {2}250 2\.0\.0 Ok: queued/m, /^decided action=PREPEND /],
    [FORGED_MAIL, /^<\*\* 550 5\.7\.1 /m, /^decided action=550 /],
    [DEMO_MAILS.at(-1) as DemoMail, /^<\*\* 450 4\.4\.3 /m, /^decided action=DEFER_IF_PERMIT /],
  ]
  for (const [mail, said, logged] of mails) {
    const { printed } = await booted.run(...sendCommand(mail))
    check(`new user, ${way}: ${mail.want}: ${mail.title}`, said.test(printed), printed)
    const isLogged = async (): Promise<boolean> => (await booted.log(mark)).some(line => logged.test(line))
    check(`new user, ${way}: and the log has ${logged}`, await waits(isLogged), (await booted.log(mark)).join('\n'))
  }
  if (way === 'package') {
    // Written by what spawn(8) starts, so under the rules of Postfix's own unit.
    const count = async (): Promise<number> =>
      Number((await booted.run('grep', '-c', '"action":"', '/var/log/policyd-weight/journal')).printed)
    const isWritten = await waits(async () => (await count()) === mails.length)
    check(`new user, ${way}: and the journal has each`, isWritten, await count())
  }
  const isDelivered = async (): Promise<boolean> =>
    (await booted.run('grep', '-q', '^X-policyd-weight: ', MAILBOX)).status === 0
  check(`new user, ${way}: the accepted mail has our header`, await waits(isDelivered))
}

/** Whether something comes true. */
async function waits(condition: () => Promise<boolean>): Promise<boolean> {
  try {
    await waitFor('it', condition)
    return true
  } catch {
    return false
  }
}
