import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { geometryFor } from '../../src/cache/format.ts'
import { BEAT_MS, HUNG_TICKS } from '../../src/daemon/heartbeat.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const unit = readFileSync(join(root, 'scripts/package/debian/policyd-weight.service'), 'utf8')
const settingOf = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

t.test('the limit of memory is none for a million entries', async t => {
  const WORKERS = 4
  /** Of a process under load, with room. */
  const PROCESS_BYTES = 150 * 2 ** 20
  const [, gigabytes] = /^(\d+)G$/.exec(settingOf('MemoryMax')) ?? []
  const limit = Number(gigabytes) * 2 ** 30
  const cache = geometryFor({ spam: 1_000_000, ham: 1_000_000 }).fileBytes
  const processes = (WORKERS + 1) * PROCESS_BYTES
  t.ok(limit >= processes + 2 * cache, 'shared, while a larger file takes the place of another')
  t.ok(limit >= processes + WORKERS * cache, 'a cache for each worker, where there can be no shared one')
  t.equal(settingOf('OOMPolicy'), 'continue', 'and whoever is beyond it is not the whole service')
})

t.test('the watchdog leaves the supervisor time to replace workers that hang', async t => {
  t.ok(Number(settingOf('WatchdogSec')) * 1000 >= 2 * (HUNG_TICKS + 2) * BEAT_MS)
  t.equal(settingOf('NotifyAccess'), 'main', 'who says so is the supervisor, and nobody else')
  t.match(settingOf('Restart'), /^(?:on-failure|always)$/)
})

t.test('no check is in front of a start, for one that fails leaves nothing running', async t => {
  t.notMatch(unit, /^ExecStartPre=/m)
  t.notMatch(unit, /^ExecCondition=/m)
})
