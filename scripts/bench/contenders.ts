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
import type { Plan } from './bench.ts'
import type { NodeBinary } from './install.ts'

export interface Contender {
  readonly name: string
  readonly title: string
  readonly kind: 'bare' | 'ours' | 'original'
  /** Major version of Node; the original has none. Tables that need but one take the lowest. */
  readonly node: number | undefined
  /** The command, given its configuration. */
  command(configuration: string): readonly string[]
}

/** uid and gid of an account: `('polw')`. */
export function userOf(name: string): User {
  const id = (option: string): number => Number(execFileSync('id', [option, name]))
  return { uid: id('-u'), gid: id('-g') }
}

/** All of them, each version of Node with a copy of the executable; outside of the sandbox bare Node and ours, prepared. */
export function makeContenders(plan: Plan): readonly Contender[] {
  const empty = join(plan.folder, 'empty.js')
  writeFileSync(empty, '')
  // Beside it as beside ours: Node would look for one in all folders above.
  copyFileSync(join(plan.dist, 'package.json'), join(plan.folder, 'package.json'))
  const ours = (name: string, title: string, { major, path }: NodeBinary, isPrepared = true): Contender => {
    const executable = deploy(plan, join(plan.folder, name))
    if (isPrepared) execFileSync(path, [executable, 'prepare'], { env: {} })
    return { name, title, kind: 'ours', node: major, command: configuration => [path, executable, '-f', configuration] }
  }
  const contenders = plan.nodes.flatMap((node): Contender[] => [
    {
      name: `bare-${node.major}`,
      title: `node empty.js, ${node.version}`,
      kind: 'bare',
      node: node.major,
      command: () => [node.path, empty],
    },
    ours(`ours-${node.major}`, `policyd-weight, Node ${node.major}`, node),
  ])
  const [oldest] = plan.nodes
  if (!plan.isSandbox || !oldest) return contenders
  return [
    ...contenders,
    ours(`ours-${oldest.major}-raw`, `policyd-weight, Node ${oldest.major}, not prepared`, oldest, false),
    {
      name: 'original',
      title: 'policyd-weight 0.1.15 (Perl)',
      kind: 'original',
      node: undefined,
      command: configuration => ['/usr/bin/perl', '/usr/sbin/policyd-weight', '-f', configuration],
    },
  ]
}

/** The built executable in a folder of its own. */
function deploy({ dist }: Plan, folder: string): string {
  mkdirSync(folder, { mode: 0o755 })
  for (const name of ['package.json', 'policyd-weight']) copyFileSync(join(dist, name), join(folder, name))
  return join(folder, 'policyd-weight')
}
