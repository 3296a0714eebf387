import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readReport } from '../../src/daemon/worker-report.ts'
import { connectTo, type DaemonProcess, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const SHORT_CUT = requestBytes(attributesOf({ sender: '' }))
const SHORT_CUT_ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'
const CLIENTS = 16

/** Loaded in front of the executable: a worker that gets SIGUSR2 loops for ever. */
const LOOP_AT_SIGNAL = "if (process.argv[2] === '--worker') process.on('SIGUSR2', () => { for (;;); })\n"

const status = async ({ configuration }: DaemonProcess): Promise<string> =>
  (await runPolicyProcess([process.execPath, EXECUTABLE, '-f', configuration, 'status'], Buffer.alloc(0))).stdout

t.test('one worker is stopped, the other loops: both are replaced, and nobody waits for either', async t => {
  const folder = socketFolder(t)
  const preload = join(folder, 'loop.cjs')
  writeFileSync(preload, LOOP_AT_SIGNAL)
  const daemon = await startDaemon(
    join(folder, 'd'),
    {},
    { command: file => [process.execPath, '--require', preload, EXECUTABLE, '-f', file, '-D', 'start'] },
  )
  t.teardown(() => daemon.child.kill('SIGKILL'))
  const logged = (pattern: RegExp): boolean => daemon.log().some(line => pattern.test(line))
  await waitFor('the report', () => readReport(daemon.pid) !== undefined)
  t.match(await status(daemon), /, 2 workers\n.*: answers, .*\nworkers replaced: 0\n$/)

  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connectTo(daemon.socketPath)))
  for (const client of clients) t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  const hung = [...daemon.workers()]
  t.equal(hung.length, 2)
  process.kill(hung[0] as number, 'SIGSTOP')
  process.kill(hung[1] as number, 'SIGUSR2')
  for (const client of clients) client.socket.write(SHORT_CUT)
  daemon.child.kill('SIGHUP')
  await waitFor('both to be named', () => {
    const silent = readReport(daemon.pid)?.silent.map(({ pid }) => pid) ?? []
    return hung.every(pid => silent.includes(pid))
  })
  t.pass('by the supervisor, who waits for nobody')
  await Promise.all(clients.map(({ closed }) => closed))
  t.pass('all connections are closed, so Postfix asks again')
  const again = await connectTo(daemon.socketPath)
  t.equal(await again.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  for (const pid of hung) t.ok(logged(new RegExp(`^warning: worker ${pid} has not reacted for 8 s and is killed$`)))
  await waitFor('the reload, whose workers have been replaced', () => logged(/^configuration read again/))
  await waitFor('the report', () => readReport(daemon.pid)?.replaced === 2)
  t.match(
    await status(daemon),
    /, 2 workers\n.*: answers, .*\nworkers replaced: 2, the last one at 2\S*Z: process \d+, no reaction for 8 s\nanswers, with those of spawned processes: null senders \d+\n$/,
  )

  process.kill(daemon.workers()[0] as number, 'SIGSTOP')
  t.equal(await daemon.stop(), 0, 'one that is stopped does not keep the daemon from ending')
  t.ok(logged(/^daemon stopped$/))
})
