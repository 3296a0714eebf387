import { join } from 'node:path'
import t from 'tap'
import { attributesOf, EXECUTABLE } from './support/executable.ts'
import { configurationText, requestBytes, runPolicyProcess } from './support/policy-process.ts'

const REQUESTS = 1500

/** How many functions V8 decided to optimize, by how many answers had been given. */
function markedBy(answers: number, stdout: string): number {
  const lines = stdout.split('\n')
  let given = 0
  let marked = 0
  for (const line of lines) {
    if (line.startsWith('action=')) given++
    else if (line.startsWith('[marking ') && given <= answers) marked++
  }
  return marked
}

t.test('a process that has given a hundred answers compiles nothing any more', async t => {
  const conf = join(t.testdir({ conf: configurationText({ LOGFILE: '/dev/null' }) }), 'conf')
  const input = Buffer.concat(
    Array.from({ length: REQUESTS }, (_, i) => requestBytes(attributesOf({ sender: '', instance: `i${i}` }))),
  )
  const trace = [process.execPath, '--trace-opt', EXECUTABLE, '-f', conf]
  const { status, stdout } = await runPolicyProcess(trace, input)
  t.equal(status, 0)
  t.equal(stdout.split('\n').filter(line => line === 'action=DUNNO NULL (<>) Sender').length, REQUESTS)
  t.equal(markedBy(REQUESTS, stdout), markedBy(100, stdout))

  const hot = 'let sum = 0; function add(i) { sum = (sum + i) % 7 } for (let i = 0; i < 1e6; i++) add(i)'
  const loop = await runPolicyProcess([process.execPath, '--trace-opt', '-e', hot], Buffer.alloc(0))
  t.match(loop.stdout, /\[marking /, 'what the trace would show')
})
