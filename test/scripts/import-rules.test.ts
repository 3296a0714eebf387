import t from 'tap'
import { findViolations, type Import, importsOf } from '../../scripts/import-rules.ts'

const eager = (from: string, to: string): Import => ({ from, to, lazy: false })
const lazy = (from: string, to: string): Import => ({ from, to, lazy: true })

const ALLOWED: readonly [label: string, edge: Import][] = [
  ['a room imports a lower one', eager('src/serve.ts', 'src/decide.ts')],
  ['a room imports itself', eager('src/decide.ts', 'src/evaluate.ts')],
  ['scoring shares the words for names', eager('src/score/client-lists.ts', 'src/dns/names.ts')],
  ['scoring shares the words for outcomes', eager('src/score/both-names.ts', 'src/dns/outcome.ts')],
  ['the codec imports the package of the codec', eager('src/dns/wire.ts', 'node_modules/dns-packet/index.js')],
  ['UDP sockets have a module', eager('src/dns/event-transport.ts', 'node:dgram')],
  ['the transport sends over TCP', lazy('src/dns/transport.ts', 'src/dns/tcp.ts')],
  ['TCP has another', eager('src/dns/tcp.ts', 'node:net')],
  ['status asks the service as Postfix would', eager('src/cli/daemon/status.ts', 'node:net')],
  ['a package imports what it likes', eager('node_modules/dns-packet/index.js', 'node:net')],
  ['the loader reads files', eager('src/config/load.ts', 'node:fs')],
]

t.test('imports that are allowed', t => {
  for (const [label, edge] of ALLOWED) t.same(findViolations([edge], []), [], label)
  t.end()
})

const FORBIDDEN: readonly [label: string, edge: Import, wantRule: string][] = [
  ['scoring asks the DNS', eager('src/score/both-names.ts', 'src/dns/resolver.ts'), 'score knows no DNS'],
  ['scoring writes the cache', eager('src/score/score.ts', 'src/cache/memory.ts'), 'score has no effects'],
  ['scoring logs', eager('src/score/score.ts', 'src/log/event.ts'), 'score has no effects'],
  ['a pure folder uses a built-in', eager('src/policy/reply.ts', 'node:fs'), 'pure folders use no built-in module'],
  ['the cache scores', eager('src/cache/ham.ts', 'src/score/score.ts'), 'the cache knows no scoring'],
  ['a second codec', eager('src/dns/fan-out.ts', 'node_modules/dns-packet/index.js'), 'one codec for DNS packets'],
  ['a second UDP socket', eager('src/dns/fan-out.ts', 'node:dgram'), 'one door to UDP'],
  ['a connection from elsewhere', eager('src/log/log.ts', 'node:net'), 'one door to TCP'],
  ['a connection of another command', eager('src/cli/doctor/doctor.ts', 'node:net'), 'one door to TCP'],
  ['packets past the transport', lazy('src/dns/resolver.ts', 'src/dns/tcp.ts'), 'one sender of DNS packets'],
  ["the C library's resolver", lazy('src/dns/resolver.ts', 'node:dns/promises'), 'no other way to ask the DNS'],
  ['syslog round the log', eager('src/serve.ts', 'src/log/logger.ts'), 'one writer of logs'],
  ['a second writer of files', eager('src/log/logger.ts', 'node:fs'), 'the log has one door to each place'],
  ['a command is run', lazy('src/decide.ts', 'node:child_process'), 'no child processes'],
  ['yargs outside of cli', eager('src/serve.ts', 'node_modules/yargs/index.mjs'), 'the command line owns yargs'],
]

t.test('imports that are forbidden, in either bundle', t => {
  for (const [label, edge, wantRule] of FORBIDDEN) {
    t.ok(
      findViolations([edge], []).some(violation => violation.rule === wantRule),
      `${label}, request path`,
    )
    t.ok(
      findViolations([], [edge]).some(violation => violation.rule === wantRule),
      `${label}, command line`,
    )
  }
  t.end()
})

t.test('a violation says who, what, which rule and why, once', t => {
  const edge = eager('src/cache/ham.ts', 'src/score/score.ts')
  const violations = findViolations([edge], [edge])
  t.equal(violations.length, 1)
  t.match(violations[0], { from: 'src/cache/ham.ts', to: 'src/score/score.ts', reason: /what a score means/ })
  t.end()
})

t.test('yargs and the command line stay out of the request path alone', t => {
  const edge = eager('src/cli/command-line.ts', 'node_modules/yargs/index.mjs')
  t.same(findViolations([], [edge]), [])
  t.match(findViolations([edge], []), [{ rule: 'no yargs in the request path' }])
  t.match(findViolations([lazy('src/main.ts', 'src/cli/command-line.ts')], []), [
    { rule: 'no command line in the request path' },
  ])
  t.end()
})

t.test('what main.ts loads at once', t => {
  const costly = eager('src/dns/query-ids.ts', 'node:crypto')
  const serve = eager('src/main.ts', 'src/serve.ts')
  t.match(
    findViolations([serve, eager('src/serve.ts', 'src/dns/query-ids.ts'), costly], []),
    [{ from: 'src/dns/query-ids.ts', rule: 'loaded only when needed' }],
    'an import of an import',
  )
  t.same(findViolations([serve, lazy('src/serve.ts', 'src/dns/query-ids.ts'), costly], []), [], 'behind an import()')
  t.end()
})

t.test('imports of a metafile', t => {
  const inputs = {
    'src/main.ts': {
      bytes: 1,
      imports: [
        { path: 'src/serve.ts', kind: 'import-statement', original: './serve.ts' },
        { path: 'src/evaluate.ts', kind: 'dynamic-import', original: './evaluate.ts' },
        { path: 'fs', kind: 'require-call', external: true },
        { path: 'node:vm', kind: 'import-statement', external: true },
      ],
    },
    'src/serve.ts': { bytes: 1, imports: [] },
  } as const
  t.same(importsOf({ inputs: structuredClone(inputs) as never, outputs: {} }), [
    eager('src/main.ts', 'src/serve.ts'),
    lazy('src/main.ts', 'src/evaluate.ts'),
    lazy('src/main.ts', 'node:fs'),
    eager('src/main.ts', 'node:vm'),
  ])
  t.end()
})
