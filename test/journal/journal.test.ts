/** The writer of one process: days, and a clock that is wrong. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { builtinConfig, type Config } from '../../src/config/parameters/parameters.ts'
import type { DecidedRequest } from '../../src/journal/decision-record.ts'
import { Journal } from '../../src/journal/journal.ts'
import { readJournal } from '../../src/journal/read-journal.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestText } from '../../testkit/policy-process.ts'

function decidedAt(time: string, attributes: Record<string, string> = {}): DecidedRequest {
  return {
    request: parseRequest(requestText(attributesOf(attributes)), () => {}),
    action: 'DUNNO',
    by: 'ham',
    reference: undefined,
    startMs: Date.parse(time),
    delayMs: 1,
    evaluated: undefined,
  }
}

for (const staysOpen of [false, true]) {
  t.test(`a clock that is wrong, ${staysOpen ? 'the daemon' : 'a process of Postfix'}`, async t => {
    const folder = t.testdir()
    const config: Config = { ...builtinConfig(), JOURNAL: join(folder, 'journal') }
    const warned: string[] = []
    const journal = new Journal(config, text => warned.push(text), staysOpen)
    const writeAt = async (time: string): Promise<number> => {
      // The name of a part has its millisecond.
      for (const beganMs = Date.now(); Date.now() === beganMs; );
      await journal.write([decidedAt(time)])
      return readdirSync(folder).length
    }
    t.equal(await writeAt('2026-11-29T23:59:59Z'), 1)
    t.equal(await writeAt('2026-11-30T00:00:01Z'), 2, 'a new day')
    t.equal(await writeAt('2026-11-29T23:59:59Z'), 2, 'back over midnight: a decision that was long under way')
    t.equal(await writeAt('2026-11-30T00:00:02Z'), 2)
    t.equal(await writeAt('2038-01-19T00:00:00Z'), 3, 'a clock that jumps ahead')
    t.equal(await writeAt('2026-11-30T00:00:03Z'), 4, 'and back: nothing is kept for twelve years')
    t.equal(await writeAt('2026-11-30T00:00:04Z'), 4)
    journal.close()
    t.strictSame(warned, [])
    t.equal([...readJournal(config.JOURNAL, 0)].length, 7, 'none is lost')
  })
}

t.test('with $JOURNAL_PRIVACY no local part is anywhere in a record', async t => {
  const folder = t.testdir()
  const config: Config = { ...builtinConfig(), JOURNAL: join(folder, 'journal'), JOURNAL_PRIVACY: true }
  const journal = new Journal(config, why => t.fail(why), false)
  const of = { sender: 'alice.smith@example.org', recipient: 'bob@example.net' }
  for (const who of ['recipient:bob@', 'recipient:bob@example.net', 'sender:alice.smith@example.org', '192.0.2.0/24']) {
    const decided = decidedAt('2026-11-29T23:59:59Z', of)
    await journal.write([
      { ...decided, action: `DUNNO exempt (${who})`, exempt: { who, action: 'SKIP' }, by: 'exception' },
    ])
  }
  const lookup = (name: string, values: readonly string[] = []) =>
    ({ question: { type: 'A', name }, outcome: { kind: 'found', values } }) as const
  const lookups = [
    lookup('mail.example.org'),
    lookup('smith.mx.example.org'),
    lookup('example.org', ['smith.mx.example.org']),
    lookup('_spf.smith.example', []),
    lookup('example.org', ['v=spf1 include:_spf.smith.example -all']),
    // As %{l}, %{lr} and %{s} make them.
    lookup('alice.smith._spf.example.org'),
    lookup('smith.alice._spf.example.org'),
    lookup('alice.smith@example.org._spf.example.org'),
  ]
  const { judgement } = { judgement: { steps: [], why: 'rate', remember: {}, notes: [] } }
  await journal.write([
    { ...decidedAt('2026-11-29T23:59:59Z', of), by: undefined, evaluated: { judgement, lookups } as never },
  ])
  const [evaluated, ...exempted] = [...readJournal(config.JOURNAL, 0)]
  t.strictSame(
    evaluated?.lookups?.map(({ name }) => name),
    ['mail.example.org', 'smith.mx.example.org', 'example.org', '_spf.smith.example', 'example.org', '~', '~', '~'],
  )
  t.match(exempted[0], { exempt: { who: '192.0.2.0/24' }, action: 'DUNNO exempt (192.0.2.0/24)' })
  const [, sender, mailbox, user] = exempted
  t.match(sender?.action, /^DUNNO exempt \(sender:~[0-9a-f]{12}@example\.org\)$/)
  t.match(mailbox?.exempt?.who, /^recipient:~[0-9a-f]{12}@example\.net$/)
  t.match(user?.exempt?.who, /^recipient:~[0-9a-f]{12}@$/)
  t.notMatch(readFileSync(config.JOURNAL, 'latin1'), /alice|bob/)
})

t.test('a daemon whose disk is full for the second time says so again', async t => {
  const folder = t.testdir({ journal: {} })
  const { now } = Date
  const clock = { ms: now() }
  Date.now = () => clock.ms
  t.teardown(() => {
    Date.now = now
  })
  const warned: string[] = []
  const journal = new Journal({ ...builtinConfig(), JOURNAL: join(folder, 'journal') }, text => warned.push(text), true)
  for (const afterMs of [0, 1000, 3_000_000, 3_700_000]) {
    clock.ms += afterMs
    await journal.write([decidedAt('2026-11-29T23:59:59Z')])
  }
  t.equal(warned.length, 2, 'once an hour')
  t.match(warned[1], /^decisions are not written to the journal .*EISDIR/)
})

t.test('a directory that is missing or not ours is told once, but not to root', async t => {
  const folder = t.testdir({ theirs: {} })
  const { geteuid } = process
  const own = geteuid?.() ?? 0
  t.teardown(() => Object.assign(process, { geteuid }))
  const warnedAs = async (uid: number, path: string): Promise<string[]> => {
    process.geteuid = () => uid
    const warned: string[] = []
    const journal = new Journal({ ...builtinConfig(), JOURNAL: join(folder, path) }, text => warned.push(text), true)
    for (let times = 0; times < 3; times++) await journal.write([decidedAt('2026-11-29T23:59:59Z')])
    return warned
  }
  for (const path of ['missing/journal', 'theirs/journal']) {
    t.match(await warnedAs(own + 1, path), [
      /^decisions are not written .* its directory is missing or another user's; see/,
    ])
    t.equal((await warnedAs(own + 1, path)).length, 1)
  }
  t.strictSame(await warnedAs(0, 'missing/journal'), [])
  t.strictSame(readdirSync(folder), ['theirs'])
})
