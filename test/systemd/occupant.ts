/**
 * Somebody else who has an address that a configuration names, and what is said of him.
 */
import { GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { askOnce } from './load.ts'
import { GOOD, type Site } from './site.ts'

const PORT = 12526
const PROGRAM = `require('net').createServer(socket => socket.destroy()).listen(${PORT}, '127.0.0.1')`

/** A configuration with that address. */
export const TAKEN = `${GOOD}$TCP_PORT = ${PORT};\n`

/** What a restart says that needs it. */
export const GOES_ON = new RegExp(
  `^policyd-weight: cannot listen on 127\\.0\\.0\\.1:${PORT} \\(EADDRINUSE\\): closed without an answer; process \\d+ \\(.*/usr/bin/node\\) listens there; to end it: kill \\d+; process \\d+ goes on\n$`,
)

export async function occupy({ booted }: Site): Promise<void> {
  booted.keepRunning('node', '-e', PROGRAM)
  await waitFor('somebody has the address', async () => (await askOnce(PORT, GOOD_MAIL)) === 'closed')
}

/** Ends him by the command that was told. */
export async function endOccupant({ booted }: Site, said: string): Promise<void> {
  const [, pid = ''] = /to end it: kill (\d+);/.exec(said) ?? []
  await booted.mustRun('sh', '-c', `kill ${pid}`)
  await waitFor('the address is free', async () => (await askOnce(PORT, GOOD_MAIL)) === 'refused')
}
