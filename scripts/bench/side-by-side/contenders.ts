/**
 * The contenders that are started for a connection, as spawn(8) does.
 *
 *   bare-20            node empty.js: the floor
 *   ours-20, -22, …    this project, prepared, on each Node
 *   ours-20-raw        the same without what `policyd-weight prepare` keeps
 *   original           Debian's policyd-weight
 *
 * All run as polw, with an environment of nothing but PATH.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { User } from './configurations.ts'
import type { Plan } from './plan.ts'

export interface Contender {
  readonly name: string
  readonly title: string
  readonly kind: 'bare' | 'ours' | 'original'
  /** Major version of Node; the original has none. Tables that need but one take the lowest. */
  readonly node: number | undefined
  readonly isPrepared: boolean
  /** The command, given its configuration. */
  command(configuration: string): readonly string[]
}

/** uid and gid of an account: `('polw')`. */
export function userOf(name: string): User {
  const id = (option: string): number => Number(execFileSync('id', [option, name]))
  return { uid: id('-u'), gid: id('-g') }
}

/** All of them, each version of Node with a copy of the executable. */
export function makeContenders(plan: Plan): readonly Contender[] {
  const empty = join(plan.folder, 'empty.js')
  writeFileSync(empty, '')
  const contenders: Contender[] = plan.nodes.flatMap(({ major, path, version }) => {
    const executable = deploy(plan, join(plan.folder, `ours-${major}`))
    execFileSync(path, [executable, 'prepare'], { env: {} })
    const bare: Contender = {
      name: `bare-${major}`,
      title: `node empty.js, ${version}`,
      kind: 'bare',
      node: major,
      isPrepared: false,
      command: () => [path, empty],
    }
    const ours: Contender = {
      name: `ours-${major}`,
      title: `policyd-weight, Node ${major}`,
      kind: 'ours',
      node: major,
      isPrepared: true,
      command: configuration => [path, executable, '-f', configuration],
    }
    return [bare, ours]
  })
  const oldest = plan.nodes[0]
  if (!oldest) throw new Error('no version of Node to run on')
  const raw = deploy(plan, join(plan.folder, 'ours-raw'))
  return [
    ...contenders,
    {
      name: `ours-${oldest.major}-raw`,
      title: `policyd-weight, Node ${oldest.major}, not prepared`,
      kind: 'ours',
      node: oldest.major,
      isPrepared: false,
      command: configuration => [oldest.path, raw, '-f', configuration],
    },
    {
      name: 'original',
      title: 'policyd-weight 0.1.15 (Perl)',
      kind: 'original',
      node: undefined,
      isPrepared: true,
      command: configuration => ['/usr/bin/perl', '/usr/sbin/policyd-weight', '-f', configuration],
    },
  ]
}

/** The built executable in a folder of its own. */
function deploy({ dist }: Plan, folder: string): string {
  mkdirSync(folder, { mode: 0o755 })
  copyFileSync(join(dist, 'package.json'), join(folder, 'package.json'))
  const executable = join(folder, 'policyd-weight')
  copyFileSync(join(dist, 'policyd-weight'), executable)
  return executable
}
