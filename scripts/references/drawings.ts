/**
 * Who calls a file, as its header draws it: it has to be so.
 *
 *   tree.ts: Tree → findWrongCallers → faults → check-references.ts
 *
 * A line of a header that is set in and has an arrow is a drawing. A file that stands in front of a colon there, or of the first
 * arrow, is said to call this one: one of the two has to import the other, be it a type. What stands behind an arrow may
 * be further away.
 *
 * Pure, no errors.
 */
import { dirname, join, normalize } from 'node:path'
import { type Fault, filesNamed, lineAt, type Tree } from './tree.ts'

const HEADER = /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//
const DRAWING = /^ \* {3,}.*→.*$/gm
const CALLERS = /(?:^| )((?:(?:[\w-]+\/)*[\w.-]+\.ts(?:, )?)+):|^((?:(?:[\w-]+\/)*[\w.-]+\.ts(?:, )?)+) →/g
const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g

export function findWrongCallers(tree: Tree): Fault[] {
  const edges = importsOf(tree)
  return [...tree].flatMap(([path, text]) => {
    const header = path.endsWith('.ts') ? (HEADER.exec(text)?.[0] ?? '') : ''
    return [...header.matchAll(DRAWING)].flatMap(({ index, 0: line }) =>
      callersIn(line.slice(' *'.length).trim()).flatMap(name => {
        const named = filesNamed(name, path, tree)
        const isLinked = named.some(
          each => each === path || edges.has(`${each} ${path}`) || edges.has(`${path} ${each}`),
        )
        const message = `${name} is drawn as a caller, and neither file imports the other`
        return isLinked || named.length === 0 ? [] : [{ file: path, line: lineAt(text, index), message }]
      }),
    )
  })
}

function callersIn(drawing: string): string[] {
  return [...drawing.matchAll(CALLERS)].flatMap(([, before = '', first = '']) => (before || first).split(', '))
}

/** `'src/serve.ts src/decide.ts'`: the first imports the second. */
export function importsOf(tree: Tree): ReadonlySet<string> {
  const edges = new Set<string>()
  for (const [path, text] of tree) {
    if (!path.endsWith('.ts')) continue
    for (const [, to = ''] of text.matchAll(IMPORT)) edges.add(`${path} ${normalize(join(dirname(path), to))}`)
  }
  return edges
}
