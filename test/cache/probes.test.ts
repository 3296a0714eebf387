/** What probes have shown of lists: who asks, who waits, who is in quarantine, and when that ends. */
import t from 'tap'
import {
  claimProbe,
  giveProbeUp,
  lookAtProbes,
  noteProbe,
  PROBE_MS,
  type ProbeAnswer,
  PROBE_SPACING_MS,
  releaseList,
  RELEASE_CLEAN,
  wordOf,
} from '../../src/cache/probes.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { newTables } from '../support/tables.ts'

const NOW = 1_760_000_000_000
/** When it is asked what is known. */
const LATER = NOW + 3000
const HOST = 'bl.example.org'
const list = (host: string) => ({ host, filter: undefined, hit: 3, miss: 0, label: 'X' })
const config = builtinConfig({
  dnsbl_score: [list(HOST), list(HOST), list('other.example.org')],
  rhsbl_score: [list('rhs.example.org')],
  dnswl_score: [],
  BL_PROBE_INTERVAL: 600,
})
const CLEAN: ProbeAnswer = { result: 'clean', why: '', isTestListed: false }
const GUILTY: ProbeAnswer = { result: 'guilty', why: '127.83.12.9 is listed', isTestListed: false }
const UNANSWERED: ProbeAnswer = { result: 'unanswered', why: '', isTestListed: false }

/** A table whose lists were seen at NOW for the first time. */
function newlySeen() {
  const { probes } = newTables()
  lookAtProbes(probes, config, NOW)
  return probes
}

t.test('one probe of a list a second, whoever asks', t => {
  const { probes } = newTables()
  t.ok(claimProbe(probes, HOST, NOW))
  t.notOk(claimProbe(probes, HOST, NOW + PROBE_MS - 1), 'another one is under way, whose answer would be too late')
  t.ok(claimProbe(probes, 'other.example.org', NOW), 'each list has its own')
  t.ok(claimProbe(probes, HOST, NOW + PROBE_MS), 'what was never noted keeps nobody waiting for longer')
  noteProbe(probes, HOST, NOW + PROBE_MS, CLEAN)
  const noted = NOW + PROBE_MS
  t.notOk(claimProbe(probes, HOST, noted + PROBE_SPACING_MS - 1), 'there was one a moment ago')
  t.ok(claimProbe(probes, HOST, noted + PROBE_SPACING_MS))
  t.ok(claimProbe(probes, HOST, NOW - PROBE_MS), 'nor does a clock that was set back keep anybody waiting')
  t.end()
})

t.test('a probe that whoever asked could not wait for', t => {
  const { probes } = newTables()
  claimProbe(probes, HOST, NOW)
  giveProbeUp(probes, HOST, NOW)
  t.equal(wordOf(probes, HOST, NOW - 5, NOW + 5), 'asked', 'says nothing')
  t.notOk(claimProbe(probes, HOST, NOW + PROBE_SPACING_MS - 1), 'and was one all the same')
  t.ok(claimProbe(probes, HOST, NOW + PROBE_SPACING_MS))
  t.end()
})

t.test('a list whose name leaves no room in a slot', t => {
  const { probes } = newTables()
  const long = `${'a'.repeat(60)}.`.repeat(3).concat('example.org')
  claimProbe(probes, long, NOW)
  const why = `${'b'.repeat(60)}.example.net is listed`
  t.match(noteProbe(probes, long, NOW, { ...GUILTY, why }), { host: long, why })
  t.equal(wordOf(probes, long, NOW, NOW), 'guilty', 'the reason is cut, not the quarantine')
  t.match(probes.get(long), { why: why.slice(0, 216 - long.length) })
  const longer = `${'a'.repeat(60)}.`.repeat(4)
  t.ok(claimProbe(probes, longer, NOW), 'of one that does not fit nothing is shared')
  t.ok(claimProbe(probes, longer, NOW), 'so nobody waits for another one')
  const known = builtinConfig({ ...config, dnsbl_score: [list(longer)], rhsbl_score: [] })
  for (const nowMs of [NOW, NOW + 600_000]) t.strictSame(lookAtProbes(probes, known, nowMs).due, [])
  t.end()
})

t.test('a listing is vouched for by a probe that was asked no earlier than it came', t => {
  const { probes } = newTables()
  t.equal(wordOf(probes, HOST, NOW, LATER), 'asked', 'nothing is known')
  claimProbe(probes, HOST, NOW)
  t.equal(wordOf(probes, HOST, NOW, LATER), 'asked', 'it is under way')
  noteProbe(probes, HOST, NOW, CLEAN)
  t.equal(wordOf(probes, HOST, NOW, LATER), 'clean')
  t.equal(wordOf(probes, HOST, NOW - 5, LATER), 'clean')
  t.equal(wordOf(probes, HOST, NOW + 1, LATER), 'asked', 'it says nothing of what came later')
  claimProbe(probes, HOST, NOW + 2000)
  noteProbe(probes, HOST, NOW, CLEAN)
  t.equal(
    wordOf(probes, HOST, NOW + 1500, LATER),
    'asked',
    'an answer to an earlier one is not taken for that to a later one',
  )
  noteProbe(probes, HOST, NOW + 2000, UNANSWERED)
  t.equal(wordOf(probes, HOST, NOW + 1500, LATER), 'unanswered')
  t.end()
})

