/**
 * The daemon behind the socket of systemd, which listens for it: nobody finds the port closed when it is restarted.
 */
import { ANY, type Site, UNIT } from './site.ts'

const SOCKET = 'policyd-weight.socket'
const STARTED = /^daemon started, listening on 1 sockets of the service manager$/

export async function tryBySocket(site: Site): Promise<void> {
  const { booted } = site
  await booted.mustRun('systemctl', 'disable', '--now', UNIT)
  const enabled = await booted.mark()
  await booted.mustRun('systemctl', 'enable', '--now', SOCKET)
  await site.expectLogged('socket, the first connection', enabled, STARTED)
  await site.during('socket, systemctl restart', { closes: ANY }, async () => {
    const mark = await booted.mark()
    await booted.mustRun('systemctl', 'restart', UNIT)
    await site.expectLogged('socket, systemctl restart', mark, STARTED)
  })
  await site.during('socket, policyd-weight restart', { closes: ANY }, async () => {
    const mark = await booted.mark()
    await site.command(
      'socket, policyd-weight restart',
      ['restart'],
      0,
      /^policyd-weight: restarted by systemd, policyd-weight\.service\n$/,
    )
    await site.expectLogged('socket, policyd-weight restart', mark, STARTED)
  })
  await booted.mustRun('systemctl', 'disable', '--now', SOCKET)
  await booted.mustRun('systemctl', 'stop', UNIT)
  await booted.mustRun('systemctl', 'enable', '--now', UNIT)
}
