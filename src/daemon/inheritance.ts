/**
 * What a daemon inherits from whoever starts it, and leaves behind: the environment, the umask, open descriptors.
 *
 *   cli/daemon/start.ts: neededEnvironment; run-supervisor.ts, first of all: leaveInheritance → the supervisor, and so its workers
 *
 * A daemon outlives the shell or script that started it, so it must hold nothing of theirs: a lock that would never be
 * given back, a pipe whose reader waits for its end, a path to libraries or an option for Node that was meant for another
 * program. What is left of the environment is PATH (logger(1), systemd-notify(1)), the time zone and the language, and where a
 * service manager has put credentials.
 *
 * Files are made for $USER alone; what others are to read or use says so where it is made (pid-file.ts, listeners.ts).
 *
 * Which descriptors are our own cannot be asked. They are of kinds that nobody hands over: event queues, pipes of which both
 * ends are here, /dev/null, a terminal opened anew, and what is prepared beside the executable (prepared.ts). Everything else
 * from 3 on is closed, but the sockets of a service manager and the channel to the starter. A Node that was given options may have more files of its own (a profile,
 * the inspector), so then nothing is closed.
 *
 * Failure: without /proc nothing is closed.
 * Sources: proc(5); libuv's loop, signal and tty handles.
 */
import { closeSync } from 'node:fs'
import { preparedPath } from '../boot/prepared.ts'
import { linkOf, list } from './process-table.ts'

const NEEDED: ReadonlySet<string> = new Set(['PATH', 'TZ', 'LANG', 'LC_ALL'])
/** Of a service manager, to this very process: where it finds the keys of lists (config/key-files.ts). */
const OWN = 'CREDENTIALS_DIRECTORY'
const UMASK = 0o077
const FIRST_DESCRIPTOR = 3
const OWN_KIND = /^(?:anon_inode:\[(?:eventpoll|eventfd|io_uring)\]|\/dev\/null|\/)$/

/** What of an environment a daemon needs. `further`: names that are needed as well. */
export function neededEnvironment(environment: NodeJS.ProcessEnv, ...further: readonly string[]): NodeJS.ProcessEnv {
  const isNeeded = (name: string): boolean => NEEDED.has(name) || further.includes(name)
  return Object.fromEntries(Object.entries(environment).filter(([name]) => isNeeded(name)))
}

/** Frees this process of all it need not have; `passed` are the sockets that it was given on purpose. */
export function leaveInheritance(passed: readonly number[]): void {
  const hasOptions = process.execArgv.length > 0 || process.env.NODE_OPTIONS !== undefined
  // Node has the number of the channel, its types do not.
  const channel = process.channel as { readonly fd?: number } | undefined
  const kept = channel?.fd === undefined ? passed : [...passed, channel.fd]
  if (!hasOptions) for (const descriptor of foreignDescriptors(openDescriptors(), kept)) closeSync(descriptor)
  for (const name of Object.keys(process.env)) if (!NEEDED.has(name) && name !== OWN) delete process.env[name]
  process.umask(UMASK)
}

/** Of open descriptors, with what /proc shows for each, those that are neither our own nor meant to be kept. */
export function foreignDescriptors(open: ReadonlyMap<number, string>, kept: readonly number[]): number[] {
  const further = [...open].filter(([descriptor]) => descriptor >= FIRST_DESCRIPTOR)
  const standard = [0, 1, 2].map(descriptor => open.get(descriptor))
  const isOwn = (link: string): boolean =>
    OWN_KIND.test(link) ||
    link.includes(preparedPath('')) ||
    standard.includes(link) ||
    (link.startsWith('pipe:') && further.filter(([, other]) => other === link).length > 1)
  return further.filter(([descriptor, link]) => !kept.includes(descriptor) && !isOwn(link)).map(([number]) => number)
}

function openDescriptors(): Map<number, string> {
  const open = new Map<number, string>()
  for (const name of list('/proc/self/fd')) {
    const link = linkOf(`/proc/self/fd/${name}`)
    // The one the directory was read through has none any more.
    if (link !== undefined) open.set(Number(name), link)
  }
  return open
}
