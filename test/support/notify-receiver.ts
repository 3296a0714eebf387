/**
 * What a service manager would be told (sd_notify), for tests.
 *
 *   const manager = await startNotifyReceiver(folder, path); … manager.received(); manager.stop()
 *
 * Node cannot receive datagrams of unix sockets, so a small C program does (notify-receiver.c).
 */
import { execFileSync, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../../testkit/wait-for.ts'

const here = dirname(fileURLToPath(import.meta.url))

export interface NotifyReceiver {
  /** Each datagram, line feeds as blanks. */
  received(): readonly string[]
  stop(): void
}

/** Binds `path`, `@name` for an abstract one; the program is compiled into `folder`. */
export async function startNotifyReceiver(folder: string, path: string): Promise<NotifyReceiver> {
  const program = join(folder, 'notify-receiver')
  execFileSync('cc', ['-O1', '-o', program, join(here, 'notify-receiver.c')])
  // The daemon may be another user.
  const child = spawn('sh', ['-c', 'umask 0; exec "$0" "$1"', program, path], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  await waitFor('the receiver', () => text.startsWith('bound\n'))
  return {
    received: () => text.split('\n').slice(1, -1),
    stop: () => void child.kill(),
  }
}
