/**
 * The daemon as a unit of systemd: reload and restart, in both ways, with each kind of configuration, under load.
 *
 * What has to hold is what docs/daemon.md says: commands refuse what would not start and the old daemon goes on; the unit
 * itself checks nothing, and each start serves with what can be read.
 */
import { FORGED_MAIL, GOOD_MAIL, verdictOf } from '../../testkit/demo-mails.ts'
import { check } from '../debian/checks.ts'
import { askOnce } from './load.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import { endOccupant, GOES_ON, occupy, TAKEN } from './occupant.ts'
import {
  ANY,
  CONFIGURATION,
  FAULTY,
  FOUND_FAULTY,
  GAP_MS,
  GOOD,
  KEEPS,
  NO_USER,
  PORT,
  READ_AGAIN,
  type Site,
  UNIT,
  UNKNOWN_USER,
} from './site.ts'

const STARTED = /^daemon started, listening on 127\.0\.0\.1:12525$/
const STARTED_WITH_SOCKET = /^daemon started, listening on 127\.0\.0\.1:12525, \/run\/policyd-weight\/made-later\/polw$/
const STARTED_FOR_ALL = /^daemon started, listening on 0\.0\.0\.0:12525$/
/** A daemon that waits for its address tries again after so long by itself. */
const AGAIN_MS = 30_000

export async function tryUnderUnit(site: Site): Promise<void> {
  await site.command(
    'unit, status',
    ['status'],
    0,
    /^running, process \d+, for .+, \d workers\n127\.0\.0\.1 port 12525: answers, [\d.]+ ms\n/,
  )
  await tryGood(site)
  await tryJournal(site)
  await tryFaulty(site)
  await tryUnreadable(site)
  await tryUnknownUser(site)
  await tryTakenAddress(site)
  await tryUnusableSocket(site)
  await tryOtherAddress(site)
  await tryCrash(site)
  await tryStop(site)
}

