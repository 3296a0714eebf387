/**
 * Which entries of master.cf run this program, and what their argv says.
 *
 *   services, files named by argv (look-files.ts) → OurService → check-service.ts and others
 *
 * An entry is ours if a file of its argv is a build of this program, or is called so and is missing, or is the Perl
 * original. Interpreters and their options may stand in front.
 *
 * Pure, total.
 * Source: spawn(8).
 */
import type { LookAtFile } from '../rights/look-files.ts'
import type { Service } from './postfix.ts'

/** An entry of spawn(8), taken apart. */
export interface SpawnEntry {
  readonly service: Service
  /** `user=polw:mail` → `polw`, `mail`; undefined: not given. */
  readonly user: string | undefined
  readonly group: string | undefined
  readonly argv: readonly string[]
}

export interface OurService extends SpawnEntry {
  /** The word of argv that is this program. */
  readonly program: string
  /** What stands behind `-f` or in `-f FILE`; undefined: the usual places. */
  readonly configurationFile: string | undefined
}

const MAX_WORDS = 16

/** Takes the entries of spawn(8) apart. */
export function spawnEntries(services: readonly Service[]): SpawnEntry[] {
  return services
    .filter(({ command }) => command === 'spawn')
    .map(service => {
      const at = service.args.findIndex(word => word.startsWith('argv='))
      const before = at < 0 ? service.args : service.args.slice(0, at)
      const first = at < 0 ? '' : (service.args[at] ?? '').slice('argv='.length)
      const argv =
        at < 0 ? [] : [first, ...service.args.slice(at + 1)].filter((word, index) => index > 0 || word !== '')
      const [user, group] = (before.find(word => word.startsWith('user='))?.slice('user='.length) ?? '').split(':', 2)
      return { service, user: user === '' ? undefined : user, group: group === '' ? undefined : group, argv }
    })
}

/** The entries that run this program. */
export function findOurServices(entries: readonly SpawnEntry[], look: LookAtFile): OurService[] {
  return entries.flatMap(entry => {
    const program = entry.argv.slice(0, MAX_WORDS).find(word => isOurs(word, look))
    if (program === undefined) return []
    const behind = entry.argv.slice(entry.argv.indexOf(program) + 1)
    const flag = behind.indexOf('-f')
    return [{ ...entry, program, configurationFile: flag < 0 ? undefined : behind[flag + 1] }]
  })
}

function isOurs(word: string, look: LookAtFile): boolean {
  if (word.startsWith('-')) return false
  if (/(?:^|\/)policyd-weight[^/]*$/.test(word)) return true
  return word.startsWith('/') && look(word).program === 'ours'
}
