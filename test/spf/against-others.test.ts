/**
 * Ours against another evaluator, on records that are made by chance.
 *
 * Where the results differ, the case is evaluated again by both with what is known to be seen differently taken out, kind by
 * kind; then they must agree. A difference that stays, and a kind that explains nothing, fail.
 */
import t from 'tap'
import { normalizeClientAddress } from '../../src/text/address.ts'
import { randomFrom } from '../support/random.ts'
import { LONG_LABEL, type MadeCase, makeCase, WRONG_TERMS, zoneOf } from './made-case.ts'
import { type Otherwise, otherResult } from './other-evaluator.ts'
import { checkAgainst, type SpfNode, standardResult } from './zone-answers.ts'

const CASES = 2000

/** Something that the two see differently, who is right by RFC 7208, and a case without it. */
interface Kind {
  readonly what: string
  readonly section: string
  /** The other's answers without it. */
  readonly otherwise?: Otherwise
  /** The case without it. */
  readonly without?: (made: MadeCase) => MadeCase
  /** Without it another result of ours is right; otherwise ours stays. */
  readonly changesOurs?: true
  /** What ours is with it. */
  readonly ours?: string
}

const KINDS: readonly Kind[] = [
  {
    what: 'a wrong term behind one that matches is seen too late',
    section: '4.6: syntax errors anywhere in the record are detected before it is evaluated',
    without: made => withRecords(made, terms => [...terms.filter(isWrong), ...terms.filter(term => !isWrong(term))]),
  },
  {
    what: 'a wrong term is taken for a right one',
    section: '4.6, and the section beside the term in WRONG_TERMS',
    without: made => withTerms(made, term => (isWrong(term) ? 'unknown:x.example' : term)),
  },
  {
    what: 'a second exp is taken',
    section: '6: it is an error',
    without: made =>
      withRecords(made, terms =>
        terms.map((term, at) => (isExp(term) && terms.findIndex(isExp) < at ? 'unknown:x.example' : term)),
      ),
  },
  {
    what: 'an unknown modifier without a value is an error',
    section: '12: a macro-string may be empty',
    without: made => withTerms(made, term => (term === 'moo.cow-1=' ? 'moo.cow-1=x' : term)),
  },
  {
    what: 'a dot at the end makes a name an error',
    section: '7.1: domain-end is a dot, a top label and perhaps a dot',
    without: made => withTerms(made, term => term.replace(/example\.$/, 'example')),
  },
  {
    what: '%{p} is the domain of the sender, and no query',
    section: '7.2: the validated name of the client; 4.6.4: it is counted',
    changesOurs: true,
    without: made => withTerms(made, term => term.replace('%{p}', '%{o}')),
  },
  {
    what: '%{d}, and ptr without a name, are the domain of the sender in an included record',
    section: '7.2: the domain that is checked; 5.2',
    changesOurs: true,
    without: made => withTerms(made, term => term.replace('%{d', '%{o').replace(/ptr$/, 'ptr:%{o}')),
  },
  {
    what: 'a macro in capitals is not escaped',
    section: '7.3: it is, as in a URL',
    changesOurs: true,
    without: made => withTerms(made, term => term.replace(/%\{[LS]/, letter => letter.toLowerCase())),
  },
  {
    what: 'a name that cannot exist is an error, and one that is too long is not cut',
    section: '4.8: such a term does not match; 7.3: labels in front are left out',
    changesOurs: true,
    without: made => ({
      ...withTerms(made, term => term.replace(LONG_LABEL, 'no')),
      sender: made.sender.replace(/^.*@/, 'user@'),
      helo: made.sender === '' ? made.helo : 'h.x.example',
    }),
  },
  {
    what: 'nothing found is counted if there are addresses of neither family',
    section: '5: those of the family of the client are asked for; 4.6.4',
    otherwise: { oneFamily: true },
  },
  {
    what: 'exchanges without an address have a count of their own',
    section: '4.6.4: terms that find nothing are counted',
    otherwise: { quietExchanges: true },
  },
  {
    what: 'an eleventh exchange is an error only when it is asked for',
    section: '4.6.4: ours asks for none of them',
    ours: 'permerror',
    changesOurs: true,
    without: made => withHosts(made, node => (node.MX ? { ...node, MX: node.MX.slice(0, 10) } : node)),
  },
  {
    what: 'SERVFAIL in an included record is passed over',
    section: '5.2: the result is temperror',
    otherwise: { timeoutsAlone: true },
  },
  {
    what: 'a failed lookup of the names of the client is an error',
    section: '5.5: the mechanism does not match',
    otherwise: { noFailedPointers: true },
  },
  {
    what: 'a second ptr is not counted',
    section: '4.6.4: each is a term that causes queries',
    ours: 'permerror',
    changesOurs: true,
    without: made => withTerms(made, term => term.replace(/ptr(:.*)?$/, 'exists:h.x.example.e.example')),
  },
]

function isWrong(term: string): boolean {
  return Object.hasOwn(WRONG_TERMS, term.replace(/^[-+~?]/, ''))
}

function isExp(term: string): boolean {
  return term.startsWith('exp=')
}

function withRecords(made: MadeCase, change: (terms: readonly string[]) => readonly string[]): MadeCase {
  const records = Object.entries(made.records).map(([name, terms]) => [name, change(terms)] as const)
  return { ...made, records: Object.fromEntries(records) }
}

function withTerms(made: MadeCase, change: (term: string) => string): MadeCase {
  return withRecords(made, terms => terms.map(change))
}

function withHosts(made: MadeCase, change: (node: SpfNode) => SpfNode): MadeCase {
  const hosts = Object.entries(made.hosts).map(([name, node]) => [name, change(node)] as const)
  return { ...made, hosts: Object.fromEntries(hosts) }
}

const without = (made: MadeCase, kinds: readonly Kind[]): MadeCase =>
  kinds.reduce((before, kind) => kind.without?.(before) ?? before, made)

function ourResult(made: MadeCase): string {
  const client = normalizeClientAddress(made.client) ?? ''
  return standardResult(checkAgainst(zoneOf(made), { ...made, client }).finding)
}

/** The kinds that are behind a difference, none of which can be left out; undefined: it stays without all of them. */
async function explain(made: MadeCase, before: string): Promise<readonly Kind[] | undefined> {
  const possible = KINDS.filter(({ ours = before }) => ours === before)
  const isExplained = async (kinds: readonly Kind[]): Promise<boolean> => {
    const changed = without(made, kinds)
    const otherwise = Object.assign({}, ...kinds.map(kind => kind.otherwise)) as Otherwise
    const ours = ourResult(changed)
    const kept = ourResult(
      without(
        made,
        kinds.filter(({ changesOurs }) => changesOurs),
      ),
    )
    return ours === kept && ours === (await otherResult(zoneOf(changed), changed, otherwise))
  }
  for (const kind of possible) if (await isExplained([kind])) return [kind]
  if (!(await isExplained(possible))) return undefined
  let needed = possible
  for (const kind of possible) {
    const fewer = needed.filter(other => other !== kind)
    if (await isExplained(fewer)) needed = fewer
  }
  return needed
}

t.test('the same results, but for differences that are explained', async t => {
  const random = randomFrom(72_08)
  const counts = new Map<Kind, number>()
  const results = new Map<string, number>()
  let same = 0
  for (let turn = 0; turn < CASES; turn++) {
    const made = makeCase(random)
    const ours = ourResult(made)
    const other = await otherResult(zoneOf(made), made)
    results.set(ours, (results.get(ours) ?? 0) + 1)
    if (ours === other) {
      same++
      continue
    }
    const kinds = await explain(made, ours)
    if (!kinds) t.fail(`${ours}, the other ${other}: ${JSON.stringify(made)}`)
    for (const kind of kinds ?? []) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  t.comment(`${same} of ${CASES} are the same; ${JSON.stringify([...results])}`)
  for (const kind of KINDS) t.ok(counts.get(kind), `${kind.what}: ${counts.get(kind)}`)
  t.equal(results.size, 7, 'every result occurs')
  t.ok(same > CASES / 2)
})
