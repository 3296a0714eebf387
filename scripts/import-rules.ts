/**
 * Who may import whom: the rules of the house as a table, and the function that applies them.
 *
 *   check-imports.ts: esbuild's metafiles → importsOf → findViolations → printed
 *
 * What is checked is what is bundled, so an `import type` does not count: types of any layer may be used anywhere.
 * A rule names the files it is for and what these must not import, both as patterns over paths of the checkout;
 * built-in modules are `node:…`, packages `node_modules/…`. Files of packages are no concern of ours.
 *
 * Which room is above which: references/house.ts, where types count as well.
 *
 * Pure, no errors. A new door to the outside is a change of these tables, with its reason.
 */
import { isBuiltin } from 'node:module'
import type { Metafile } from 'esbuild'

/** One import: `{ from: 'src/serve.ts', to: 'src/decide.ts', lazy: false }`. `lazy`: by `import()` or `require()`, when it is needed. */
export interface Import {
  readonly from: string
  readonly to: string
  readonly lazy: boolean
}

/** An import that breaks a rule. */
export interface Violation {
  readonly from: string
  readonly to: string
  readonly rule: string
  readonly reason: string
}

interface Rule {
  readonly name: string
  readonly from: RegExp
  readonly to: RegExp
  readonly reason: string
}

const RULES: readonly Rule[] = [
  {
    name: 'score knows no DNS',
    from: /^src\/score\//,
    to: /^src\/dns\/(?!outcome\.ts$|names\.ts$)/,
    reason:
      'scoring reads finished answers, so a request can be scored again offline; only names and outcomes are shared words',
  },
  {
    name: 'score has no effects',
    from: /^src\/score\//,
    to: /^src\/(?:cache|log|system)\//,
    reason: 'scoring says what is to be remembered and logged; its caller does it',
  },
  {
    name: 'pure folders use no built-in module',
    from: /^src\/(?:score|spf|lists|policy|patterns|text|config\/(?:values|language|parameters|findings))\//,
    to: /^node:/,
    reason: 'what decides about mail depends on its arguments alone',
  },
  {
    name: 'the cache knows no scoring',
    from: /^src\/cache\//,
    to: /^src\/score\//,
    reason: 'the cache keeps what it is given; what a score means may change without its layout',
  },
  {
    name: 'one codec for DNS packets',
    from: /^src\/(?!dns\/wire\.ts$)/,
    to: /^node_modules\/dns-packet\//,
    reason: 'replies come from strangers: one module reads them, everybody else gets outcomes',
  },
  {
    name: 'one door to UDP',
    from: /^src\/(?!dns\/event-transport\.ts$|cli\/)/,
    to: /^node:dgram$/,
    reason: 'loading the module costs milliseconds: a process that Postfix starts has waiting-transport.ts instead',
  },
  {
    name: 'one door to TCP',
    from: /^src\/(?!dns\/tcp\.ts$|daemon\/|cli\/daemon\/status\.ts$)/,
    to: /^node:(?:net|tls)$/,
    reason: 'in spawn mode only a truncated reply needs a connection: loading the module costs milliseconds',
  },
  {
    name: 'one sender of DNS packets',
    from: /^src\/(?!dns\/transport\.ts$)/,
    to: /^src\/dns\/tcp\.ts$/,
    reason: 'resolver.ts checks what a reply has to match (RFC 5452 9.1); nobody may go round it and its transport',
  },
  {
    name: 'no other way to ask the DNS',
    from: /^src\/(?!cli\/doctor\/ask-endpoints\.ts$)/,
    to: /^node:dns(?:\/|$)/,
    reason: 'the C library searches domains and hides return codes; doctor has a name of main.cf as Postfix has it',
  },
  {
    name: 'one writer of logs',
    from: /^src\/(?!log\/)/,
    to: /^src\/log\/logger\.ts$/,
    reason: 'log.ts alone decides between syslog and $LOGFILE',
  },
  {
    name: 'the log has one door to each place',
    from: /^src\/log\/(?!log\.ts$|log-file\.ts$)/,
    to: /^node:fs(?:\/|$)/,
    reason: '$LOGFILE is written by log.ts, and by log-file.ts where it stays open',
  },
  {
    name: 'no child processes',
    from: /^src\/(?!log\/logger\.ts$|cli\/|daemon\/)/,
    to: /^node:(?:child_process|cluster|worker_threads)$/,
    reason: 'nothing a stranger writes may come near a command; only the log falls back to logger(1)',
  },
  {
    name: 'the command line owns yargs',
    from: /^src\/(?!cli\/)/,
    to: /^node_modules\/(?:yargs|cliui|y18n)/,
    reason: 'V8 checks its regular expressions when it parses them, which takes as long as starting Node',
  },
]

const REQUEST_PATH_RULES: readonly Rule[] = [
  {
    name: 'no yargs in the request path',
    from: /^/,
    to: /^node_modules\/yargs/,
    reason: 'the request path is parsed at every mail; yargs belongs into the command line bundle',
  },
  {
    name: 'no command line in the request path',
    from: /^src\//,
    to: /^src\/cli\//,
    reason: 'main.ts starts the command line from its own bundle, as text',
  },
]

const AT_ONCE: Rule = {
  name: 'loaded only when needed',
  from: /^src\//,
  to: /^(?:node:(?:net|dgram|dns|tls|crypto|child_process|http|https|worker_threads|readline)(?:\/|$)|node_modules\/)/,
  reason: 'each costs milliseconds at every start; a request that is answered without DNS must not pay for it',
}

/** The imports in a bundle, built-in modules named `node:…` however they are written. */
export function importsOf(metafile: Metafile): Import[] {
  return Object.entries(metafile.inputs).flatMap(([from, input]) =>
    input.imports.map(({ path, kind }) => ({
      from,
      to: isBuiltin(path) && !path.startsWith('node:') ? `node:${path}` : path,
      lazy: kind === 'dynamic-import' || kind === 'require-call',
    })),
  )
}

/** What is wrong with the imports of the two bundles; each violation once, in the order of the imports. */
export function findViolations(requestPath: readonly Import[], commandLine: readonly Import[]): Violation[] {
  const violations = [
    ...requestPath.flatMap(edge => [...broken(edge, RULES), ...broken(edge, REQUEST_PATH_RULES)]),
    ...loadedAtOnce(requestPath).flatMap(edge => broken(edge, [AT_ONCE])),
    ...commandLine.flatMap(edge => [...broken(edge, RULES)]),
  ]
  const seen = new Map(violations.map(violation => [`${violation.from} ${violation.to} ${violation.rule}`, violation]))
  return [...seen.values()]
}

function broken(edge: Import, rules: readonly Rule[]): Violation[] {
  return rules
    .filter(rule => rule.from.test(edge.from) && rule.to.test(edge.to))
    .map(rule => ({ from: edge.from, to: edge.to, rule: rule.name, reason: rule.reason }))
}

/** The imports of everything that is evaluated when `src/main.ts` is, without waiting for an `import()`. */
function loadedAtOnce(imports: readonly Import[]): Import[] {
  const eager = imports.filter(edge => !edge.lazy)
  const reached = new Set(['src/main.ts'])
  for (const file of reached) {
    for (const edge of eager) if (edge.from === file) reached.add(edge.to)
  }
  return eager.filter(edge => reached.has(edge.from))
}
