/**
 * Figures in documents come from the last whole run of the benchmark (`npm run bench:quote [-- --check]`).
 *
 *   bench/results.json → README.md, docs/scale.md: what stands between a mark and its end is written anew (marks.ts)
 *
 *   <!-- bench cold/0/ham-hit/ours-20/ratio 2 -->1.09<!-- /bench -->     a figure, with so many digits behind the point
 *   <!-- bench table daemon --> … <!-- /bench -->                         a table of RESULTS.md, without its title
 *   <!-- bench summary --> … <!-- /bench -->                              the short table of summary.ts
 *
 * --check writes nothing and ends with status 1 if a document, or bench/RESULTS.md, says something else than the results.
 */
import { readFileSync } from 'node:fs'
import { writePages } from '../manual/pages.ts'
import { RESULTS_FILE } from './bench.ts'
import { quoteFigures } from './marks.ts'
import { type Results, renderResults } from './results.ts'

const results = JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results
const quoting = ['README.md', 'docs/scale.md'].map(path => ({
  path,
  render: (page: string) => quoteFigures(page, results),
}))
writePages([{ path: 'bench/RESULTS.md', render: () => renderResults(results) }, ...quoting], 'npm run bench:quote')
