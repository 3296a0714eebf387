/**
 * The native part, loaded: mmap, flock and syslog for cache/store.ts and log/log.ts, DNS over UDP for
 * dns/waiting-transport.ts, datagrams for daemon/notify.ts, other users for daemon/privileges.ts, sockets of a daemon that
 * is replaced for daemon/takeover.ts, a quick way out for main.ts.
 *
 *   what loader.ts has loaded, beside the executable, or else the copy inside of it → dlopen(3) → Native
 *
 * The one deployed file carries the addon as text. It is written to a file without a name (O_TMPFILE: nothing on disk
 * to collide with or to clean up), loaded through /proc/self/fd, and the descriptor is closed.
 *
 * Guarantee: loading is synchronous and takes 1 ms at most; nothing is written to descriptor 2.
 *
 * Failure: a platform without an addon, no place that allows a file to be executed (noexec), a security module: a
 * value that says why. Mail is answered all the same, without the shared cache, Node asks the DNS, and the log takes
 * logger(1).
 * Sources: open(2) O_TMPFILE, Node's process.dlopen.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { messageOf } from '../errno.ts'
import { ADDON, EXECUTABLE } from '../executable.ts'

/** The functions of addon.c. Each throws an Error with errno's name as `code` (`EBADF`), except where it says otherwise. */
export interface Native {
  readonly kind: 'native'
  /** Maps the first `bytes` of an open file, shared and writable; unmapped when the buffer is collected. */
  map(descriptor: number, bytes: number): ArrayBuffer
  /** Locks an open file exclusively (flock). False: somebody else held it for all of `waitMs`; 0 tries once. */
  lock(descriptor: number, waitMs: number): boolean
  unlock(descriptor: number): void
  /**
   * syslog(3); `priority` with the facility, see syslog-codes.ts. A character is one byte. False: the log daemon has not taken it,
   * for which one line waits, and no other until it takes lines again.
   */
  writeLog(priority: number, ident: string, text: string): boolean
  /**
   * Sends one datagram to a unix socket, at most 107 bytes of path; `@` begins an abstract name. With it goes a descriptor;
   * -1: none. Never waits.
   */
  notify(path: string, text: string, descriptor: number): void
  /**
   * Opens a UDP socket that is connected to a server, with a port of the kernel's choice; an IPv6 address may have a scope.
   * Returns its descriptor.
   */
  openUdp(address: string, port: number): number
  /** Sends a datagram. False: the network does not take it. Never waits: where there is no room, it is lost. */
  send(socket: number, datagram: Uint8Array): boolean
  /** Waits until a socket has a datagram, or an error. False: none had for all of `waitMs`, or a signal came. */
  poll(sockets: Int32Array, waitMs: number): boolean
  /** Reads the next datagram. Returns its length, or -1 if there is none. Throws what was found out about earlier ones. */
  receive(socket: number, buffer: Uint8Array): number
  /** sumOf() of sum.ts, at once. */
  sum(bytes: Uint8Array): number
  /** The number of a user or group; -1: there is none of that name. */
  idOf(name: string, isGroup: boolean): number
  /** All groups of a user, and `gid` (initgroups). */
  initGroups(user: string, gid: number): void
  /** Changes one of SET_UID, SET_GID, SET_EGID, of all threads. */
  setId(what: number, id: number): void
  /** A socket that another process has open, by its descriptor there: one of our own. Needs the rights of a debugger. */
  takeSocket(pid: number, descriptor: number): number
  /** Where a socket listens: `127.0.0.1:12525`, `[::1]:12525`, `/run/x.sock`; empty: it does not. */
  listeningOn(socket: number): string
  /** Ends that, for all who have the socket open: its address is free at once. */
  stopListening(socket: number): void
  /** Ends the process at once: nothing that Node would do at its end is done. */
  leave(status: number): never
}

/** What setId changes. */
export const [SET_UID, SET_GID, SET_EGID] = [0, 1, 2] as const

/** Why there is no native part: `{ kind: 'unavailable', why: 'there is no native part for darwin x64' }`. */
export interface NativeUnavailable {
  readonly kind: 'unavailable'
  readonly why: string
  /** It was not compiled when the executable was built. */
  readonly isNotInside?: true
}

/** Where to look; for tests. */
export interface NativeSources {
  readonly platform: string
  readonly arch: string
  /** The exports of the one that is loaded already. */
  readonly loaded: unknown
  /** `process.arch` → addon. */
  readonly embedded: (arch: string) => Uint8Array | undefined
  /** Directories in which an unnamed file may be made, in order. */
  readonly directories: readonly string[]
}

// Node has no constant for O_TMPFILE: __O_TMPFILE of Linux, on x64 and arm64 alike, and O_DIRECTORY, which differs.
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/** Loads the native part. Never throws. */
export function loadNative(sources: NativeSources = usualSources()): Native | NativeUnavailable {
  const { platform, arch, loaded, embedded, directories } = sources
  if (platform !== 'linux') return unavailable(`there is no native part for ${platform} ${arch}`)
  try {
    if (loaded !== undefined) return asNative(loaded)
    const bytes = embedded(arch)
    if (!bytes) {
      return {
        ...unavailable(`this executable was built without the native part for linux ${arch}`),
        isNotInside: true,
      }
    }
    return loadEmbedded(bytes, directories)
  } catch (error) {
    return unavailable(messageOf(error))
  }
}

function usualSources(): NativeSources {
  const { platform, arch } = process
  return {
    platform,
    arch,
    loaded: EXECUTABLE?.native,
    embedded: arch => EXECUTABLE?.unpack(`${ADDON}${arch}`),
    directories: ['/dev/shm', '/tmp'],
  }
}

function loadFile(path: string): Native {
  const module = { exports: {} }
  process.dlopen(module, path)
  return asNative(module.exports)
}

function asNative(exported: unknown): Native {
  return Object.assign(exported as Omit<Native, 'kind'>, { kind: 'native' } as const)
}

function loadEmbedded(bytes: Uint8Array, directories: readonly string[]): Native | NativeUnavailable {
  const reasons: string[] = []
  for (const directory of directories) {
    let descriptor: number | undefined
    try {
      descriptor = openSync(directory, O_TMPFILE | constants.O_RDWR, 0o600)
      if (writeSync(descriptor, bytes) === bytes.length) return loadFile(`/proc/self/fd/${descriptor}`)
      reasons.push(`${directory}: no space left`)
    } catch (error) {
      reasons.push(`${directory}: ${messageOf(error)}`)
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
  return unavailable(`the native part cannot be loaded: ${reasons.join('; ')}`)
}

function unavailable(why: string): NativeUnavailable {
  return { kind: 'unavailable', why }
}