async function tryGood(site: Site): Promise<void> {
  const { booted } = site
  await site.during('unit, a changed file', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
  await site.during('unit, policyd-weight reload', { closes: 0 }, () => site.reload('unit, policyd-weight reload'))
  await site.during('unit, systemctl reload', { closes: 0 }, async () => {
    const mark = await booted.mark()
    await booted.mustRun('systemctl', 'reload', UNIT)
    await site.expectLogged('unit, systemctl reload', mark, READ_AGAIN)
  })
  await restarted(site, 'unit, policyd-weight restart', async () => {
    await site.command(
      'unit, policyd-weight restart',
      ['restart'],
      0,
      /^policyd-weight: restarted by systemd, policyd-weight\.service\n$/,
    )
  })
  await restarted(site, 'unit, systemctl restart', () => restartUnit(site))
}

/** In its sandbox it may write there, and the journal is for its user alone. */
async function tryJournal(site: Site): Promise<void> {
  const { booted } = site
  const path = '/var/log/policyd-weight/journal'
  await site.during('unit, a journal', { closes: 0 }, async () => {
    await site.reconfigure(`${GOOD}$JOURNAL = '${path}';\n`, READ_AGAIN)
    await waitFor('a decision in it', async () => (await booted.run('grep', '-q', '"action":"', path)).status === 0)
  })
  const { printed } = await booted.run('stat', '-c', '%U %G %a', path)
  check('unit, a journal: it is for the user of the service alone', printed.trim() === 'polw polw 600', printed)
  await site.during('unit, and none again', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
}

async function tryFaulty(site: Site): Promise<void> {
  const { booted } = site
  await site.during('unit, a file with an error', { closes: 0 }, () => site.reconfigure(FAULTY, KEEPS))
  await site.refused('unit, restart with an error', ['restart'], 78, FOUND_FAULTY)
  await site.refused('unit, reload with an error', ['reload'], 78, FOUND_FAULTY)
  await site.during('unit, systemctl reload with an error', { closes: 0 }, async () => {
    const mark = await booted.mark()
    await booted.mustRun('systemctl', 'reload', UNIT)
    await site.expectLogged('unit, systemctl reload with an error', mark, KEEPS)
  })
  await restarted(site, 'unit, systemctl restart with an error', async () => {
    const mark = await booted.mark()
    await restartUnit(site)
    await site.expectLogged('unit, systemctl restart with an error', mark, new RegExp(`^conf-err: ${CONFIGURATION}:2:`))
  })
  await answersWithFault(site, 'unit, started with an error', 'default for $NTTL due to config-error')
  await site.during('unit, a file that is right again', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
}

/** Only root may read it. */
async function tryUnreadable(site: Site): Promise<void> {
  const { booted } = site
  await site.during('unit, a file that only root may read', { closes: 0 }, async () => {
    const mark = await booted.mark()
    await booted.mustRun('chmod', '600', CONFIGURATION)
    await site.expectLogged('unit, a file that only root may read', mark, KEEPS)
  })
  await restarted(site, 'unit, restart with a file that only root may read', async () => {
    const mark = await booted.mark()
    await restartUnit(site)
    await site.expectLogged(
      'unit, restart with a file that only root may read',
      mark,
      new RegExp(`^conf-err: ${CONFIGURATION}: .*cannot be opened \\(EACCES\\)`),
    )
  })
  await answersWithFault(site, 'unit, started without its file', 'config-error')
  await site.during('unit, a file that may be read again', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
}

async function tryUnknownUser(site: Site): Promise<void> {
  await site.during('unit, a file with an unknown user', { closes: 0 }, async () => {
    const mark = await site.booted.mark()
    await site.reconfigure(UNKNOWN_USER, READ_AGAIN)
    await site.expectLogged(
      'unit, a file with an unknown user',
      mark,
      /^warning: changed, takes effect when the daemon is restarted: \$USER \$GROUP$/,
    )
  })
  await site.refused('unit, restart with an unknown user', ['restart'], 78, NO_USER)
  await restarted(site, 'unit, systemctl restart with an unknown user', () => restartUnit(site))
  await site.during('unit, a file with the right user', { closes: 0 }, () => site.reconfigure(GOOD, READ_AGAIN))
}

async function tryTakenAddress(site: Site): Promise<void> {
  const { booted } = site
  await occupy(site)
  await site.during('unit, a file with a taken address', { closes: 0 }, () => site.reconfigure(TAKEN, READ_AGAIN))
  const said = await site.refused('unit, restart with a taken address', ['restart'], 69, GOES_ON)
  await site.during(
    'unit, systemctl restart with a taken address, then the right one',
    { closedMs: AGAIN_MS, closes: ANY },
    async () => {
      const mark = await booted.mark()
      await restartUnit(site)
      await site.expectLogged(
        'unit, systemctl restart with a taken address',
        mark,
        /^policyd-weight: cannot listen on .*; tried again every 30 s$/,
      )
      const status = await booted.run('systemctl', 'status', UNIT)
      check(
        'unit, systemctl status shows who has the address',
        /Status: "not serving: cannot listen on .*listens there/.test(status.printed),
        status.printed,
      )
      site.configure(GOOD)
      await booted.mustRun('systemctl', 'reload', UNIT)
      await site.expectLogged('unit, reload of one that waits', mark, STARTED)
    },
  )
  await endOccupant(site, said)
}

/** A unix socket whose directory is missing, or may not be written by the unit. */
async function tryUnusableSocket(site: Site): Promise<void> {
  const { booted } = site
  const directory = '/run/policyd-weight/made-later'
  const cases = [
    ['unit, a socket in a place that cannot be written', '/srv', 'EROFS', 'nothing may be written there; .*=/srv'],
    [
      'unit, a socket in a directory that is missing',
      directory,
      'ENOENT',
      `there is no directory ${directory}; make it`,
    ],
  ] as const
  await site.during('unit, sockets that cannot be made', { closedMs: AGAIN_MS, closes: ANY }, async () => {
    for (const [title, place, code, remedy] of cases) {
      site.configure(`${GOOD}$SOCKET = '${place}/polw';\n`)
      const mark = await booted.mark()
      await restartUnit(site)
      const socket = `\\$SOCKET ${place}/polw`
      const said = `^policyd-weight: cannot listen on ${socket} \\(${code}\\): ${remedy}; tried again every 30 s$`
      await site.expectLogged(title, mark, new RegExp(said))
    }
    const mark = await booted.mark()
    await booted.mustRun('install', '-d', '-o', 'polw', directory)
    await booted.mustRun('systemctl', 'reload', UNIT)
    await site.expectLogged('unit, its directory is there by now', mark, STARTED_WITH_SOCKET)
  })
  await restarted(site, 'unit, systemctl restart without the socket', async () => {
    site.configure(GOOD)
    await restartUnit(site)
  })
}

/** One that the socket that systemd keeps is in the way of. */
async function tryOtherAddress(site: Site): Promise<void> {
  const { booted } = site
  const kept = async (title: string): Promise<void> => {
    const { printed } = await booted.run('systemctl', 'show', '--property=NFileDescriptorStore', '--value', UNIT)
    check(`${title}: systemd keeps one socket`, printed === '1\n', printed)
  }
  await kept('unit')
  for (const [title, configuration, started] of [
    ['unit, restart with another address', `${GOOD}$BIND_ADDRESS = '0.0.0.0';\n`, STARTED_FOR_ALL],
    ['unit, restart with the old address', GOOD, STARTED],
  ] as const) {
    await site.during(title, { closedMs: GAP_MS, closes: ANY }, async () => {
      await site.reconfigure(configuration, READ_AGAIN)
      const mark = await booted.mark()
      await restartUnit(site)
      await site.expectLogged(title, mark, started)
    })
    await kept(title)
  }
}

async function tryCrash(site: Site): Promise<void> {
  await restarted(site, 'unit, its first process is killed', async () => {
    await site.booted.mustRun('sh', '-c', `kill -KILL ${await site.pid()}`)
  })
}

async function tryStop(site: Site): Promise<void> {
  await site.during('unit, systemctl stop, then start', { closedMs: GAP_MS, closes: ANY }, async () => {
    await site.booted.mustRun('systemctl', 'stop', UNIT)
    // systemctl(1) has told of the end before systemd closes the sockets it has kept.
    await waitFor('the port to be closed', async () => (await askOnce(PORT, GOOD_MAIL)) === 'refused')
    check('unit, systemctl stop: the port is closed', true)
    await site.booted.mustRun('systemctl', 'start', UNIT)
  })
}

/** A restart of the unit: another process, it has said that it serves, and the port was never closed. */
async function restarted(site: Site, title: string, act: () => Promise<void>): Promise<void> {
  const before = await site.pid()
  await site.during(title, {}, async () => {
    const mark = await site.booted.mark()
    await act()
    await site.expectLogged(title, mark, STARTED)
  })
  check(`${title}: the daemon is another one`, (await site.pid()) !== before)
}

async function restartUnit(site: Site): Promise<void> {
  const { status, printed } = await site.booted.run('systemctl', 'restart', UNIT)
  check('systemctl restart ends well', status === 0, printed)
}

async function answersWithFault(site: Site, title: string, fault: string): Promise<void> {
  const accepted = await askOnce(PORT, GOOD_MAIL)
  check(`${title}: accepted mail says so`, verdictOf(accepted) === 'accept' && accepted.includes(fault), accepted)
  const rejected = await askOnce(PORT, FORGED_MAIL)
  check(`${title}: a forged mail is rejected`, verdictOf(rejected) === 'reject', rejected)
  await site.booted.mustRun('systemctl', 'is-active', UNIT)
}
