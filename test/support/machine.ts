/**
 * A machine on which doctor can look around: Postfix, systemd, proc(5), who listens, and a name server.
 *
 *   const folder = await buildMachine(t, { list, entry: 'policy unix … argv=FOLDER/policyd-weight', listening: {} })
 *
 * Postfix and systemd are commands in FOLDER/bin, to be put in front of the PATH; proc(5) is FOLDER/proc; sockets, ports, files
 * and the name server are real. In its texts FOLDER, PORT and USER are put in. All ends with the test.
 */
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../../testkit/free-port.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { type FakeProcess, makeProc } from './fake-proc.ts'
import { recordedOutput } from './postfix-model.ts'

/** Whose the service is: somebody who is in every system. Root can try what that user may do. */
export const isRoot = userInfo().uid === 0
const USER = isRoot ? 'daemon' : userInfo().username

export interface Machine {
  readonly list: string
  /** An entry of master.cf. */
  readonly entry?: string
  readonly daemonUnits?: string
  readonly postfixUnits?: string
  readonly master?: FakeProcess
  /** Who listens, by socket or address; what is answered, '' for nothing. */
  readonly listening: Readonly<Record<string, string>>
  /** The mode of sockets. */
  readonly mode?: number
}

/** Listens, and answers each request so. */
async function listen(t: Test, target: { path: string } | { host: string; port: number }, answer: string) {
  const server: Server = createServer(socket =>
    socket.on('error', () => {}).on('data', () => (answer === '' ? socket.destroy() : socket.end(answer))),
  )
  server.listen(target)
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Makes the machine in a folder, and returns that. */
export async function buildMachine(t: Test, machine: Machine): Promise<string> {
  // Not t.testdir: the path of a socket has 107 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), 'set-up-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  for (const name of ['bin', 'cache', 'queue', 'queue/private', 'queue/pid']) mkdirSync(join(folder, name))
  chmodSync(join(folder, 'cache'), 0o700)
  if (isRoot) chownSync(join(folder, 'cache'), 1, 1)
  const port = await freePort()
  const dns = await startDnsServer({
    'a.root-servers.net': { A: ['198.41.0.4'] },
    '2.0.0.127.list.example': { A: ['127.0.0.2'] },
  })
  t.teardown(() => dns.close())
  const fill = (text: string): string =>
    text.replaceAll('FOLDER', folder).replaceAll('PORT', String(port)).replaceAll('USER', USER)
  const file = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), mode)
  }
  file(
    'conf',
    `$NS = '127.0.0.1:${dns.port}';\n$LOCKPATH = '${folder}/cache/';\n$USER = '${USER}';\n$TCP_PORT = ${port};\n` +
      `@dnsbl_score = ('list.example', 1, 0, 'LIST');\n@rhsbl_score = ();\n`,
  )
  file('policyd-weight', '#!/usr/bin/node\n// policyd-weight 1.0.0\n', 0o755)
  file('drop-in.conf', '[Service]\nMemoryDenyWriteExecute=no\nSystemCallFilter=\n')
  file('set', `smtpd_recipient_restrictions = ${fill(machine.list)}\npolicy_time_limit = 3600\n`)
  const asked = recordedOutput('asked.txt').replace('/var/spool/postfix', join(folder, 'queue'))
  file('asked', asked.replace('mail_owner = postfix', 'mail_owner = bin'))
  file('services', fill(`smtp inet n - y - - smtpd\n${machine.entry ?? ''}`))
  file('daemon-units', fill(machine.daemonUnits ?? ''))
  file('postfix-units', fill(machine.postfixUnits ?? ''))
  file(
    'bin/postconf',
    `#!/bin/sh\ncase "$*" in\n'-x -n') cat ${folder}/set ;;\n-M) cat ${folder}/services ;;\n'-x -P') ;;\n'-x mail_version '*) cat ${folder}/asked ;;\n*) exit 1 ;;\nesac\n`,
    0o755,
  )
  file(
    'bin/systemctl',
    `#!/bin/sh\ncase "$*" in\n*' postfix.service'*) cat ${folder}/postfix-units ;;\n*) cat ${folder}/daemon-units ;;\nesac\n`,
    0o755,
  )
  const proc = makeProc(join(folder, 'proc'))
  if (machine.master) {
    proc.add(machine.master)
    file('queue/pid/master.pid', `${machine.master.pid}\n`)
  }
  for (const [at, answer] of Object.entries(machine.listening)) {
    const path = join(folder, 'queue', at)
    await listen(t, at.includes('/') ? { path } : { host: at, port }, answer)
    if (at.includes('/')) chmodSync(path, machine.mode ?? 0o666)
  }
  return folder
}
