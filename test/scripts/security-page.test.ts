/**
 * docs/security.md names files, bounds and tests: they have to be there.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { TARGETS } from '../fuzz/targets.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const page = read('docs/security.md')

t.test('every file and folder it names exists', t => {
  const paths = [...page.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  t.ok(paths.length > 50)
  for (const path of new Set(paths)) t.ok(existsSync(join(root, path)), path)
  t.end()
})

const UNITS: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, s: 1000, minutes: 60_000 }

/** `'8 KB; 900 characters'` → `[8192, 900]`; times in milliseconds. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/([\d,]+)(?: (\w+))?/g)].map(
    ([, digits = '', unit = '']) => Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1),
  )
}

/** What a constant is: a number, a product, or an object of numbers. */
function valuesOf(source: string, name: string): number[] {
  const [, text = ''] = new RegExp(`\\bconst ${name}\\b.* = (.+)$`, 'm').exec(source) ?? []
  const products = text.match(/\d[\d_]*(?: \* \d[\d_]*)*/g) ?? []
  return products.map(product =>
    product.split(' * ').reduce((value, factor) => value * Number(factor.replaceAll('_', '')), 1),
  )
}

t.test('every bound it names is that of the file', t => {
  const rows = [...page.matchAll(/^\| .* \| (.*) \| (`[A-Z_0-9`, ]+) \| `(src\/[\w./-]+)` \|$/gm)]
  t.ok(rows.length > 15)
  for (const [, shown = '', names = '', path = ''] of rows) {
    const source = read(path)
    const wanted = numbersIn(shown)
    for (const [at, [, name = '']] of [...names.matchAll(/`(\w+)`/g)].entries()) {
      const found = valuesOf(source, name)
      t.ok(found.length > 0, `${name} in ${path}`)
      // One number for all of a row, or one for each.
      const number = wanted[at] ?? wanted[0]
      t.ok(found.includes(number ?? Number.NaN), `${name} in ${path}: the page says ${number}, it is ${found}`)
    }
  }
  t.end()
})

t.test('so is every default', t => {
  const config: Readonly<Record<string, unknown>> = { ...builtinConfig() }
  const defaults = [...page.matchAll(/`\$(\w+)`,? \(?(\d+)/g)]
  t.ok(defaults.length >= 2)
  for (const [, name = '', number] of defaults) t.equal(String(config[name]), number, name)
  t.end()
})

t.test('every fuzzer is named, and no other', t => {
  const named = [...page.matchAll(/fuzzers? `(\w+)`(?: and `(\w+)`)?/g)].flatMap(([, ...names]) =>
    names.filter(Boolean),
  )
  t.same([...new Set(named)].sort(), TARGETS.map(({ target }) => target.name).sort())
  t.end()
})

t.test('its links lead somewhere', t => {
  for (const file of ['docs/security.md', 'SECURITY.md'])
    for (const [, link = ''] of read(file).matchAll(/\]\(([^)#]+)\)/g))
      t.ok(existsSync(join(root, dirname(file), link)), `${file}: ${link}`)
  t.end()
})
