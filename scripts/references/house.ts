/**
 * The order of the house: which room stands above which, no circle, no two things of one name, no file that is too long.
 *
 *   tree.ts: Tree → findDisorder → faults → check-references.ts
 *
 * An `import type` counts as well: whoever reads a file has to know the words of those below, and of nobody above. What a bundle
 * loads is another question (import-rules.ts).
 *
 * Pure, no errors.
 */
import { importsOf } from './drawings.ts'
import { type Fault, lineAt, type Tree } from './tree.ts'

/** From the top down: each room may import itself and those below. A file is in the room of its folder, or of the folder around. */
const ROOMS = [
  'cli',
  'cli/lists',
  'cli/exempt',
  'cli/doctor',
  'cli/daemon',
  'cli/cache',
  'cli/advice',
  'cli/rights',
  'daemon',
  '',
  'journal',
  'turn',
  'log',
  'score',
  'cache',
  'exceptions',
  'config',
  'config/values',
  'config/language',
  'config/parameters',
  'config/findings',
  'lists',
  'spf',
  'dns',
  'patterns',
  'policy',
  'boot',
  'system',
  'text',
]

/** The one way up: whoever types a command is answered by the same executable, which decides at its first step. */
const WAY_UP = 'src/main.ts src/cli/command-line.ts'
const MAX_LINES = 300
const COUNTED = /^(?:src|scripts|testkit)\/.*\.(?:ts|c|h|sh|mjs|cjs)$/
const EXPORTED_TYPE = /^export (?:interface|type|class) (\w+)/gm

export function findDisorder(tree: Tree): Fault[] {
  const edges = [...importsOf(tree)].map(edge => edge.split(' ') as [from: string, to: string])
  const ours = edges.filter(([from, to]) => [from, to].every(path => path.startsWith('src/') && tree.has(path)))
  return [...waysUp(ours), ...circles(ours), ...namesakes(tree), ...tooLong(tree)]
}

function waysUp(edges: readonly (readonly [string, string])[]): Fault[] {
  return edges
    .filter(([from, to]) => ROOMS.indexOf(roomOf(to)) < ROOMS.indexOf(roomOf(from)) && `${from} ${to}` !== WAY_UP)
    .map(([file, to]) => ({
      file,
      line: 1,
      message: `imports ${to}, which is in a room above (house.ts has the order)`,
    }))
}

/** `'src/cli/doctor/endpoint.ts'` → `'cli/doctor'`. A folder that has no place in the order is taken for the one around it. */
function roomOf(path: string): string {
  const folders = path.split('/').slice(1, -1)
  while (!ROOMS.includes(folders.join('/'))) folders.pop()
  return folders.join('/')
}

/** Every file that comes back to itself. */
function circles(edges: readonly (readonly [string, string])[]): Fault[] {
  const next = grouped(edges, ([from]) => from)
  return [...next.keys()].flatMap(start => {
    const reached = new Set<string>()
    const open = [start]
    for (let path = open.pop(); path !== undefined; path = open.pop())
      for (const [, to] of next.get(path) ?? []) {
        if (to === start) return [{ file: start, line: 1, message: 'is in a circle of imports' }]
        if (!reached.has(to)) open.push(to)
        reached.add(to)
      }
    return []
  })
}

function namesakes(tree: Tree): Fault[] {
  const sources = [...tree].filter(([path]) => path.startsWith('src/') && path.endsWith('.ts'))
  const files = sources.map(([path]) => ({ name: path.slice(path.lastIndexOf('/') + 1), file: path, line: 1 }))
  const types = sources.flatMap(([file, text]) =>
    [...text.matchAll(EXPORTED_TYPE)].map(({ 1: name = '', index }) => ({ name, file, line: lineAt(text, index) })),
  )
  return [files, types].flatMap(named =>
    [...grouped(named, ({ name }) => name)].flatMap(([name, [first, ...others]]) =>
      others.map(({ file, line }) => ({ file, line, message: `${name} is the name of something in ${first?.file}` })),
    ),
  )
}

function tooLong(tree: Tree): Fault[] {
  return [...tree].flatMap(([file, text]) => {
    const lines = text.split('\n').length - 1
    const message = `has ${lines} lines, and no file of ours has more than ${MAX_LINES}`
    return COUNTED.test(file) && lines > MAX_LINES ? [{ file, line: MAX_LINES + 1, message }] : []
  })
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
