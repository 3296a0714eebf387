/**
 * Checks what comments and pages refer to (`npm run check:references`).
 *
 * Links to pages and their headings, files that are named, callers that headers draw,  constants, fields and parameters that
 * nobody reads, and the order of the house. Prints each fault with its place, and exits with status 1 if there is one.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findWrongCallers } from './references/drawings.ts'
import { findDisorder } from './references/house.ts'
import { findBrokenLinks, findMissingFiles } from './references/links.ts'
import { readTree } from './references/tree.ts'
import { findUnread } from './references/unread.ts'

const tree = readTree(join(dirname(fileURLToPath(import.meta.url)), '..'))
const faults = [findBrokenLinks, findMissingFiles, findWrongCallers, findUnread, findDisorder].flatMap(find =>
  find(tree),
)
for (const { file, line, message } of faults) console.log(`${file}:${line}: ${message}`)
console.log(`${tree.size} files, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
