/**
 * Pages that are written from tables and figures: what stands between marks, and writing or checking the files.
 *
 *   pages, each with how it is made → writePages → files, or the exit status
 *   page → fillMarks → page
 *
 * Failure: a mark that does not end is an error; so is what rendering throws, with the name of the page, and then nothing is
 * written.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A page by its path from the root, and how it is made of the one that is there. */
export interface Page {
  readonly path: string
  readonly render: (before: string) => string
}

/** Writes pages; with `--check` writes none, and the exit status is 1 if one is not as it should be. `command`: what writes them. */
export function writePages(pages: readonly Page[], command: string): void {
  const rendered = pages.map(({ path, render }) => {
    const before = readFileSync(join(root, path), 'utf8')
    try {
      return { path, before, after: render(before) }
    } catch (error) {
      throw new Error(`${path}: ${error instanceof Error ? error.message : error}`)
    }
  })
  for (const { path, after } of rendered.filter(({ before, after }) => before !== after))
    if (process.argv.includes('--check')) {
      process.exitCode = 1
      console.error(`${path} is not what it is made of; write it anew: ${command}`)
    } else {
      writeFileSync(join(root, path), after)
      console.log(`${path}: written`)
    }
}

/** `('a <!-- x 1 -->old<!-- /x -->', ['x'], (kind, what) => 'new')` → `'a <!-- x 1 -->new<!-- /x -->'`. */
export function fillMarks(
  page: string,
  kinds: readonly string[],
  render: (kind: string, what: string) => string,
): string {
  const begin = `<!-- (?:${kinds.join('|')}) `
  const mark = `(<!-- (${kinds.join('|')}) ([^>]*?) -->)(?:(?!${begin})[\\s\\S])*?(<!-- /\\2 -->)`
  const [begun = 0, whole = 0] = [begin, mark].map(each => page.match(new RegExp(each, 'g'))?.length)
  if (begun !== whole) throw new Error(`${begun} marks begin, ${whole} of them end`)
  return page.replace(new RegExp(mark, 'g'), (_, start: string, kind: string, what: string, end: string) => {
    return `${start}${render(kind, what)}${end}`
  })
}
