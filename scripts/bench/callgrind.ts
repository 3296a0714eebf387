/**
 * What a run of Node's consists of: callgrind(1)'s command, and its output → instructions of each part. Pure.
 *
 * What a function executes itself counts for the first of PARTS that its name fits; these are V8's and the C library's
 * names, which hardly change from version to version.
 *
 * Left out is the search for a prime number with which each V8 of Node 20 begins its hash tables: 7 to 17 million
 * instructions, by chance.
 *
 * Source: callgrind's manual, "Callgrind Format Specification".
 */
const PRIME_SEARCH = /^detail::sprp|HashSeed/

const PARTS: readonly (readonly [title: string, functions: RegExp])[] = [
  ['making objects out of prepared code', /Deserializ|CodeSerializer|SerializedCodeData|StringTableInsertionKey/],
  [
    'compiling functions at their first use',
    /Scanner|Parser|PreParse|interpreter::|Bytecode|Ast[A-Z]|Scope|Zone|Compiler|Utf16CharacterStream|Variable|baseline::|Assembler/,
  ],
  [
    'other first uses: inline caches, shapes of objects',
    /IC::|_IC|LookupIterator|Map::|Transitions|DescriptorArray|StubCache|Feedback|JSObject::|Property|NameDictionary|FieldType/,
  ],
  ['running JavaScript', /^Builtins_|^0x|^\?\?\?|Runtime_/],
  ['memory', /malloc|free|calloc|Heap|Scaveng|Mark|Sweep|Allocat|Page|mem(cpy|move|set|cmp)|operator (new|delete)/],
]
const REST = 'all else of Node and the system'

/** What stands in front of a command whose instructions are to be counted into a file. */
export function callgrindTo(output: string): string[] {
  return ['/usr/bin/valgrind', '-q', '--tool=callgrind', `--callgrind-out-file=${output}`, '--log-file=/dev/null']
}

/** The titles of the parts, and `all`. */
export const PROFILE_ROWS: readonly string[] = [...PARTS.map(([title]) => title), REST, 'all']

/** Instructions of each of PROFILE_ROWS. */
export type Profile = ReadonlyMap<string, number>

/** `'fn=(1) malloc\n12 300\n…'` → `Map { 'memory' → 300, …, 'all' → 300 }`. */
export function readProfile(output: string): Profile {
  const names = new Map<string, string>()
  const profile = new Map(PROFILE_ROWS.map(title => [title, 0]))
  let part: string | undefined
  let isOfCallee = false
  for (const line of output.split('\n')) {
    const [, role, id = '', name] = /^(c?fn)=(\(\d+\))(?: (.*))?$/.exec(line) ?? []
    if (role !== undefined) {
      if (name !== undefined) names.set(id, name)
      if (role === 'fn') part = partOf(names.get(id) ?? '')
    } else if (line.startsWith('calls=')) isOfCallee = true
    else if (/^[+\-*\d]/.test(line)) {
      if (!isOfCallee && part !== undefined) {
        const count = Number(line.split(' ')[1])
        for (const title of [part, 'all']) profile.set(title, (profile.get(title) ?? 0) + count)
      }
      isOfCallee = false
    }
  }
  return profile
}

function partOf(name: string): string | undefined {
  if (PRIME_SEARCH.test(name)) return undefined
  return PARTS.find(([, functions]) => functions.test(name))?.[0] ?? REST
}
