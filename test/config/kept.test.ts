/**
 * What serves is what the full reader reads from the file as it is, whatever is done to the file, to the ways that lead to
 * it and to what is kept of it. KEPT_CHANGES=1000 tries more (`npm run test:kept`).
 */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { renderDefaults } from '../../src/cli/defaults.ts'
import { keep, renderKept } from '../../src/config/keep.ts'
import { identityOf, type Kept, readKept, type Source } from '../../src/config/kept.ts'
import { type LoadOptions, loadConfig } from '../../src/config/load.ts'
import type { LoadedConfig } from '../../src/config/loaded.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { verdictHash } from '../../src/config/verdict-hash.ts'
import { socketFolder } from '../../testkit/daemon-process.ts'
import { randomFrom } from '../support/random.ts'

const CHANGES = Number(process.env.KEPT_CHANGES ?? 100)
const IS_ROOT = process.geteuid?.() === 0
/** Longer than a tick of the clock that files are stamped with. */
const TICK_MS = 12
/** Whenever it was read, it was settled. */
const LONG_AGO = Number.POSITIVE_INFINITY

const TEXTS = [
  '$REJECTLEVEL = 3;',
  '$REJECTLEVEL = 4;',
  '$REJECTLEVEL = 4; $DEBUG = 1; # a longer one',
  "@dnsbl_checks_only_regexps = (qr/^a\\.b/i, qr'\\.example$');",
  "@dnsbl_score = ('a.example=127.0.0.[2..4]', 1.5, -0.25, 'A', 'b.example', 2, 0, 'B');",
  "$REJECTMSG = '550 gr\u00fc\u00df \u20ac \ud83d\ude00';",
  '$DEBUG = maybe;',
  "$NS = 'localhost';",
  '$REJECTLVL = 3; $PTIME = "3h";',
  '',
  renderDefaults({ profile: 'classic', isFull: true }),
]

/** What serves and is told, in one order. */
function shown({ path, config, findings }: LoadedConfig | (Kept & { readonly path: string })): string {
  const entries = Object.entries(config).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify({ path, entries, findings, hash: verdictHash(config) }, (_, value) =>
    value instanceof RegExp ? String(value) : value,
  )
}

function sourceOf(path: string): Source {
  return { path, identity: identityOf(path) }
}

/** A folder with configurations, and how they are loaded. */
function setUp(t: Test): { folder: string; options: LoadOptions; places: (path: string) => string[] } {
  const folder = t.testdir({ 'one.conf': TEXTS[0] as string, 'other.conf': TEXTS[1] as string, kept: {} })
  chmodSync(join(folder, 'kept'), 0o755)
  symlinkSync('one.conf', join(folder, 'link.conf'))
  const places = (path: string): string[] => [
    join(folder, 'kept', `x.${path.endsWith('link.conf') ? 11 : 22}345678.kept`),
  ]
  const usualPlaces = ['first.conf', 'link.conf', 'other.conf'].map(name => join(folder, name))
  return { folder, places, options: { usualPlaces, keptPlaces: places } }
}

