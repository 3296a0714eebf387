/**
 * A mail host of the tests: a booted root, its configuration, and a load on the port of the daemon all the while.
 *
 *   await site.during('systemctl restart', { closedMs: GAP_MS }, async () => { … })
 *
 * `during` does something while the load goes on, and says what has to hold of every request: it is answered, with its mail's
 * verdict, or its connection is closed once and it is answered when it is asked again at once. Where the port may be closed for a
 * while, no request waits longer than that.
 */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { FORGED_MAIL, GOOD_MAIL } from '../../testkit/demo-mails.ts'
import { check } from '../debian/checks.ts'
import type { Ended } from '../debian/clean-root.ts'
import type { BootedRoot } from './booted-root.ts'
import { type LoadReport, startLoad } from './load.ts'

export const PORT = 12525
export const UNIT = 'policyd-weight.service'
export const CONFIGURATION = '/etc/policyd-weight.conf'
/** A good configuration, one with an error in line 2, and one that names no user of this system. */
export const GOOD = '$REJECTLEVEL = 1;\n'
export const FAULTY = `${GOOD}$NTTL = 'many';\n`
export const UNKNOWN_USER = `${GOOD}$USER = 'nosuch';\n`
/** What is logged of the first two. */
export const READ_AGAIN = new RegExp(`^configuration read again: ${CONFIGURATION}$`)
export const KEEPS = /^warning: the new configuration is faulty; the daemon goes on with the one it has$/
/** What commands say that refuse them. */
export const FOUND_FAULTY = new RegExp(
  `^${CONFIGURATION}:2:\\d+: error: .*\npolicyd-weight: the configuration is faulty; (?:nothing is stopped or started|the daemon goes on with the one it has)\n$`,
)
export const NO_USER =
  /^policyd-weight: there is no user "nosuch" \(\$USER\); make it: adduser .* nosuch; process \d+ goes on\n$/
/** No request waits longer, unless somebody has stopped the daemon or has its address. How long it was is printed. */
export const GAP_MS = 5000

/** As often as may be. */
export const ANY = Number.POSITIVE_INFINITY

/** What the load may see. */
export interface Allowed {
  /** The port may be closed, for less than so many milliseconds; absent: nobody finds it closed. */
  readonly closedMs?: number
  /** How often each kept connection may be closed; 1 unless it says otherwise. */
  readonly closes?: number
}

export class Site {
  readonly booted: BootedRoot
  readonly #load = startLoad(PORT, [GOOD_MAIL, FORGED_MAIL])

  constructor(booted: BootedRoot) {
    this.booted = booted
  }

  async during(title: string, { closedMs, closes = 1 }: Allowed, act: () => Promise<void>): Promise<void> {
    await this.#load.settled()
    this.#load.take()
    await act()
    await this.#load.settled()
    const report = this.#load.take()
    const { late, again, longestMs, unanswered, wrong, closed } = report
    const isAnswered = unanswered === 0 && wrong.length === 0 && longestMs < (closedMs ?? GAP_MS)
    const isHeld = isAnswered && (closedMs !== undefined || late === 0) && (closes > 0 || again === 0)
    check(`${title}: ${describe(report)}`, isHeld, wrong.slice(0, 3).join(''))
    if (closes === ANY) return
    const most = Math.max(...closed)
    check(`${title}: each kept connection is closed ${closes === 0 ? 'never' : 'once at most'}`, most <= closes, closed)
  }

  /** Puts a configuration in place, whole. */
  configure(text: string): void {
    const { files } = this.booted
    files.write(`${CONFIGURATION}.new`, text)
    renameSync(join(files.path, `${CONFIGURATION}.new`), join(files.path, CONFIGURATION))
  }

  /** Puts it in place, and waits until the daemon has found it out by itself. */
  async reconfigure(text: string, logged: RegExp): Promise<void> {
    const mark = await this.booted.mark()
    this.configure(text)
    await this.booted.logged(mark, logged)
  }

  /** The process that the pid file names. */
  async pid(): Promise<string> {
    return (await this.booted.mustRun('head', '-n', '1', '/run/policyd-weight.pid')).trim()
  }

  /** Runs policyd-weight, and checks how it ended and what it printed; returns that. */
  async command(title: string, args: readonly string[], status: number, printed: RegExp): Promise<Ended> {
    const ended = await this.booted.run('policyd-weight', ...args)
    check(
      `${title}: ends with ${status} and says ${printed}`,
      ended.status === status && printed.test(ended.printed),
      show(ended),
    )
    return ended
  }

  /** Has the daemon read its configuration again, by our command. */
  async reload(title: string): Promise<void> {
    const mark = await this.booted.mark()
    await this.command(title, ['reload'], 0, /^policyd-weight: process \d+ reads its configuration again\n$/)
    await this.expectLogged(title, mark, READ_AGAIN)
  }

  /** A command that is to refuse: no request notices, and the daemon stays the same. Returns what it printed. */
  async refused(title: string, args: readonly string[], status: number, printed: RegExp): Promise<string> {
    const before = await this.pid()
    let said = ''
    await this.during(title, { closes: 0 }, async () => {
      said = (await this.command(title, args, status, printed)).printed
    })
    check(`${title}: the daemon is the same`, (await this.pid()) === before)
    return said
  }

  /** Checks that something is logged. */
  async expectLogged(title: string, mark: string, line: RegExp): Promise<void> {
    try {
      await this.booted.logged(mark, line)
      check(`${title}: logs ${line}`, true)
    } catch {
      const lines = (await this.booted.log(mark)).filter(line => !OF_A_MAIL.test(line))
      check(`${title}: logs ${line}`, false, lines.join('\n'))
    }
  }

  stop(): Promise<void> {
    return this.#load.stop()
  }
}

const OF_A_MAIL = /^(?:weighted check:|decided action=|rejected again:)/

export function show({ status, printed }: Ended): string {
  return `exit status ${status}: ${printed}`
}

function describe({ answered, again, late, longestMs, unanswered }: LoadReport): string {
  return `${answered} requests answered, ${again} when asked again at once, ${late} later, ${unanswered} never; the longest took ${longestMs.toFixed(0)} ms`
}
