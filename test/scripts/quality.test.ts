/**
 * What `npm run quality` says: what is counted, when a figure is worse than recorded, and that a verdict measured in process is
 * the executable's.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { count, type Figures, FOLDER, readCorpus } from '../../scripts/quality/corpus.ts'
import { configurationOf, ours } from '../../scripts/quality/ours.ts'
import { compare, type Recorded } from '../../scripts/quality/recorded.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'
import { commandsOf } from '../support/page-commands.ts'
import { configurationText, requestBytes, runPolicyProcess } from '../../testkit/policy-process.ts'

t.test('what is counted', t => {
  const rows = [
    { kind: { class: 'ham', want: 'accept' }, verdict: 'accept' },
    { kind: { class: 'ham', want: 'accept' }, verdict: 'defer' },
    { kind: { class: 'ham', want: 'accept' }, verdict: 'reject' },
    { kind: { class: 'spam', want: 'reject' }, verdict: 'defer' },
    { kind: { class: 'spam', want: 'defer' }, verdict: 'accept' },
    { kind: { class: 'spam', want: 'any' }, verdict: 'accept' },
    { kind: { class: 'spam', want: 'any' }, verdict: 'reject' },
  ] as const
  const measured = rows.map(({ kind, verdict }) => ({
    mail: { id: 'x', group: 'g', note: '', zone: {}, request: {}, ...kind },
    result: { verdict, words: [], answer: '' },
  }))
  const wrong = { 'ham g': 2, 'spam g': 1 }
  t.strictSame(count(measured), { good: 3, refused: 1, deferred: 1, spam: 2, accepted: 1, dark: 2, caught: 1, wrong })
  t.end()
})

t.test('figures are compared with those recorded, each by itself', t => {
  const figures: Figures = {
    good: 9,
    refused: 2,
    deferred: 2,
    spam: 9,
    accepted: 3,
    dark: 4,
    caught: 1,
    wrong: { 'ham a': 4 },
  }
  const recordedAs = (changed: Partial<Figures>): Recorded => ({
    given: { k: { title: 'K', ...figures, ...changed } },
    extended: {},
    further: {},
    probing: {},
  })
  const nothing = { worse: [], better: [], incomparable: [] }
  const cases = [
    { label: 'equal', now: recordedAs({}), want: nothing },
    {
      label: 'one more refused',
      now: recordedAs({ refused: 3 }),
      want: { ...nothing, worse: ['given, k: good mail stopped 4 → 5', 'given, k: good mail refused 2 → 3'] },
    },
    {
      label: 'refused instead of deferred',
      now: recordedAs({ refused: 3, deferred: 1 }),
      want: { ...nothing, worse: ['given, k: good mail refused 2 → 3'] },
    },
    {
      label: 'less spam accepted, for good mail that is deferred',
      now: recordedAs({ accepted: 1, deferred: 3 }),
      want: { ...nothing, worse: ['given, k: good mail stopped 4 → 5'], better: ['given, k: spam accepted 3 → 1'] },
    },
    {
      label: 'dark spam',
      now: recordedAs({ caught: 0 }),
      want: { ...nothing, worse: ['given, k: dark spam not caught 3 → 4'] },
    },
    {
      label: 'as many wrong in another group',
      now: recordedAs({ wrong: { 'ham b': 4 } }),
      want: { ...nothing, worse: ['given, k: wrong in ham b 0 → 4'], better: ['given, k: wrong in ham a 4 → 0'] },
    },
    {
      label: 'a mail more',
      now: recordedAs({ good: 10, refused: 1 }),
      want: { ...nothing, incomparable: ['given, k: other mails or another engine than recorded'] },
    },
    {
      label: 'an engine less',
      now: { given: {}, extended: {}, further: {}, probing: {} },
      want: { ...nothing, incomparable: ['given, k: other mails or another engine than recorded'] },
    },
  ]
  for (const { label, now, want } of cases) t.strictSame(compare(recordedAs({}), now), want, label)
  t.end()
})

t.test('the executable gives the same verdicts and rates', async t => {
  const folder = t.testdir()
  const sample = readCorpus('given').filter((_, index) => index % 11 === 0)
  t.ok(sample.length >= 12, 'there is a sample')
  const dns = await startDnsServer({})
  t.teardown(() => dns.close())
  const configurations = ['', readFileSync(join(FOLDER, 'weights-alone.conf'), 'utf8')]
  const rates = new Set<string>()
  for (const [number, configuration] of configurations.entries()) {
    const engine = ours('', '', configurationOf(configuration))
    for (const mail of sample) {
      const own = join(folder, `${mail.id}-${number}`)
      const parameters = { NS: `127.0.0.1:${dns.port}`, LOCKPATH: `${own}-cache`, LOGFILE: `${own}-log` }
      writeFileSync(`${own}-conf`, `${configuration}\n${configurationText(parameters)}`)
      dns.zone = mail.zone
      const command = [process.execPath, EXECUTABLE, '-f', `${own}-conf`]
      const { stdout } = await runPolicyProcess(command, requestBytes(mail.request))
      const measured = await engine.verdict(mail)
      t.equal(stdout, `action=${measured.answer}\n\n`, `${mail.id}: the answer`)
      const [, rate] = /^.*weighted check: .*; rate: (\S+)$/m.exec(readFileSync(`${own}-log`, 'latin1')) ?? []
      t.equal(rate && Number(rate).toFixed(2), measured.rate?.toFixed(2), `${mail.id}: the rate`)
      rates.add(`${measured.verdict} ${rate}`)
    }
  }
  t.ok(rates.size > 6, 'and they are not all alike')
})

t.test('what docs/verdicts.md shows can be run', async t => {
  const { commands } = commandsOf(readFileSync('docs/verdicts.md', 'utf8'), word => word === 'npm')
  const shown = commands.filter(command => /^npm run quality\b/.test(command) && !/--(?:record|check)/.test(command))
  t.ok(shown.length > 3, 'there are commands')
  for (const command of shown) {
    const child = spawn('bash', ['-c', command.replace('npm run', 'npm run --silent')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
    t.equal(status, 0, command)
    t.match(said, /classic|policyd-weight, defaults|without|provider/, `${command}: prints something`)
  }
})

t.test('how it ends', async t => {
  const script = `${process.execPath} --import tsx scripts/quality.ts`
  const cases = [
    { label: 'an option that is none', command: `${script} --nope`, want: 64, stderr: /'--nope'/ },
    {
      label: 'a key that is none',
      command: `${script} --without nobody`,
      want: 64,
      stderr: /^no configuration nobody/,
    },
    { label: 'nothing to be set back to', command: `${script} --without classic`, want: 64, stderr: /no base/ },
    { label: 'a case that is none', command: `${script} --case nobody`, want: 64, stderr: /^no case nobody\n$/ },
    {
      label: 'an output that takes nothing',
      command: `${script} --case ham-srs > /dev/full`,
      want: 70,
      stderr: /ENOSPC/,
    },
    { label: 'a reader that has seen enough', command: `${script} --json | head -n 1`, want: 0, stderr: /^$/ },
  ]
  for (const { label, command, want, stderr } of cases) {
    const child = spawn('bash', ['-c', `${command}; exit $\{PIPESTATUS[0]}`], { stdio: ['ignore', 'ignore', 'pipe'] })
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')])
    t.equal(status, want, label)
    t.match(said, stderr, label)
  }
})
