/** Who asks a list before a mail is refused on its word, where the cache is locked by others. */
import t from 'tap'
import { claimProbe, noteProbe } from '../src/cache/probes.ts'
import { builtinConfig } from '../src/config/parameters/parameters.ts'
import type { Evaluated, Evaluator } from '../src/evaluate.ts'
import { Probes } from '../src/vouch.ts'
import { newTables } from './support/tables.ts'

t.test('whoever does not get the lock at once asks no probe past the others', async t => {
  const tables = newTables()
  const nowMs = Date.now()
  const record = { askedMs: nowMs, isUnderWay: false, overMs: nowMs, result: 'clean' } as const
  const quiet = { quarantinedSeconds: 0, cleanInRow: 0, testSeenSeconds: 0, why: '' }
  tables.probes.set('bl.test', { ...record, ...quiet, seenSeconds: Math.floor(nowMs / 1000) })
  let tries = 0
  let asked = 0
  const probes = new Probes({
    config: builtinConfig({}),
    cache: { transact: use => (++tries > 3 ? use(tables) : undefined), count: () => {} },
    evaluator: {
      probe: () => {
        asked++
        return { answers: new Map(), end: () => undefined, arrived: () => Promise.reject(new Error('asked')) }
      },
    } as unknown as Evaluator,
    nowMs: () => nowMs,
    background: undefined,
    tell: () => {},
  })
  const remember = { message: { kind: 'rejected', message: '550 no' } } as const
  const judgement = { action: '550 no', remember, listedBy: new Set(['bl.test']), notes: [] }
  const vouched = await probes.vouchFor({ judgement, without: () => undefined } as unknown as Evaluated)
  t.match(vouched, { judgement: { action: '550 no' } })
  t.equal(asked, 0)
  t.equal(tries, 4)
})

t.test('a mail that would be deferred on the word of a list alone is judged anew if the list is guilty', async t => {
  for (const [listed, want] of [
    [true, { guilty: ['bl.test'] }],
    [false, { judgement: { action: '450 later' } }],
  ] as const) {
    const outcome = listed ? { kind: 'found', values: ['127.0.0.2'] } : { kind: 'nxdomain' }
    const tables = newTables()
    const probes = new Probes({
      config: builtinConfig({
        dnsbl_score: [{ host: 'bl.test', filter: undefined, hit: 3, miss: 0, label: 'BL' }],
      }),
      cache: { transact: use => use(tables), count: () => {} },
      evaluator: { probe: () => ({ answers: { get: () => outcome }, end: () => undefined }) } as unknown as Evaluator,
      nowMs: Date.now,
      background: undefined,
      tell: () => {},
    })
    const remember = { message: { kind: 'rejected', message: '450 later' } } as const
    const judgement = { action: '450 later', remember, listedBy: new Set(['bl.test']), notes: [] }
    const accepted = { action: 'DUNNO', remember: { message: { kind: 'accepted' } }, listedBy: new Set(), notes: [] }
    t.match(await probes.vouchFor({ judgement, without: () => accepted } as unknown as Evaluated), want)
    t.equal(tables.probes.isEmpty(), false, 'it was asked')
  }
})

t.test('a mail with which a list is probed waits for that probe, and asks none beside it', async t => {
  const tables = newTables()
  const nowMs = Date.now()
  claimProbe(tables.probes, 'bl.test', nowMs)
  const answer = { result: 'guilty', why: 'it lists 127.1.2.3', isTestListed: false } as const
  const probes = new Probes({
    config: builtinConfig({}),
    cache: { transact: use => use(tables), count: () => {} },
    evaluator: { probe: () => t.fail('asked') } as unknown as Evaluator,
    nowMs: () => nowMs,
    background: { settle: async host => void noteProbe(tables.probes, host, nowMs, answer) },
    tell: () => {},
  })
  const remember = { message: { kind: 'rejected', message: '550 no' } } as const
  const judgement = { action: '550 no', remember, listedBy: new Set(['bl.test']), notes: [] }
  const vouched = await probes.vouchFor({ judgement, without: () => undefined } as unknown as Evaluated)
  t.strictSame(vouched, { guilty: ['bl.test'] })
})
