import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, write, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { attributesOf, EXECUTABLE, tryExecutable } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'

const MAX_MEGABYTES = 80
const NO_DNS = { NS: '127.0.0.1:1', DNS_RETRIES: 0, DNS_RETRY_IVAL: 1 }
const empty = (attributes: Record<string, string> = {}): string =>
  requestBytes(attributesOf({ sender: '', ...attributes })).toString('latin1')
const ANSWER = 'action=DUNNO NULL (<>) Sender\n\n'

interface Case {
  readonly label: string
  readonly input: string
  readonly wantAnswer: string
  readonly wantStatus: number
  readonly wantLog: RegExp | undefined
}

const CASES: Case[] = [
  { label: 'no input at all', input: '', wantAnswer: '', wantStatus: 0, wantLog: undefined },
  { label: 'a good request', input: empty(), wantAnswer: ANSWER, wantStatus: 0, wantLog: undefined },
  {
    label: 'several requests in one read',
    input: empty().repeat(3),
    wantAnswer: ANSWER.repeat(3),
    wantStatus: 0,
    wantLog: undefined,
  },
  {
    label: '1 MB without a newline',
    input: 'x'.repeat(1 << 20),
    wantAnswer: '',
    wantStatus: 75,
    wantLog: /a line of more than 8192 bytes/,
  },
  {
    label: 'a good request in front of it is answered',
    input: empty() + 'x'.repeat(1 << 20),
    wantAnswer: ANSWER,
    wantStatus: 75,
    wantLog: /a line of more than 8192 bytes/,
  },
  {
    label: '10,000 attributes',
    input: `${'a=b\n'.repeat(10_000)}\n`,
    wantAnswer: '',
    wantStatus: 75,
    wantLog: /more than 256 attributes/,
  },
  {
    label: 'a request of more than 64 KB',
    input: `${`a=${'x'.repeat(8000)}\n`.repeat(9)}\n`,
    wantAnswer: '',
    wantStatus: 75,
    wantLog: /more than 65536 bytes/,
  },
  {
    label: 'a request of another type',
    input: 'request=junk_mail_policy\nsender=\n\n',
    wantAnswer: '',
    wantStatus: 75,
    wantLog: /type "junk_mail_policy"/,
  },
  {
    label: 'half a request',
    input: `${empty()}request=smtpd_access_policy\nsender=\n`,
    wantAnswer: ANSWER,
    wantStatus: 75,
    wantLog: /ended in the middle of a request/,
  },
  {
    label: 'a line without "="',
    input: `nonsense\n${empty()}`,
    wantAnswer: ANSWER,
    wantStatus: 0,
    wantLog: /ignored a line without "=": nonsense$/,
  },
  {
    label: 'NUL, control and 8-bit bytes',
    input: empty({ recipient: 'postmaster\x00\x1b@\xff\xfe', helo_name: '\xc3\x28' }),
    wantAnswer: ANSWER,
    wantStatus: 0,
    wantLog: /<helo=\?\(> <from=> <to=postmaster\?\?@\?\?>/,
  },
  {
    label: '8-bit bytes in an answer',
    input: empty({ sender: 'a@x', recipient: 'abuse@\xff\r\nx' }),
    wantAnswer: 'action=DUNNO mail for abuse@?\n\n',
    wantStatus: 0,
    wantLog: /ignored a line without "=": x$/,
  },
  {
    label: 'names of object properties',
    input: `__proto__=x\nconstructor=y\ntoString=z\nhasOwnProperty=q\n${empty()}`,
    wantAnswer: ANSWER,
    wantStatus: 0,
    wantLog: undefined,
  },
]

function check(
  t: Test,
  { label, wantAnswer, wantStatus, wantLog }: Case,
  tried: Awaited<ReturnType<typeof tryExecutable>>,
) {
  t.equal(tried.stdout, wantAnswer, `${label}: answer`)
  t.equal(tried.status, wantStatus, `${label}: status`)
  t.equal(tried.stderr, '', `${label}: descriptor 2`)
  const warnings = tried.log.filter(line => !line.startsWith('decided '))
  if (wantLog) t.match(tried.log.join('\n'), new RegExp(wantLog.source, 'm'), `${label}: log`)
  else t.strictSame(warnings, wantStatus === 0 && tried.log[0] !== '' ? [] : warnings, `${label}: no warning`)
  t.ok(tried.peakMegabytes < MAX_MEGABYTES, `${label}: ${tried.peakMegabytes.toFixed(0)} MB`)
}

t.test('input of strangers', async t => {
  for (const each of CASES) check(t, each, await tryExecutable(t.testdir(), { parameters: NO_DNS, input: each.input }))
})

t.test('a HELO that a backtracking expression would take minutes for', async t => {
  const helo_name = `${'revip'.repeat(1600)}`
  const input = requestBytes(attributesOf({ helo_name, sender: 'a@single' }))
  const tried = await tryExecutable(t.testdir(), { parameters: { ...NO_DNS, MAXDNSERR: 1000 }, input })
  t.match(tried.stdout, /^action=\S.*\n\n$/)
  t.equal(tried.status, 0)
})

t.test('standard output is closed', async t => {
  for (const stdout of ['closed pipe', '/dev/full']) {
    const full = openSync('/dev/full', 'w')
    const child = spawn(
      process.execPath,
      [EXECUTABLE, '-f', join(t.testdir({ conf: '$LOGFILE = "/dev/null";' }), 'conf')],
      {
        env: { PATH: '/usr/bin:/bin' },
        stdio: ['pipe', stdout === '/dev/full' ? full : 'pipe', 'pipe'],
      },
    )
    closeSync(full)
    child.stdout?.destroy()
    child.stdin?.on('error', () => {})
    child.stdin?.end(empty())
    let stderr = ''
    child.stderr?.on('data', text => {
      stderr += text
    })
    const status = await new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
    t.equal(status, 75, stdout)
    t.equal(stderr, '', stdout)
  }
})

/** Starts the executable on a FIFO each for input and output, both in non-blocking mode for the process. */
function startNonBlocking(t: Test): { child: ChildProcess; input: number; output: number } {
  const folder = t.testdir({ conf: '$LOGFILE = "/dev/null";' })
  const open = (name: string): { ours: number; theirs: number } => {
    const path = join(folder, name)
    execFileSync('mkfifo', [path])
    const theirs = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    return { theirs, ours: openSync(path, name === 'in' ? constants.O_WRONLY : constants.O_RDONLY) }
  }
  const input = open('in')
  const output = open('out')
  const command = ['-i', process.execPath, EXECUTABLE, '-f', join(folder, 'conf')]
  const child = spawn('/usr/bin/env', command, { stdio: [input.theirs, output.theirs, 'pipe'] })
  t.teardown(() => {
    child.kill()
    for (const descriptor of [input.ours, input.theirs, output.ours, output.theirs]) closeSync(descriptor)
  })
  return { child, input: input.ours, output: output.ours }
}

function readExactly(descriptor: number, bytes: number): string {
  const buffer = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; ) at += readSync(descriptor, buffer, at, bytes - at, null)
  return buffer.toString('latin1')
}

