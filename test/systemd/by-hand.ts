/**
 * The daemon that root starts by hand: another one takes its sockets over at a restart, under load.
 *
 * What has to hold is what docs/daemon.md says: nobody finds the port closed, each connection is closed once, and what keeps a
 * new daemon from starting leaves the old one as it is. At the end the unit serves again.
 */
import { check } from '../debian/checks.ts'
import { endOccupant, GOES_ON, occupy, TAKEN } from './occupant.ts'
import { ANY, FAULTY, FOUND_FAULTY, GOOD, KEEPS, NO_USER, READ_AGAIN, type Site, UNIT, UNKNOWN_USER } from './site.ts'

const RESTARTS = 3
/** Two commands behind one another, between which nobody serves. */
const SWITCH_MS = 30_000

export async function tryByHand(site: Site): Promise<void> {
  const { booted } = site
  await site.during('by hand, start in place of the unit', { closedMs: SWITCH_MS, closes: ANY }, async () => {
    await booted.mustRun('systemctl', 'disable', '--now', UNIT)
    await site.command(
      'by hand, start',
      ['start'],
      0,
      /^policyd-weight: started, process \d+, listening on 127\.0\.0\.1:12525\n$/,
    )
  })
  await site.refused('by hand, start again', ['start'], 69, /^policyd-weight: already running, process \d+ \(\S+\)\n$/)
  await site.during('by hand, a changed file', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
  await site.during('by hand, reload', { closes: 0 }, () => site.reload('by hand, reload'))
  for (let count = 1; count <= RESTARTS; count++) await tryRestart(site, `by hand, restart ${count}`)

  await site.during('by hand, a file with an error', { closes: 0 }, () => site.reconfigure(FAULTY, KEEPS))
  await site.refused('by hand, restart with an error', ['restart'], 78, FOUND_FAULTY)
  await site.refused('by hand, reload with an error', ['reload'], 78, FOUND_FAULTY)
  site.configure(UNKNOWN_USER)
  await site.refused('by hand, restart with an unknown user', ['restart'], 78, NO_USER)
  await occupy(site)
  site.configure(TAKEN)
  await endOccupant(site, await site.refused('by hand, restart with a taken address', ['restart'], 69, GOES_ON))
  site.configure(GOOD)
  await tryRestart(site, 'by hand, restart with the right file')

  await site.during('by hand, stop, and the unit in its place', { closedMs: SWITCH_MS, closes: ANY }, async () => {
    await site.command('by hand, stop', ['stop'], 0, /^policyd-weight: stopped, process \d+\n$/)
    await site.command(
      'by hand, status of a daemon that was stopped',
      ['status'],
      69,
      /^not running \(\S+\)\n127\.0\.0\.1 port 12525: no answer: ECONNREFUSED\nanswers, with those of spawned processes: accepted \d+, .*\n$/,
    )
    await booted.mustRun('systemctl', 'enable', '--now', UNIT)
  })
}

async function tryRestart(site: Site, title: string): Promise<void> {
  const before = await site.pid()
  await site.during(title, {}, async () => {
    const { printed } = await site.command(
      title,
      ['restart'],
      0,
      /^policyd-weight: started, process \d+, listening on 127\.0\.0\.1:12525, in place of process \d+\n$/,
    )
    check(`${title}: in place of the one that ran`, printed.endsWith(` ${before}\n`), printed)
  })
  check(`${title}: the pid file names another one`, (await site.pid()) !== before)
}
