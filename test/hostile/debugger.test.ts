import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { connectTo, socketFolder, startDaemon } from '../../testkit/daemon-process.ts'
import { attributesOf, EXECUTABLE } from '../../testkit/executable.ts'
import { configurationText, requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const SHORT_CUT = requestBytes(attributesOf({ sender: '' }))
const SHORT_CUT_ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'
const SIGUSR1_BIT = 1n << 9n

/** Whether the kernel throws SIGUSR1 away: then Node never hears of it. */
function isIgnored(pid: number): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return (BigInt(`0x${mask}`) & SIGUSR1_BIT) !== 0n
}

/** What a process has printed so far. */
function outputOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('latin1').on('data', (part: string) => {
      text += part
    })
  return () => text
}

t.test('a process that Postfix has started opens no debugger', async t => {
  const folder = t.testdir()
  const configuration = join(folder, 'conf')
  writeFileSync(configuration, configurationText({ LOGFILE: join(folder, 'log'), LOCKPATH: join(folder, 'cache') }))
  const child = spawn('/usr/bin/env', ['-i', process.execPath, EXECUTABLE, '-f', configuration])
  t.teardown(() => child.kill('SIGKILL'))
  const output = outputOf(child)
  child.stdin.write(SHORT_CUT)
  await waitFor('the answer', () => output() === SHORT_CUT_ANSWER)
  await waitFor('the native part, which comes behind the answer', () => isIgnored(child.pid as number))
  child.kill('SIGUSR1')
  child.stdin.end(SHORT_CUT)
  t.strictSame(await once(child, 'close'), [0, null], 'nor does it end')
  t.equal(output(), SHORT_CUT_ANSWER.repeat(2))
})

t.test('neither does the daemon', async t => {
  const daemon = await startDaemon(join(socketFolder(t), 'd'))
  t.teardown(() => daemon.stop())
  const output = outputOf(daemon.child)
  for (const pid of [daemon.pid, ...daemon.workers()]) {
    t.ok(isIgnored(pid))
    process.kill(pid, 'SIGUSR1')
  }
  const client = await connectTo(daemon.socketPath)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  t.equal(await daemon.stop(), 0)
  t.equal(output(), '')
})

t.test('nor without the native part', async t => {
  const folder = socketFolder(t)
  const preload = join(folder, 'no-addons.cjs')
  writeFileSync(preload, "process.dlopen = () => { throw new Error('a test') }\n")
  const daemon = await startDaemon(
    join(folder, 'd'),
    {},
    { command: file => [process.execPath, '--require', preload, EXECUTABLE, '-f', file, '-D', 'start'] },
  )
  t.teardown(() => daemon.stop())
  const output = outputOf(daemon.child)
  for (const pid of [daemon.pid, ...daemon.workers()]) {
    t.notOk(isIgnored(pid), 'it is heard, and nothing comes of it')
    process.kill(pid, 'SIGUSR1')
  }
  const client = await connectTo(daemon.socketPath)
  t.equal(await client.ask(SHORT_CUT, 1), SHORT_CUT_ANSWER)
  t.equal(await daemon.stop(), 0)
  t.equal(output(), '', 'Node would say that a debugger listens')
})
