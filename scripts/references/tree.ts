/**
 * The checkout as the checks of references see it: every file by its path, with its text where that is looked at.
 *
 *   check-references.ts: root → readTree → Tree → links.ts, drawings.ts, unread.ts
 *
 * Failure: the errors of the file system.
 */
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'

/** Paths from the root, and texts; empty for what is neither a page nor a source. */
export type Tree = ReadonlyMap<string, string>

/** What is wrong, and where. */
export interface Fault {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** Not ours, or made by a build. */
const LEFT_OUT = new Set(['node_modules', '.git', '.tap', 'build', 'dist'])
const LOOKED_AT = /\.(?:ts|mjs|cjs|c|h|sh|md)$/

export function readTree(root: string): Tree {
  const paths: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile()) paths.push(relative(root, join(folder, entry.name)))
      else if (isOurs(entry)) visit(join(folder, entry.name))
    }
  }
  visit(root)
  return new Map(paths.sort().map(path => [path, LOOKED_AT.test(path) ? readFileSync(join(root, path), 'utf8') : '']))
}

function isOurs(entry: Dirent): boolean {
  return entry.isDirectory() && !LEFT_OUT.has(entry.name)
}

/** Whether a file is code or a tool of ours. */
export function isSource(path: string): boolean {
  return /^(?:src|scripts|testkit|test)\/.*\.(?:ts|mjs|cjs|c|h|sh)$/.test(path)
}

/**
 * The files that a name may stand for where `from` gives it: the one it is from there or from the root, else each whose path
 * ends in it, `cache/spam.ts`, `spam.ts`: below src/, scripts/, testkit/ and test/, a page anywhere.
 */
export function filesNamed(name: string, from: string, tree: Tree): readonly string[] {
  const exact = [normalize(join(dirname(from), name)), name].find(path => tree.has(path))
  if (exact !== undefined) return [exact]
  const stem = name.replace(/\.cjs$/, '')
  const ends = [name, ...(stem === name ? [] : [`${stem}.ts`])]
  return endsOf(tree, basename(stem)).filter(path => ends.some(end => path.endsWith(`/${end}`)))
}

const indices = new WeakMap<Tree, Map<string, string[]>>()

/** The files that may be meant, by name; what is bundled has the name of its source: `lock-holder.ts` → `lock-holder.cjs`. */
function endsOf(tree: Tree, name: string): readonly string[] {
  let index = indices.get(tree)
  if (!index) {
    index = new Map()
    for (const path of tree.keys()) {
      if (!/^(?:src|scripts|testkit|test)\/|\.md$/.test(path)) continue
      for (const key of new Set([basename(path), basename(path).replace(/\.(?:ts|cjs)$/, '')]))
        index.set(key, [...(index.get(key) ?? []), path])
    }
    indices.set(tree, index)
  }
  return index.get(name) ?? []
}

/** A piece of a text and where it begins. */
export interface Piece {
  readonly at: number
  readonly text: string
}

const COMMENT = /^[ \t]*\/\*[\s\S]*?\*\/|(?:^|[ \t])\/\/ .*$/gm
const SHELL_COMMENT = /^[ \t]*#.*$/gm

/** The comments of a source. A few words of a text may be taken for one. */
export function commentsOf(path: string, text: string): Piece[] {
  const comments = text.matchAll(path.endsWith('.sh') ? SHELL_COMMENT : COMMENT)
  return [...comments].map(({ index, 0: comment }) => ({ at: index, text: comment }))
}

/** The number of the line, from 1, that an offset is in. */
export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}
