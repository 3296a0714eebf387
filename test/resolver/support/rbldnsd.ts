/**
 * A real rbldnsd that serves the built-in lists, on loopback and out of a folder of a test's own.
 *
 *   const lists = await startRbldnsd(folder, block); lists.become('zen.spamhaus.org', 'everybody'); … await lists.stop()
 *
 * Needs root and Debian's package rbldnsd. Failure: program.ts.
 * Sources: rbldnsd(8), RFC 5782 5 (test entries).
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import dnsPacket from 'dns-packet'
import { type Block, CLIENT_LISTS, DOMAIN_LISTS, listedClient, MAX_MAILS } from './names.ts'
import { endProgram, startProgram } from './program.ts'

/** What a list of clients has become: `everybody` is listed; every question is refused; its domain is somebody else's; nobody answers. */
export const FATES = ['everybody', 'refusing', 'parked', 'silent'] as const
export type Fate = (typeof FATES)[number]
const ANSWERS: Readonly<Record<Exclude<Fate, 'silent'>, string>> = {
  everybody: '127.0.0.4',
  refusing: '127.255.255.254',
  parked: '203.0.113.5',
}

/** rbldnsd takes no network larger than a /8. */
const EVERYBODY = Array.from({ length: 256 }, (_, octet) => `${octet}.0.0.0/8`)

export interface Rbldnsd {
  /** Exchanges the zone of a list of clients; all lists are silent if one becomes that. */
  become(host: string, fate: Fate): void
  stop(): Promise<void>
}

/** What a list says of whom it names; the first is that of zen.spamhaus.org for a hijacked host. */
const CODES = ['127.0.0.4', '127.0.0.2', '127.0.0.2']

export async function startRbldnsd(folder: string, { lists }: Block): Promise<Rbldnsd> {
  const data = join(folder, 'lists')
  mkdirSync(data, { mode: 0o755 })
  const listed = Array.from({ length: MAX_MAILS }, (_, n) => listedClient(n))
  const write = (host: string, type: 'ip4set' | 'dnset', code: string, entries: readonly string[]): string => {
    writeFileSync(join(data, host), [`:${code}:listed`, ...entries, ''].join('\n'))
    return `${host}:${type}:${host}`
  }
  const zones = [
    ...CLIENT_LISTS.map((host, i) =>
      write(host, 'ip4set', CODES[i] as string, ['127.0.0.2', ...(i < 2 ? listed : [])]),
    ),
    ...DOMAIN_LISTS.map(host => write(host, 'dnset', '127.0.1.2', ['test'])),
  ]
  const args = ['-n', '-t', '300', '-u', 'rbldns', '-w', data, '-b', `${lists}/53`, ...zones]
  const child = await startProgram('rbldnsd', args, () => answers(lists))
  return {
    become(host, fate) {
      if (fate === 'silent') child.kill('SIGSTOP')
      else {
        write(host, 'ip4set', ANSWERS[fate], EVERYBODY)
        child.kill('SIGHUP')
      }
    },
    stop: () => {
      child.kill('SIGCONT')
      return endProgram(child)
    },
  }
}

/** Whether it knows its test entry. */
async function answers(address: string): Promise<boolean> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  const questions = [{ type: 'A' as const, name: `2.0.0.127.${CLIENT_LISTS[0]}` }]
  socket.send(dnsPacket.encode({ type: 'query', id: 1, questions }), 53, address)
  try {
    const [packet] = await once(socket, 'message', { signal: AbortSignal.timeout(200) })
    return (dnsPacket.decode(packet).answers ?? []).length > 0
  } catch {
    return false
  } finally {
    socket.close()
  }
}
