/**
 * Writes the pages of the manual that are made from tables, and the tables in README.md, those of docs/behaviour/ and
 * docs/verdicts.md: `npm run docs`. With `--check` (`npm run check:docs`) it writes nothing and fails if a page in the checkout is
 * another one than the tables lead to.
 */
import { readdirSync } from 'node:fs'
import { fillExcerpts } from './manual/excerpts.ts'
import { renderListTable } from './manual/list-table.ts'
import { type Page, writePages } from './manual/pages.ts'
import { renderParameterTable } from './manual/parameter-table.ts'

const BEHAVIOUR = 'docs/behaviour'
const PAGES: readonly Page[] = [
  { path: 'docs/parameters.md', render: renderParameterTable },
  { path: 'docs/lists.md', render: renderListTable },
  { path: 'README.md', render: fillExcerpts },
  { path: 'docs/verdicts.md', render: fillExcerpts },
  ...readdirSync(BEHAVIOUR).map(name => ({ path: `${BEHAVIOUR}/${name}`, render: fillExcerpts })),
]

writePages(PAGES, 'npm run docs')
