import t from 'tap'
import { parseListHost } from '../../../src/config/values/list-entry.ts'

t.test('hosts of lists', t => {
  const cases: [label: string, text: string, wantHost: string | undefined, wantAt: number | undefined][] = [
    ['a host', 'bl.example.org', 'bl.example.org', undefined],
    ['any case, a trailing dot', 'BL.Example.ORG.', 'bl.example.org', undefined],
    ['an underscore', '_bl.example', '_bl.example', undefined],
    ['one label', 'localbl', 'localbl', undefined],
    ['with a filter', 'bl.example=127.0.0.[2..9]', 'bl.example', undefined],
    ['nothing', '', undefined, 0],
    ['only a filter', '=127.0.0.2', undefined, 0],
    ['a blank', 'bl example', undefined, 0],
    ['an address', '192.0.2.1', undefined, 0],
    ['a URL', 'http://bl.example/', undefined, 0],
    ['an empty label', 'bl..example', undefined, 0],
    ['a label of 64 characters', `${'a'.repeat(64)}.example`, undefined, 0],
    ['too long to have an address in front', `${'a.'.repeat(95)}example`, undefined, 0],
    ['8-bit characters', 'bl.\u00e4.example', undefined, 0],
    ['a broken filter', 'bl.example=127.0.0', undefined, 18],
    ['an empty filter', 'bl.example=', undefined, 11],
    ['two filters', 'bl.example=127.0.0.2=127.0.0.3', undefined, 20],
  ]
  for (const [label, text, wantHost, wantAt] of cases) {
    const parsed = parseListHost(text)
    t.equal(parsed.kind === 'list-host' ? parsed.host : undefined, wantHost, label)
    t.equal(parsed.kind === 'list-host' ? undefined : parsed.at, wantAt, `${label}: place`)
  }
  t.end()
})
