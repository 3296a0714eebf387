/** What `why` makes of journals that are none, and of records that this version did not write. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runWhy, type Told } from '../../../src/cli/why/why.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const RECORD = {
  v: 1,
  time: '2026-11-29T11:00:00.000Z',
  id: '7QK2M01N4B',
  config: 'x',
  request: { client_address: '192.0.2.1' },
  action: '550 no',
  ms: 1,
}

function why(journal: string, isJson = false): Promise<Told> {
  const config = { ...builtinConfig(), JOURNAL: journal }
  const form = { width: 80, isColoured: false }
  const words = ['192.0.2.1']
  return runWhy({ words, since: undefined, log: undefined, isJson, config, path: undefined, form, nowMs: NOW })
}

t.test('what is in the place of a journal', async t => {
  const path = join(t.testdir(), 'journal')
  symlinkSync('journal', path)
  t.match(await why(path), { status: 77, text: /^ELOOP: / }, 'a link that leads nowhere but to itself')
  rmSync(path)
  mkdirSync(path)
  t.match(await why(path), { status: 69, text: /0 decisions/ }, 'a directory')
  rmSync(path, { recursive: true })
  execFileSync('mkfifo', [path])
  t.match(await why(path), { status: 69, text: /0 decisions/ }, 'a FIFO, which nobody waits for')
})

t.test('records of another version, or of nobody', async t => {
  const path = join(t.testdir(), 'journal')
  const cases: [label: string, change: object, want: number][] = [
    ['as it is', {}, 0],
    ['of a newer version', { v: 2 }, 69],
    ['a fate that is a name of every object', { fate: 'toString' }, 69],
    ['a short cut that is', { by: 'constructor' }, 0],
    ['a short cut of a newer version', { by: 'full-moon' }, 0],
    ['an exception that is none', { exempt: 5 }, 69],
    ['an exception of nobody', { exempt: { action: 'SKIP' } }, 69],
    ['an exception', { exempt: { who: '192.0.2.0/24', action: 'ACCEPT' } }, 0],
    ['no request', { request: null }, 69],
    ['rules that are none', { rules: [null] }, 69],
  ]
  for (const [label, change, want] of cases) {
    writeFileSync(path, `\n${JSON.stringify({ ...RECORD, ...change })}`)
    const page = await why(path)
    t.equal(page.status, want, label)
    t.notMatch(page.text, /function|native code/, label)
    const json = await why(path, true)
    t.equal(json.status, want, label)
    t.type(JSON.parse(json.text), 'object', label)
  }
})
