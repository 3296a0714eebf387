/**
 * Which process listens on a port or socket of this machine.
 *
 *   port or path → /proc/net → inodes → /proc/PID/fd → Listening, for people
 *
 * Root sees every process, others their own: then nothing is found, and ss(8) as root is the advice.
 *
 * Failure: what is not to be seen is not there.
 * Source: proc(5), proc_net(5).
 */
import { readFileSync } from 'node:fs'
import { findProcess, linkOf, list } from './process-table.ts'

/** `{ pid: 812, title: 'policyd-weight (master)', program: '/usr/bin/perl' }`. */
export interface Listening {
  readonly pid: number
  readonly title: string
  readonly program: string
}

/** A line of /proc/net/tcp: number, local address and port, peer, state (0A: it listens), four more, uid, inode. */
const TCP_LINE = /^\s*\d+: [\dA-F]+:([\dA-F]{4}) +\S+ +0A(?: +\S+){5} +(\d+) /

/** The process that listens; of several, as of a daemon and its workers, the oldest. */
export function whoListens(target: { readonly port: number } | { readonly path: string }): Listening | undefined {
  const inodes = 'path' in target ? inodesOfPath(target.path) : inodesOfPort(target.port)
  if (inodes.size === 0) return undefined
  const found = list('/proc')
    .filter(name => /^\d+$/.test(name) && hasOneOf(name, inodes))
    .map(name => findProcess(Number(name)))
    .filter(process => process !== undefined)
    .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)[0]
  return found && { pid: found.pid, title: found.title, program: linkOf(`/proc/${found.pid}/exe`) ?? 'unknown' }
}

/** `'process 812 (policyd-weight (master), /usr/bin/perl)'`. */
export function describeListening({ pid, title, program }: Listening): string {
  return `process ${pid} (${title === program ? program : `${title}, ${program}`})`
}

function inodesOfPort(port: number): Set<string> {
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(linesOf)
  return new Set(
    lines.flatMap(line => {
      const [, hexadecimal = '', inode] = TCP_LINE.exec(line) ?? []
      return inode !== undefined && Number.parseInt(hexadecimal, 16) === port ? [inode] : []
    }),
  )
}

function inodesOfPath(path: string): Set<string> {
  // Num: RefCount Protocol Flags Type St Inode Path; the flag is that of a socket that listens.
  return new Set(
    linesOf('/proc/net/unix').flatMap(line => {
      const [, flags = '', inode, at] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (.*)$/.exec(line) ?? []
      return inode !== undefined && at === path && Number.parseInt(flags, 16) === 0x10000 ? [inode] : []
    }),
  )
}

function hasOneOf(pid: string, inodes: ReadonlySet<string>): boolean {
  return list(`/proc/${pid}/fd`).some(name => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${name}`) ?? '') ?? []
    return inode !== undefined && inodes.has(inode)
  })
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n')
  } catch {
    return []
  }
}