t.test('a probe that is overtaken by the next one is noted all the same', t => {
  const { probes } = newTables()
  claimProbe(probes, HOST, NOW)
  claimProbe(probes, HOST, NOW + PROBE_MS)
  noteProbe(probes, HOST, NOW, CLEAN)
  t.equal(wordOf(probes, HOST, NOW - 5, LATER), 'clean')
  t.notOk(claimProbe(probes, HOST, NOW + 2 * PROBE_MS - 1), 'and the next one is still under way')
  noteProbe(probes, HOST, NOW + PROBE_MS, UNANSWERED)
  noteProbe(probes, HOST, NOW, CLEAN)
  t.equal(wordOf(probes, HOST, NOW - 5, LATER), 'unanswered', 'the one that was asked later knows better')
  t.end()
})

t.test('a clock that was set back: what was asked in its future vouches for nothing', t => {
  const { probes } = newTables()
  const later = NOW + 60_000
  claimProbe(probes, HOST, later)
  noteProbe(probes, HOST, later, CLEAN)
  t.equal(wordOf(probes, HOST, later, later), 'clean')
  t.equal(wordOf(probes, HOST, NOW, NOW), 'asked')
  t.ok(claimProbe(probes, HOST, NOW), 'so it is asked')
  noteProbe(probes, HOST, NOW, CLEAN)
  t.equal(wordOf(probes, HOST, NOW, NOW), 'clean')
  t.equal(wordOf(probes, HOST, NOW, NOW - 50), 'clean', 'also to one who looked at the clock and waited for the lock')
  t.end()
})

t.test('quarantine, for all who ask, until so many probes in a row were clean', t => {
  const { probes } = newTables()
  const quarantined = (nowMs: number) => lookAtProbes(probes, config, nowMs).quarantined
  claimProbe(probes, HOST, NOW)
  t.strictSame(noteProbe(probes, HOST, NOW, GUILTY), { host: HOST, why: '127.83.12.9 is listed' })
  t.strictSame(quarantined(NOW + 1), [HOST])
  t.equal(wordOf(probes, HOST, NOW + 1000, LATER), 'guilty', 'also of what it says later')
  let nowMs = NOW
  const probe = (answer: ProbeAnswer) => {
    nowMs += 600_000
    t.ok(lookAtProbes(probes, config, nowMs).due.includes(HOST), 'it is probed while it is left alone')
    return noteProbe(probes, HOST, nowMs, answer)
  }
  t.equal(probe(GUILTY), undefined, 'it is told once')
  for (let i = 1; i < RELEASE_CLEAN; i++) t.equal(probe(CLEAN), undefined)
  t.equal(probe(UNANSWERED), undefined, 'silence is no good sign')
  for (let i = 1; i < RELEASE_CLEAN; i++) t.equal(probe(CLEAN), undefined)
  t.strictSame(quarantined(nowMs + 1), [HOST])
  t.strictSame(probe(CLEAN), { host: HOST, why: undefined })
  t.strictSame(quarantined(nowMs + 1), [])
  t.end()
})

t.test('where mail comes less often than probes are due, each list has its turn', t => {
  const probes = newlySeen()
  const asked = new Set<string>()
  for (let mail = 1; mail <= 2; mail++) {
    const nowMs = NOW + mail * 900_000
    const { due } = lookAtProbes(probes, config, nowMs)
    for (const host of due) {
      asked.add(host)
      noteProbe(probes, host, nowMs, CLEAN)
    }
  }
  t.strictSame([...asked].sort(), [HOST, 'other.example.org', 'rhs.example.org'])
  t.end()
})

t.test('guilt counts, however late it is told', t => {
  const { probes } = newTables()
  claimProbe(probes, HOST, NOW)
  claimProbe(probes, HOST, NOW + 1000)
  noteProbe(probes, HOST, NOW + 1000, CLEAN)
  t.ok(noteProbe(probes, HOST, NOW, GUILTY))
  t.equal(wordOf(probes, HOST, NOW, LATER), 'guilty')
  t.end()
})

t.test('a probe that is due is one mail’s to ask', t => {
  const { probes } = newTables()
  t.strictSame(lookAtProbes(probes, config, NOW - 600_000), { quarantined: [], due: [] }, 'not when a list is new')
  t.equal(wordOf(probes, HOST, NOW - 600_000, LATER), 'asked')
  t.ok(claimProbe(newlySeen(), HOST, NOW), 'but whoever needs its word need not wait')
  t.strictSame(lookAtProbes(probes, config, NOW), { quarantined: [], due: [HOST, 'other.example.org'] }, 'two at once')
  t.strictSame(lookAtProbes(probes, config, NOW + 1).due, ['rhs.example.org'], 'and the next by the next mail')
  t.strictSame(lookAtProbes(probes, config, NOW + 2).due, [])
  giveProbeUp(probes, HOST, NOW)
  t.strictSame(lookAtProbes(probes, config, NOW + 3).due, [], 'a mail that could not wait makes no next one ask')
  const again = NOW + 60_000
  t.ok(lookAtProbes(probes, config, again).due.includes(HOST), 'before long another one asks, though')
  giveProbeUp(probes, HOST, NOW)
  t.strictSame(lookAtProbes(probes, config, again + 1).due.includes(HOST), false, 'what another one asks by now is his')
  noteProbe(probes, HOST, again, CLEAN)
  t.strictSame(lookAtProbes(probes, config, again + 599_999).due.includes(HOST), false)
  t.strictSame(lookAtProbes(probes, config, again + 1_200_000).due.includes(HOST), true, 'and again after the interval')
  t.end()
})

t.test('a quarantine is ended by hand', t => {
  const { probes } = newTables()
  t.notOk(releaseList(probes, HOST), 'there is none')
  claimProbe(probes, HOST, NOW)
  t.notOk(releaseList(probes, HOST), 'nor yet')
  noteProbe(probes, HOST, NOW, GUILTY)
  t.ok(releaseList(probes, HOST))
  t.strictSame(lookAtProbes(probes, config, NOW + 5).quarantined, [])
  t.end()
})