t.test('non-blocking input that comes a few bytes at a time', t => {
  const { input, output } = startNonBlocking(t)
  const text = empty().repeat(3)
  for (let at = 0; at < text.length; at += 50) writeSync(input, text.slice(at, at + 50))
  t.equal(readExactly(output, 3 * ANSWER.length), ANSWER.repeat(3))
  // By now the process waits for input that is not there: the next request finds it on its streams.
  writeSync(input, empty())
  t.equal(readExactly(output, ANSWER.length), ANSWER)
  t.end()
})

t.test('non-blocking output that nobody reads for a while', async t => {
  const { child, input, output } = startNonBlocking(t)
  // Linux keeps a pipe in 16 pages and a short write in one of them.
  const pipeBytes = 16 * Math.floor(4096 / ANSWER.length) * ANSWER.length
  const requests = Math.ceil((2 * pipeBytes) / ANSWER.length)
  const feed = new Promise<void>((resolve, reject) =>
    write(input, empty().repeat(requests), error => (error ? reject(error) : resolve())),
  )
  // The pipe is full when the process has written all that fits: the answer after that meets EAGAIN.
  const written = (): number => Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))?.[1])
  while (written() < pipeBytes) await setImmediate()
  t.equal(readExactly(output, requests * ANSWER.length), ANSWER.repeat(requests))
  await feed
})