t.test('whatever changes, what serves is what the file says', async t => {
  const { folder, options, places } = setUp(t)
  const seed = Number(process.env.KEPT_SEED ?? Date.now() % 100_000)
  const random = randomFrom(seed)
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const file = (): string => join(folder, pick(['one.conf', 'other.conf', 'link.conf', 'first.conf']))
  const kept = (): string | undefined => {
    const names = readdirSync(join(folder, 'kept'))
    return names.length === 0 ? undefined : join(folder, 'kept', pick(names))
  }
  const spoil = (change: (bytes: Buffer) => Buffer) => (): void => {
    const path = kept()
    if (path !== undefined && statSync(path).isFile()) writeFileSync(path, change(readFileSync(path)))
  }
  const onFile = (change: (path: string) => void) => (): void => {
    const path = file()
    if (existsSync(path)) change(path)
  }
  const changes: Readonly<Record<string, () => void>> = {
    write: () => {
      const path = file()
      // A link that leads to itself, or nowhere.
      if (!existsSync(path)) rmSync(path, { force: true })
      writeFileSync(path, pick(TEXTS))
    },
    'write the same again': onFile(path => writeFileSync(path, readFileSync(path))),
    'write, and set the time back': onFile(path => {
      const { atime, mtime } = statSync(path)
      writeFileSync(path, pick(TEXTS))
      utimesSync(path, atime, mtime)
    }),
    replace: onFile(path => {
      writeFileSync(join(folder, 'new'), pick(TEXTS))
      renameSync(join(folder, 'new'), path)
    }),
    exchange: onFile(path => {
      renameSync(path, join(folder, 'new'))
      if (existsSync(join(folder, 'other.conf'))) renameSync(join(folder, 'other.conf'), path)
      renameSync(join(folder, 'new'), join(folder, 'other.conf'))
    }),
    'set the clock of a file': onFile(path => utimesSync(path, random(2e9), random(2e9))),
    'permit and forbid': onFile(path => chmodSync(path, pick([0o600, 0o640, 0o644, 0o664, 0o666, 0o400]))),
    'give away': onFile(path => IS_ROOT && chownSync(path, pick([0, 1, 65_534]), pick([0, 1, 65_534]))),
    'lead elsewhere': () => {
      rmSync(join(folder, 'link.conf'), { force: true })
      symlinkSync(pick(['one.conf', 'other.conf', 'nothing', 'link.conf']), join(folder, 'link.conf'))
    },
    'a hard link in its place': onFile(path => {
      rmSync(path)
      writeFileSync(join(folder, 'one.conf'), pick(TEXTS))
      if (!existsSync(path)) linkSync(join(folder, 'one.conf'), path)
    }),
    remove: () => rmSync(file(), { force: true }),
    'change a byte of what is kept': spoil(bytes => {
      bytes[random(bytes.length)] = random(256)
      return bytes
    }),
    'cut what is kept': spoil(bytes => bytes.subarray(0, random(bytes.length))),
    'zeros in what is kept': spoil(bytes => bytes.fill(0, random(bytes.length))),
    'lengthen what is kept': spoil(bytes => Buffer.concat([bytes, Buffer.from('{}')])),
    'what is kept of another': () => {
      const [one, other] = [kept(), kept()]
      if (one !== undefined && other !== undefined && one !== other) copyFileSync(one, other)
    },
    'remove what is kept': () => rmSync(kept() ?? join(folder, 'none'), { force: true }),
    'let others write what is kept': () => {
      const path = kept()
      if (path !== undefined) chmodSync(path, 0o666)
    },
  }
  let served = 0
  for (let i = 0; i < CHANGES; i++) {
    const name = pick(Object.keys(changes))
    changes[name]?.()
    const wanted = await loadConfig({ ...options, withOrigins: true })
    const loaded = await loadConfig(options)
    const isRight = shown(loaded) === shown(wanted)
    if (!isRight) t.equal(shown(loaded), shown(wanted), `seed ${seed}, change ${i}: ${name}`)
    if (loaded.keep === undefined && loaded.findings.every(({ code }) => !code.startsWith('file-'))) served++
    if (random(4) === 0) {
      // As in life: what was written just now is not kept, so the next change may come within the same tick.
      loaded.keep?.()
    } else if (loaded.keep && loaded.path !== undefined) {
      keep(loaded, [sourceOf(loaded.path)], LONG_AGO, places(loaded.path))
      const again = await loadConfig(options)
      if (shown(again) !== shown(wanted))
        t.equal(shown(again), shown(wanted), `seed ${seed}, kept behind ${i}: ${name}`)
      await setTimeout(TICK_MS)
    }
  }
  t.ok(served > CHANGES / 20, `${served} of ${CHANGES} were kept, seed ${seed}`)
})

t.test('everything that can be said is kept', async t => {
  const { folder, options, places } = setUp(t)
  const file = join(folder, 'other.conf')
  for (const text of TEXTS) {
    writeFileSync(file, text)
    const loaded = await loadConfig({ ...options, file })
    t.equal(keep(loaded, [sourceOf(file)], LONG_AGO, places(file)).kind, 'kept')
    const again = await loadConfig({ ...options, file })
    t.equal(again.keep, undefined, 'it was kept')
    t.equal(shown(again), shown(loaded), text.slice(0, 60))
    rmSync(places(file)[0] as string)
  }
  const odd = { config: { ...builtinConfig(), NTIME: Number.NaN }, findings: [] }
  t.throws(() => renderKept(odd, [sourceOf(file)]), 'what JSON would lose')
})

t.test('a file that was changed a moment ago is not kept', async t => {
  const { folder, options } = setUp(t)
  const file = join(folder, 'one.conf')
  t.match((await loadConfig({ ...options, file })).keep?.(), { kind: 'young' })
  utimesSync(file, 1, 1)
  t.match((await loadConfig({ ...options, file })).keep?.(), { kind: 'young' }, 'whatever its time says')
  await setTimeout(2100)
  const loaded = await loadConfig({ ...options, file })
  t.match(loaded.keep?.(), { kind: 'kept' })
  t.equal((await loadConfig({ ...options, file })).keep, undefined)
  writeFileSync(file, TEXTS[1] as string)
  t.match(loaded.keep?.(), { kind: 'not-kept', why: /has changed/ })
  t.equal((await loadConfig({ ...options, file })).config.REJECTLEVEL, 4)
})

