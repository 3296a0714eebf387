/**
 * Writes the pages of the manual that are made from tables, and the tables in README.md, those of docs/behaviour/ and
 * docs/verdicts.md: `npm run docs`. With `--check` (`npm run check:docs`) it writes nothing and fails if a page in the checkout is
 * another one than the tables lead to.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fillMarks } from './manual/excerpts.ts'
import { renderListTable } from './manual/list-table.ts'
import { renderParameterTable } from './manual/parameter-table.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const BEHAVIOUR = 'docs/behaviour'
const PAGES: readonly { readonly path: string; readonly render: (before: string) => string }[] = [
  { path: 'docs/parameters.md', render: renderParameterTable },
  { path: 'docs/lists.md', render: renderListTable },
  { path: 'README.md', render: fillMarks },
  { path: 'docs/verdicts.md', render: fillMarks },
  ...readdirSync(join(root, BEHAVIOUR)).map(name => ({ path: `${BEHAVIOUR}/${name}`, render: fillMarks })),
]

let stale = 0
for (const { path, render } of PAGES) {
  const file = join(root, path)
  const before = readFileSync(file, 'utf8')
  const text = render(before)
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
    console.log(`${path}: ${text.length} characters`)
  } else if (before !== text) {
    stale++
    console.error(`${path} is not what the tables lead to; write it anew: npm run docs`)
  }
}
process.exitCode = stale > 0 ? 1 : 0
