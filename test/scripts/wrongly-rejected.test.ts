/**
 * "Mail from 203.0.113.9 to info@ was refused this morning", and somebody new to policyd-weight who has to have it come through:
 * once with nothing but what `policyd-weight -h` says, once by docs/wrongly-rejected.md, whose commands are run in their order and have to
 * print what the page shows.
 */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { connectTo, DAEMON_USER, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf } from '../../testkit/demo-mails.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { PARTNER, PARTNER_ZONE } from '../support/partner.ts'

const PAGE = readFileSync(
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'wrongly-rejected.md'),
  'utf8',
)
const PROGRAM = /^policyd-weight /
/** What counts at once counts within this. */
const SOON_MS = 2000

interface Host {
  /** What the first mail was answered. */
  readonly refusal: string
  /** A mail of the partner's: the action. */
  mail(): Promise<string>
  /** Gives a command to a shell; what it prints, without what this host adds to each command. */
  run(command: string): Promise<string>
}

/** A mail host on which that mail has been refused, twice. */
async function startHost(t: Test): Promise<Host> {
  const dns = await startDnsServer(PARTNER_ZONE)
  t.teardown(() => dns.close())
  const folder = socketFolder(t)
  // A directory of the service's user would not do: whoever may write there would decide whose mail passes.
  const exceptions = join(socketFolder(t), 'exceptions')
  const group = execFileSync('id', ['-gn', DAEMON_USER.name], { encoding: 'utf8' }).trim()
  const daemon = await startDaemon(folder, {
    PROFILE: 'modern',
    NS: `127.0.0.1:${dns.port}`,
    JOURNAL: join(folder, 'journal'),
    EXCEPTIONS: exceptions,
    USER: DAEMON_USER.name,
    GROUP: group,
  })
  t.teardown(() => daemon.stop())
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'policyd-weight'),
    `#!/bin/sh\nexec ${process.execPath} ${EXECUTABLE} -f ${daemon.configuration} "$@"\n`,
  )
  chmodSync(join(bin, 'policyd-weight'), 0o755)
  const client = await connectTo(daemon.socketPath)
  let asked = 0
  const mail = async (): Promise<string> => {
    const request = { ...attributesOf(PARTNER), recipient: 'info@example.net', instance: `mail.${asked}` }
    const received = await client.ask(requestBytes(request), ++asked)
    return /action=([^\n]*)\n\n$/.exec(received)?.[1] ?? received
  }
  const run = async (command: string): Promise<string> => {
    const child = spawn('/usr/bin/env', ['-i', `PATH=${bin}:/usr/bin:/bin`, 'sh', '-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    t.equal(stderr, '', command)
    return stdout.replaceAll(` -f ${daemon.configuration}`, '').replaceAll(exceptions, EXCEPTIONS)
  }
  const first = await mail()
  t.match(first, /^550 5\.7\.1 .*; ref [0-9A-Z]{10}$/)
  t.equal(await mail().then(referenceIn), referenceIn(first), 'refused again, from memory')
  const isWritten = async (): Promise<boolean> => /^2 decisions$/m.test(await run('policyd-weight why 203.0.113.9'))
  await waitFor('both in the journal', isWritten)
  return { refusal: first, mail, run }
}

const EXCEPTIONS = '/etc/policyd-weight.exceptions'

function referenceIn(action: string): string | undefined {
  return /; ref ([0-9A-Z]{10})$/.exec(action)?.[1]
}

function isRefused(action: string): boolean {
  return /^5\d\d /.test(action)
}

t.test('by --help alone', async t => {
  const { mail, run } = await startHost(t)
  const [, first = ''] =
    /^ {2}(policyd-weight why \S+) .*\bwhy was that client refused/m.exec(await run('policyd-weight -h')) ?? []
  t.equal(first, 'policyd-weight why 203.0.113.9', 'the first thing that is asked for is an example')
  const [, more = ''] =
    /^ {2}(policyd-weight why 203\.0\.113\.9 info@) /m.exec(await run('policyd-weight why --help')) ?? []
  const told = await run(more)
  t.match(told, /Without the list zen\.spamhaus\.org \(\+10\) it would have been accepted/)
  const commands = [...told.matchAll(/^ {2}(policyd-weight .*)$/gm)].map(([, command = '']) => command)
  t.match(commands, [/^policyd-weight forgive /, /^policyd-weight exempt 203\.0\.113\.9 /], 'it says how to let it in')
  const [forgive = '', exempt = ''] = commands
  await run(forgive)
  t.ok(isRefused(await mail()), 'the list still has it')
  await run(exempt)
  await waitFor('it to pass', async () => !isRefused(await mail()), SOON_MS)
})

interface Block {
  readonly commands: readonly string[]
  /** What the last of them prints, as the page shows it; undefined: it is not shown. */
  readonly printed: string | undefined
}

/** Blocks of commands, each with the block ```text behind it. */
function blocksOf(page: string): Block[] {
  const blocks: { commands: string[]; printed: string | undefined }[] = []
  for (const [, kind, body = ''] of page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
    const last = blocks.at(-1)
    if (PROGRAM.test(body)) blocks.push({ commands: body.trim().split('\n'), printed: undefined })
    else if (kind === 'text' && last) last.printed ??= body
  }
  return blocks
}

/** The same on every day and host. */
function masked(text: string): string {
  return text
    .replace(/\b[0-9A-Z]{10}\b/g, 'REFERENCE')
    .replace(/\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?(?: [+-]\d{4}| UTC)?)?/g, 'DAY')
    .replace(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replace(/, answered in \d+ ms/, '')
    .replace(/\b\d+ (ms|s)\b/g, 'N $1')
    .replace(/\s+/g, ' ')
    .trim()
}

t.test('by the page, command by command', async t => {
  const { refusal, mail, run } = await startHost(t)
  const [shown = ''] = /^550 .*$/m.exec(PAGE) ?? []
  t.equal(masked(refusal), masked(shown), 'the refusal that the page explains to whoever was refused')
  /** What has to hold behind a command. */
  const behind: readonly (readonly [command: RegExp, holds: () => Promise<void>])[] = [
    [/ explain /, async () => void t.ok(isRefused(await mail()), 'forgiven, and refused anew, as told')],
    [
      / exempt 203/,
      async () => {
        const actions: string[] = []
        const passes = async (): Promise<boolean> => actions.push(await mail()) > 0 && !isRefused(actions.at(-1) ?? '')
        await waitFor('it to pass', passes, SOON_MS)
        const [, header = ''] = /^(X-policyd-weight: .*EXEMPT.*)$/m.exec(PAGE) ?? []
        t.equal(actions.at(-1), `PREPEND ${header}`, 'with the header that the page shows')
      },
    ],
    [/ exempt --remove /, () => waitFor('it to be refused again', async () => isRefused(await mail()), SOON_MS)],
  ]
  const blocks = blocksOf(PAGE)
  t.ok(blocks.length >= 5, 'the page has commands')
  for (const { commands, printed } of blocks) {
    for (const [index, command] of commands.entries()) {
      const told = await run(command)
      if (printed !== undefined && index === commands.length - 1) t.equal(masked(told), masked(printed), command)
      for (const [pattern, holds] of behind) if (pattern.test(command)) await holds()
    }
  }
})
