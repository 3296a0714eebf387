import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { withCacheOfOwn } from '../src/cli/cache/cache-of-debug.ts'
import { describeVerdict } from '../src/score/verdict-words.ts'
import { builtinConfig, type Config } from '../src/config/parameters/parameters.ts'
import type { Judgement } from '../src/score/verdict.ts'
import { attributesOf, EXECUTABLE, tryExecutable } from '../testkit/executable.ts'
import { configurationText, requestBytes } from '../testkit/policy-process.ts'

t.test('the verdict in words', t => {
  const rejected = { message: { kind: 'rejected', message: '550 no' } } as const
  const weighted = { reasons: '', rate: '5.1' }
  const steps = [{ rule: 'X', score: 5.1, rate: 5.1 }]
  const of = (why: Judgement['why'], changed: Partial<Judgement> = {}, config: Partial<Config> = {}): string =>
    describeVerdict(
      {
        why,
        action: '550 no',
        isPass: false,
        isTied: false,
        weighted,
        remember: rejected,
        listAnswers: new Map(),
        listedBy: new Set(),
        addresses: [],
        notes: [],
        steps,
        hits: 2,
        dnsbl: 7,
        nameErrors: 3,
        ...changed,
      },
      builtinConfig({ REJECTLEVEL: 1, MAXDNSBLSCORE: 8, MAXDNSBLHITS: 2, MAXDNSERR: 3, DEFER_LEVEL: 6, ...config }),
    )
  const cases: [said: string, want: string][] = [
    [of('listings', { dnsbl: 11.35 }), 'rate 11.35 is above $MAXDNSBLSCORE (8): refused at once'],
    [of('listings', { hits: 3 }), '3 listings are above $MAXDNSBLHITS (2): refused at once'],
    [of('rate'), '5.1 >= $REJECTLEVEL (1): refused'],
    [of('rate', { weighted: undefined, remember: {} }, { REJECTLEVEL: 6 }), '5.1 < $REJECTLEVEL (6): accepted'],
    [of('rate', { accepted: true, remember: {} }, { REJECTLEVEL: 6 }), '5.1 < $REJECTLEVEL (6): accepted'],
    [
      of('rate', { action: '450 no' }, { DEFER_ACTION: '450' }),
      '5.1 >= $REJECTLEVEL (1), below $DEFER_LEVEL (6), with a word of $DEFER_STRING: deferred',
    ],
    [
      of('rate', { action: '450 no', weighted: { reasons: ' IN_ONE=6 ONE_WITNESS', rate: '5.1' } }, { DEFER_LEVEL: 1 }),
      '5.1 >= $REJECTLEVEL (1), by the lists of one operator alone, and the client is tied to the sender ($TWO_WITNESSES): deferred',
    ],
    [of('deferred-names'), '3 lookups failed, $MAXDNSERR is 3: $CLIENTDNSERRMSG'],
    [
      of('preventable'),
      'an answer to a lookup that failed could have prevented a rejection ($DEFER_ON_DNSERR): $CLIENTDNSERRMSG',
    ],
    [of('no-records'), 'neither client, HELO nor sender has a record in DNS: $DNSERRMSG'],
  ]
  for (const [said, want] of cases) t.equal(said, want)
  for (const why of ['silent-lists', 'outage', 'failed-names', 'lists-only', 'known', 'busy'] as const)
    t.match(of(why), /: (?:accepted|deferred)/, why)
  t.end()
})

t.test('-d prints everything, and writes no log', async t => {
  const { request = '', ...bare } = attributesOf()
  const own = { dnsbl_score: [], rhsbl_score: [], dnsbl_checks_only: 1 }
  const cases: {
    label: string
    input: Buffer
    text?: string
    wantStatus?: number
    want: RegExp
  }[] = [
    {
      label: 'a request',
      input: requestBytes({ request, ...bare }),
      want: /^request {3}client=.*\nverdict {3}only the lists.*\n\nlog {7}decided action=.*\n\naction=/s,
    },
    {
      label: 'without request=',
      input: requestBytes(bare),
      want: /verdict {3}.*action=.*\nnote {6}request=smtpd_access_policy is missing, and is added/s,
    },
    {
      label: 'of another type',
      input: requestBytes({ ...bare, request: 'x' }),
      wantStatus: 75,
      want: /^log {7}warning: no answer sent: a request of type "x"/,
    },
    { label: 'cut off', input: Buffer.from('sender=a'), wantStatus: 75, want: /no answer sent: the input ended/ },
    {
      label: 'a slip',
      input: requestBytes(attributesOf()),
      text: '$NTTL = x();',
      want: /\nnote {6}default for \$NTTL due to config-error.*log {7}conf-err: /s,
    },
  ]
  for (const { label, input, text = '', wantStatus = 0, want } of cases) {
    const folder = t.testdir({ cache: {} })
    const log = join(folder, 'log')
    const file = join(folder, 'conf')
    const parameters = { ...own, LOGFILE: log, LOCKPATH: `${folder}/cache/` }
    writeFileSync(file, `${configurationText(parameters)}${text}\n`)
    const command = (path: string) => [process.execPath, EXECUTABLE, '-f', path, '-d']
    const tried = await tryExecutable(folder, { file, input, command })
    t.match(tried, { status: wantStatus, stderr: '', stdout: want }, label)
    t.notOk(existsSync(log), `${label}: no log`)
  }
})

t.test('a cache for whoever may not write to that of the service', t => {
  const folder = t.testdir({ cache: {}, file: '' })
  const lockPath = (LOCKPATH: string, mayUse = true) => withCacheOfOwn(builtinConfig({ LOCKPATH }), mayUse).LOCKPATH
  t.equal(lockPath(join(folder, 'cache')), join(folder, 'cache'))
  t.equal(lockPath(join(folder, 'new')), join(folder, 'new'), 'one that can be made')
  for (const own of [
    lockPath('/none/none'),
    lockPath(join(folder, 'file', 'x')),
    lockPath(join(folder, 'cache'), false),
  ]) {
    t.match(own, /\/policyd-weight-\w{6}$/)
    t.ok(existsSync(own))
  }
  t.end()
})
