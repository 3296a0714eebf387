/**
 * Links to pages, and names of files, in comments and in pages: what they lead to has to be there.
 *
 *   tree.ts: Tree → findBrokenLinks, findMissingFiles → faults → check-references.ts
 *
 * A comment links to `docs/behaviour/cache.md#limits`, a page as Markdown does. A file is named with its folders from the root,
 * from where it is named, or from anywhere on; without folders one of that name has to be below src/, scripts/ or test/, a page
 * anywhere.
 * CHANGELOG.md tells of files that are gone, and is not looked at.
 *
 * Pure, no errors.
 */
import { dirname, join, normalize } from 'node:path'
import { commentsOf, type Fault, filesNamed, isSource, lineAt, type Piece, type Tree } from './tree.ts'

const IN_COMMENT = /\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g
const IN_PAGE = /\]\(([^)\s]+)\)/g
const NAME = /(?<![\w/.$*@-])(?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|cjs|c|sh|md|jsonl)(?![\w/(-]|\.\w)/g

/** Files of others that are named. */
const OF_OTHERS = new Set(['wal.c'])

export function findBrokenLinks(tree: Tree): Fault[] {
  const folders = new Set([...tree.keys()].map(path => dirname(path)))
  const headings = new Map<string, ReadonlySet<string>>()
  const leadsTo = (path: string, anchor: string | undefined): string | undefined => {
    if (!tree.has(path) && !folders.has(path)) return `there is no ${path}`
    if (anchor === undefined) return undefined
    const known = headings.get(path) ?? anchorsOf(tree.get(path) ?? '')
    headings.set(path, known)
    return known.has(anchor) ? undefined : `${path} has no heading #${anchor}`
  }
  return lookedAt(tree).flatMap(({ path, text, pieces, isPage }) =>
    pieces.flatMap(piece =>
      [...piece.text.matchAll(isPage ? IN_PAGE : IN_COMMENT)].flatMap(({ index, 0: whole, 1: inPage }) => {
        const target = inPage ?? whole
        if (/^\w+:/.test(target)) return []
        const [page = '', anchor] = target.split('#')
        const to = page === '' ? path : isPage ? normalize(join(dirname(path), page)).replace(/\/$/, '') : page
        const message = leadsTo(to, anchor)
        return message === undefined ? [] : [{ file: path, line: lineAt(text, piece.at + index), message }]
      }),
    ),
  )
}

export function findMissingFiles(tree: Tree): Fault[] {
  return lookedAt(tree).flatMap(({ path, text, isPage, pieces }) =>
    pieces.flatMap(piece =>
      [...piece.text.matchAll(NAME)].flatMap(({ index, 0: name }) =>
        isElsewhere(name, isPage) || filesNamed(name, path, tree).length > 0
          ? []
          : [{ file: path, line: lineAt(text, piece.at + index), message: `there is no file ${name}` }],
      ),
    ),
  )
}

/** Of others; a placeholder, `targets/NAME.ts`; or a link, which is looked at as such. */
function isElsewhere(name: string, isPage: boolean): boolean {
  const isPlaceholder = /(?:^|\/)[A-Z]+\.(?!md$)\w+$/.test(name)
  return OF_OTHERS.has(name) || isPlaceholder || (!isPage && /^docs\/.*\.md$/.test(name))
}

interface LookedAt {
  readonly path: string
  readonly text: string
  readonly isPage: boolean
  readonly pieces: readonly Piece[]
}

function lookedAt(tree: Tree): LookedAt[] {
  return [...tree].flatMap(([path, text]): LookedAt[] => {
    if (isSource(path)) return [{ path, text, isPage: false, pieces: commentsOf(path, text) }]
    const isPage = path.endsWith('.md') && path !== 'CHANGELOG.md'
    return isPage ? [{ path, text, isPage, pieces: [{ at: 0, text }] }] : []
  })
}

/** The anchors of a page's headings, as GitHub makes them: `` ## `IN_LABEL` of a domain `` → `in_label-of-a-domain`. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of page.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} +(.+)$/gm)) {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = shown
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    let unused = anchor
    for (let count = 1; anchors.has(unused); count++) unused = `${anchor}-${count}`
    anchors.add(unused)
  }
  return anchors
}
