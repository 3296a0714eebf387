/**
 * Writes the pages of the manual that are made from tables: `npm run docs`. With `--check` (`npm run check:docs`) it writes
 * nothing and fails if a page in the checkout is another one than the tables lead to.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderListTable } from './manual/list-table.ts'
import { renderParameterTable } from './manual/parameter-table.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const PAGES = [
  { path: 'docs/parameters.md', render: renderParameterTable },
  { path: 'docs/lists.md', render: renderListTable },
]

let stale = 0
for (const { path, render } of PAGES) {
  const file = join(root, path)
  const text = render()
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
    console.log(`${path}: ${text.length} characters`)
  } else if (readFileSync(file, 'utf8') !== text) {
    stale++
    console.error(`${path} is not what the tables lead to; write it anew: npm run docs`)
  }
}
process.exitCode = stale > 0 ? 1 : 0
