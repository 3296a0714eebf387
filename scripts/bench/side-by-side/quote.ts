/**
 * Figures in documents come from the last whole run of the benchmark (`npm run bench:quote [-- --check]`).
 *
 *   bench/results.json → README.md, docs/scale.md: what stands between a mark and its end is written anew
 *
 *   <!-- bench cold/0/ham-hit/ours-20/ratio 2 -->1.09<!-- /bench -->     a figure, with so many digits behind the point
 *   <!-- bench table daemon --> … <!-- /bench -->                         a table of RESULTS.md, without its title
 *   <!-- bench summary --> … <!-- /bench -->                              the short table of summary.ts
 *
 * --check writes nothing and ends with status 1 if a document says something else than the results. Failure: a mark that
 * names no figure, or one that does not end, is an error with the document and the mark; nothing is written then.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fillMarks } from './marks.ts'
import type { Results } from './results.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
const DOCUMENTS = ['README.md', 'docs/scale.md']

function main(checks: boolean): number {
  const resultsFile = join(root, 'bench', 'results.json')
  if (!existsSync(resultsFile)) {
    console.error('there is no bench/results.json: npm run bench writes it')
    return 1
  }
  const results = JSON.parse(readFileSync(resultsFile, 'utf8')) as Results
  const changed = DOCUMENTS.filter(document => existsSync(join(root, document)))
    .map(document => {
      const before = readFileSync(join(root, document), 'utf8')
      return { document, before, after: fillMarks(before, results, document) }
    })
    .filter(({ before, after }) => before !== after)
  for (const { document, after } of changed) {
    console.log(`${document}: ${checks ? 'does not say what bench/results.json says' : 'written'}`)
    if (!checks) writeFileSync(join(root, document), after)
  }
  return checks && changed.length > 0 ? 1 : 0
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
process.exitCode = main(values.check)