t.test('who may read what is kept', async t => {
  const { folder } = setUp(t)
  const file = join(folder, 'one.conf')
  const other = join(folder, 'other.conf')
  const place = join(socketFolder(t), 'x.12345678.kept')
  const [uid, gid] = IS_ROOT ? [65_534, 12_345] : [process.geteuid?.() ?? 0, process.getegid?.() ?? 0]
  const cases: [label: string, mode: number, otherMode: number, folderMode: number, wantMode: number][] = [
    ['everybody', 0o644, 0o644, 0o755, 0o644],
    ['not more than one of the files', 0o644, 0o640, 0o755, 0o640],
    ['not more than the file', 0o600, 0o644, 0o755, 0o600],
    ['not more than may enter the folder', 0o644, 0o644, 0o750, 0o640],
    ['nobody writes it', 0o664, 0o664, 0o755, 0o644],
  ]
  for (const [label, mode, otherMode, folderMode, wantMode] of cases) {
    for (const [path, bits] of [
      [file, mode],
      [other, otherMode],
      [folder, folderMode],
    ] as const) {
      chownSync(path, uid, gid)
      chmodSync(path, bits)
    }
    rmSync(place, { force: true })
    const outcome = keep({ config: builtinConfig(), findings: [] }, [sourceOf(file), sourceOf(other)], LONG_AGO, [
      place,
    ])
    if (!t.equal(outcome.kind, 'kept', label)) continue
    const kept = statSync(place)
    // Above the folder of a test there may be directories that let nobody in.
    t.equal(kept.mode & 0o777 & ~wantMode, 0, `${label}: ${(kept.mode & 0o777).toString(8)}`)
    t.equal(kept.uid, uid, `${label}: the configuration's owner`)
    t.equal(kept.gid, gid, `${label}: and group`)
  }
  chmodSync(folder, 0o755)
})

t.test('where nothing is written, and whom root does not believe', async t => {
  const { folder, places } = setUp(t)
  const file = join(folder, 'one.conf')
  const kept = { config: builtinConfig(), findings: [] }
  const [place] = places(file) as [string]
  const tryIt = (path = file): unknown => keep(kept, [sourceOf(path)], LONG_AGO, [place])
  chmodSync(join(folder, 'kept'), 0o777)
  t.match(tryIt(), { kind: 'not-kept', why: /can be written by others/ })
  chmodSync(join(folder, 'kept'), 0o755)
  t.match(keep(kept, [{ path: 'one.conf', identity: '' }], LONG_AGO, [place]), { kind: 'not-kept' }, 'a relative name')
  t.match(keep(kept, [sourceOf(file)], LONG_AGO, [join(folder, 'none', 'x')]), { kind: 'not-kept' })
  const next = keep(kept, [sourceOf(file)], LONG_AGO, [join(folder, 'none', 'x'), `${place}2`])
  t.match(next, { kind: 'kept', place: `${place}2` }, 'the next place serves')
  symlinkSync(join(folder, 'victim'), place)
  t.match(tryIt(), { kind: 'kept' }, 'a link is replaced')
  t.notOk(existsSync(join(folder, 'victim')), 'and not followed')
  t.ok(readKept(file, [place]))
  symlinkSync(place, join(folder, 'kept', 'link'))
  t.equal(readKept(file, [join(folder, 'kept', 'link')]), undefined, 'nor when it is read')
  if (IS_ROOT) {
    chownSync(place, 65_534, 65_534)
    t.equal(readKept(file, [place]), undefined, "somebody else's is not read by root")
    chownSync(join(folder, 'kept'), 65_534, 65_534)
    t.match(tryIt(), { kind: 'not-kept', why: /can be written by others/ })
  }
})

t.test('no more than eight are left', async t => {
  const { folder } = setUp(t)
  const file = join(folder, 'one.conf')
  mkdirSync(join(folder, 'kept', 'x.87654321.kept.dir'))
  writeFileSync(join(folder, 'kept', 'x.cache'), '')
  writeFileSync(join(folder, 'kept', 'x.00000000.kept.99999.new'), '')
  utimesSync(join(folder, 'kept', 'x.00000000.kept.99999.new'), 1, 1)
  const placeOf = (i: number): string => join(folder, 'kept', `x.${String(i).padStart(8, '0')}.kept`)
  for (let i = 0; i < 12; i++) {
    keep({ config: builtinConfig(), findings: [] }, [sourceOf(file)], LONG_AGO, [placeOf(i)])
    utimesSync(placeOf(i), 1e9 + i, 1e9 + i)
  }
  const left = readdirSync(join(folder, 'kept')).sort()
  t.strictSame(left, [
    ...Array.from({ length: 8 }, (_, i) => `x.${String(i + 4).padStart(8, '0')}.kept`),
    'x.87654321.kept.dir',
    'x.cache',
  ])
})
