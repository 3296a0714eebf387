import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../../../testkit/executable.ts'
import { socketFolder } from '../../../testkit/daemon-process.ts'
import { configurationText } from '../../../testkit/policy-process.ts'

t.test('a daemon that is started by the very question, as systemd does for a socket unit', async t => {
  const folder = socketFolder(t)
  const [configuration, SOCKET, PIDFILE] = ['conf', 'socket', 'pid'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(configuration, configurationText({ TCP_PORT: 0, SOCKET, PIDFILE, LOCKPATH: `${folder}/cache/` }))
  const title = "process.title = 'policyd-weight (started)'; process.stdout.write('.'); setInterval(() => {}, 1000)"
  const daemon = spawn(process.execPath, ['-e', title], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => daemon.kill())
  await once(daemon.stdout, 'data')
  const version = (await runCommand(configuration, ['-v'])).stdout.split(',')[0]
  const server = createServer(connection => {
    connection.on('error', () => {})
    connection.end(`action=DUNNO ${version}\n\n`)
    // ExecStartPost= runs when the daemon is ready.
    setTimeout(() => writeFileSync(PIDFILE, `${daemon.pid}\n`), 200)
  }).listen(SOCKET)
  t.teardown(() => server.close())
  await once(server, 'listening')
  t.match(await runCommand(configuration, ['status']), {
    status: 0,
    stdout: new RegExp(`^running, process ${daemon.pid}, .*\n\\S+socket: answers, `),
  })
})
