import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CODES, failure, note, ok, warning } from '../../../src/cli/doctor/diagnosis.ts'
import { renderReport } from '../../../src/cli/doctor/report.ts'

const FINE = ok('Postfix', 'version 3.7')
const NOTE = note('code-cache', 'code cache', 'is not there', 'prepare')
const WARNING = warning('one-try', 'x', 'is \x1b[1m', 'first', 'second')
const FAILURE = failure('chrooted', 'policy/unix', 'is chrooted')

t.test('what people read', t => {
  t.equal(
    renderReport([FINE, NOTE, WARNING, WARNING, FAILURE], false).text,
    'ok      Postfix: version 3.7\n' +
      'note    code cache: is not there\n          prepare\n' +
      'warning x: is ?[1m\n          first\n          second\n' +
      'error   policy/unix: is chrooted\n' +
      '1 ok, 1 note, 1 warning, 1 error; after a change: postfix reload, and doctor again\n',
  )
  t.equal(renderReport([], false).text, '0 ok, 0 notes, 0 warnings, 0 errors\n')
  t.end()
})

t.test('the exit status', t => {
  t.equal(renderReport([FINE], false).status, 0)
  t.equal(renderReport([FINE, NOTE], false).status, 0, 'notes do not count')
  t.equal(renderReport([NOTE, WARNING], false).status, 1)
  t.equal(renderReport([WARNING, FAILURE], true).status, 2)
  t.end()
})

t.test('what programs read', t => {
  const { text } = renderReport([FINE, WARNING, WARNING], true)
  t.match(text, /^\{.*\}\n$/)
  t.strictSame(JSON.parse(text), {
    status: 1,
    counts: { ok: 1, note: 0, warning: 1, error: 0 },
    diagnoses: [
      { level: 'ok', about: 'Postfix', text: 'version 3.7', remedy: [] },
      { level: 'warning', code: 'one-try', about: 'x', text: 'is ?[1m', remedy: ['first', 'second'] },
    ],
  })
  t.end()
})

t.test('the manual has every code, and no other', t => {
  const manual = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../docs/doctor.md'), 'utf8')
  const documented = [...manual.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code)
  t.strictSame(documented.sort(), [...CODES].sort())
  t.end()
})
