import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const SOURCES = 'scripts/bench'
const TEMPLATE = 'client_address={client}\ninstance=x{n}\n\n'

/** Answers each request with its instance, over whatever descriptor 0 is. */
const SERVICE = `
const { readSync, writeSync } = require('node:fs')
const buffer = Buffer.alloc(4096)
for (let length; (length = readSync(0, buffer)) > 0; ) {
  const [, client, instance] = /client_address=(.*)\\ninstance=(.*)\\n/.exec(buffer.subarray(0, length).toString())
  writeSync(1, 'action=DUNNO ' + client + ' ' + instance + '\\n\\n')
}
process.exit(Number(process.argv[2]))
`

function compile(folder: string, name: string): string {
  const program = join(folder, name)
  execFileSync('cc', ['-std=gnu17', '-O1', '-o', program, `${SOURCES}/${name}.c`])
  return program
}

t.test('policy-clock asks each process its requests, numbered, and says how it ended', t => {
  const folder = t.testdir({ template: TEMPLATE, 'service.cjs': SERVICE })
  const clock = compile(folder, 'policy-clock')
  const run = (processes: number, requests: number, ...command: string[]): { status: number | null; stdout: string } =>
    spawnSync(clock, [String(processes), String(requests), '65535', join(folder, 'template'), ...command], {
      env: {},
      encoding: 'utf8',
    })
  const service = [process.execPath, join(folder, 'service.cjs')]
  const one = run(1, 3, ...service, '0')
  t.match(
    one.stdout,
    /^answer [\d.]+ action=DUNNO 198\.18\.255\.255 x65535\nanswer [\d.]+ action=DUNNO 198\.19\.0\.0 x65536\nanswer [\d.]+ action=DUNNO 198\.19\.0\.1 x65537\nprocess 0 [\d.]+\n$/,
  )
  const several = run(4, 1, ...service, '3')
    .stdout.trim()
    .split('\n')
  t.equal(several.filter(line => /^answer [\d.]+ action=DUNNO /.test(line)).length, 4, 'four answers')
  t.equal(several.filter(line => /^process 3 /.test(line)).length, 4, 'four ends with their status')
  t.match(run(1, 0, process.execPath, '-e', '0').stdout, /^process 0 [\d.]+\n$/, 'nothing is asked')
  t.match(run(1, 1, process.execPath, '-e', '0').stdout, /^process 0 [\d.]+\n$/, 'no answer, no line')
  t.equal(run(1, 1, join(folder, 'absent')).status, 2, 'a command that is not there')
  t.end()
})

t.test('load keeps a request under way on each connection, and counts', async t => {
  const folder = t.testdir()
  const load = compile(folder, 'load')
  const template = join(folder, 'template')
  writeFileSync(template, TEMPLATE)
  let connections = 0
  let requests = 0
  let answersOfFirst = 0
  const server = createServer(socket => {
    const isFirst = ++connections === 1
    socket.on('error', () => {})
    socket.on('data', () => {
      requests++
      // The first connection is closed once, the next ones stay.
      if (isFirst && ++answersOfFirst === 3) socket.destroy()
      else socket.write('action=DUNNO\n\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not a TCP port')
  const run = async (expected: string): Promise<string> => {
    const args = [address.port, 5, 0, 0.3, 1, template, expected].map(String)
    return (await promisify(execFile)(load, args)).stdout
  }
  const output = await run('DUNNO')
  const figure = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(output)?.[1])
  t.equal(connections, 6, 'five connections, and one in the place of that which was closed')
  t.ok(figure('requests') > 5 && figure('requests') <= requests, 'answers are counted')
  t.equal(figure('closed'), 1)
  t.equal(figure('unexpected'), 0)
  t.ok(figure('p50') <= figure('p90') && figure('p90') <= figure('p99') && figure('p99') <= figure('max'))
  const wrong = await run('REJECT')
  t.equal(/^unexpected (\d+)$/m.exec(wrong)?.[1], /^requests (\d+)$/m.exec(wrong)?.[1], 'all answers are wrong')
})
