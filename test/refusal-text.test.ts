import t from 'tap'
import type { Cache } from '../src/cache/cache.ts'
import type { Config } from '../src/config/parameters/parameters.ts'
import { profileConfig } from '../src/config/profile.ts'
import { Consultant } from '../src/consult.ts'
import { decide } from '../src/decide.ts'
import type { Evaluated, Evaluator } from '../src/evaluate.ts'
import { textAgain, withTexts } from '../src/refusal-text.ts'
import { fateOf } from '../src/score/fate.ts'
import type { Judgement } from '../src/score/verdict.ts'
import { MAX_FILLED_CHARACTERS } from '../src/text/placeholders.ts'
import { judgeBusy } from '../src/unscored.ts'
import { requestOf } from './support/scoring.ts'
import { newTables } from './support/tables.ts'

const ZEN = 'zen.spamhaus.org'
const DBL = 'dbl.spamhaus.org'
const KEY = 'abcdefghijklmnopqrstuvwxyz'

const judgementOf = (action: string, appended: string | undefined, given: Partial<Judgement> = {}): Judgement => ({
  ...judgeBusy(''),
  notes: [],
  why: 'rate',
  action: action + (appended ?? ''),
  appended,
  ...given,
})
const evaluatedOf = (judgement: Judgement): Evaluated => ({ judgement, lookups: [], queries: 0, cut: false })

t.test('the action of a judgement, by what speaks against the mail', t => {
  const config = profileConfig('modern')
  const cases: [label: string, template: string, appended: string | undefined, hosts: string[], want: string][] = [
    ['listed', '550 %{lists} %{delist}', '', [ZEN], `550 ${ZEN} https://check.spamhaus.org/`],
    ['by two', '550 %{lists}', '', [ZEN, DBL], `550 ${ZEN}, ${DBL}`],
    ['one entry after the other of one list', '550 %{lists}', '', [ZEN, ZEN], `550 ${ZEN}`],
    [
      'with a key, which is nobody’s business',
      '550 %{lists}',
      '',
      [`${KEY}.zen.dq.spamhaus.net`],
      '550 zen.dq.spamhaus.net',
    ],
    [
      'two of one name',
      '550 %{lists}',
      '',
      [`${KEY}.zen.dq.spamhaus.net`, 'x.zen.dq.spamhaus.net'],
      '550 zen.dq.spamhaus.net',
    ],
    ['the page of the first that has one', '550 %{delist}', '', ['a.example', DBL], '550 https://check.spamhaus.org/'],
    ['none of them has', '550 %{delist}', '', ['a.example'], '550 ask the list'],
    ['by nobody', '550 by %{lists}, %{delist}', '', [], '550 by no block list, not needed'],
    [
      'by more than there is room for',
      '550 %{lists}',
      '',
      ['a', 'b', 'c', 'd'].map(name => `${name.repeat(40)}.example`),
      `550 ${'a'.repeat(40)}.example, ${'b'.repeat(40)}.example and 2 more`,
    ],
    [
      'what is appended stays as it came',
      '550 %{helo}',
      '; MTA helo: %{client}\n',
      [],
      '550 helo.example; MTA helo: %{client}\n',
    ],
    ['a restriction class', 'strict', '', [], 'strict'],
    ['a class that is named like a placeholder', 'a%{client}', '', [], 'a%{client}'],
    ['what has no text of the three', '450 %{client}', undefined, [], '450 %{client}'],
    ['a deferral of a text for good', '450 5.7.1 %{client}', '', [], '450 4.7.1 192.0.2.10'],
    ['by a word', 'DEFER_IF_PERMIT 5.7.1 No', '; in x', [], 'DEFER_IF_PERMIT 4.7.1 No; in x'],
    ['with a code of its own', '450 4.2.0 5.7.1 No', '', [], '450 4.2.0 No'],
    ['a refusal keeps its code', '550 5.7.1 No', '', [], '550 5.7.1 No'],
    ['other numbers are none', '450 5.7 No', '', [], '450 5.7 No'],
  ]
  for (const [label, template, appended, hosts, want] of cases) {
    const judgement = judgementOf(template, appended, { listedBy: new Set(hosts) })
    const filled = withTexts(judgement, requestOf({ helo_name: 'helo.example' }), config)
    t.equal(filled.action, want, label)
  }
  t.end()
})

t.test('an action that no longer ends in what was appended has nothing filled in', t => {
  const judgement = judgementOf('450 later %{client}', undefined, { appended: '; in x' })
  t.equal(withTexts(judgement, requestOf(), profileConfig('modern')).action, '450 later %{client}')
  t.end()
})

t.test('what other recipients are answered is filled in as well', t => {
  const remember = { message: { kind: 'rejected', message: '450 5.7.1 No, %{client}, %{helo} (%{ref})' } } as const
  const judgement = judgementOf('550 5.7.1 Listed', '; check it', { remember })
  const filled = withTexts(judgement, requestOf({ helo_name: '%{ref}' }), profileConfig('modern'), 'K7')
  t.same(filled.remember.message, { kind: 'rejected', message: '450 4.7.1 No, 192.0.2.10, %{ref} (K7)' })
  t.equal(filled.action, '550 5.7.1 Listed; check it')
  t.end()
})

t.test('a refusal from memory has the lists that are among its reasons', t => {
  const config = profileConfig('modern', { CACHEREJECTMSG: '550 %{lists} (%{delist}) for %{client} %{ref}' })
  const tail = ' - retrying too fast. penalty: 30 seconds x 1 retries.'
  const cases: [label: string, reasons: string | undefined, want: string][] = [
    ['a list of clients', 'IN_SBL_XBL_SPAMHAUS=10 NOT_IN_SPAMCOP=0', `${ZEN} (https://check.spamhaus.org/)`],
    [
      'two of them',
      'IN_SPAMCOP=2 IN_MAILSPIKE=2',
      'bl.spamcop.net, bl.mailspike.net (https://www.spamcop.net/bl.shtml)',
    ],
    ['one of domains', 'NOT_IN_SPAMCOP=0 HELO_IN_DBL_SPAMHAUS=10', `${DBL} (https://check.spamhaus.org/)`],
    ['none that lists', 'NOT_IN_SBL_XBL_SPAMHAUS=-1 SPAMCOP=ERR(0)', 'see the first refusal (see the first refusal)'],
    ['cut off in a word', 'CL_IP_NE_HELO=1.5 IN_SPAMC', 'see the first refusal (see the first refusal)'],
    ['nothing is known', undefined, 'see the first refusal (see the first refusal)'],
    [
      'a HELO that looks like it',
      'HELO (check from: .x. - helo: .in_spamcop=2. - x)',
      'see the first refusal (see the first refusal)',
    ],
  ]
  for (const [label, reasons, want] of cases) {
    const message = textAgain(
      { message: config.CACHEREJECTMSG + tail, reasons, score: 4, reference: 'K7' },
      requestOf(),
      config,
    )
    t.equal(message, `550 ${want} for 192.0.2.10 K7${tail}`, label)
  }
  t.end()
})

t.test('what stands in front of the first ; groups refusals in tables of reasons, as of pflogsumm', t => {
  const { REJECTMSG, MAXDNSBLMSG, DNSERRMSG } = profileConfig('modern')
  for (const text of [REJECTMSG, MAXDNSBLMSG, DNSERRMSG]) t.notMatch(text.split(';', 1)[0], /%\{/, text)
  t.end()
})

t.test('what the texts of the profile modern say', t => {
  const config = profileConfig('modern')
  const request = requestOf({ client_address: '2001:db8:1111:2222:3333:4444:5555:6666', helo_name: 'h'.repeat(8000) })
  const hosts = [
    'zen.dq.spamhaus.net',
    'b.barracudacentral.org',
    'psbl.surriel.com',
    'bl.spamcop.net',
    'bl.mailspike.net',
  ]
  for (const name of ['REJECTMSG', 'MAXDNSBLMSG', 'DNSERRMSG'] as const) {
    for (const listedBy of [new Set<string>(), new Set([ZEN]), new Set(hosts)]) {
      const { action } = withTexts(judgementOf(config[name], '', { listedBy }), request, config)
      t.ok(action.length < MAX_FILLED_CHARACTERS, `${name}: ${action}`)
      t.notMatch(action, '%{')
      t.match(action, /^(?:550 5|450 4)\.7\.1 [A-Z]/)
      if (listedBy.size === 0 && name !== 'DNSERRMSG')
        t.match(action, /; lists: no block list; removal: not needed\. Please /)
      if (listedBy.has(ZEN) && name !== 'DNSERRMSG')
        t.match(action, /zen\.spamhaus\.org.*https:\/\/check\.spamhaus\.org\//)
    }
    t.match(
      config[name],
      /^\d{3} \S+ [^%:;,]{20,}[:;,]/,
      'its first words, by which reports group, are the same for all',
    )
  }
  t.end()
})

/** Answers requests by one judgement. */
function setting(judgement: Judgement, overrides: Partial<Config>) {
  const { decide } = decider(judgement, { ADD_REFERENCE: false, ...overrides })
  return async (attributes: Record<string, string>): Promise<string> => (await decide(attributes)).action
}

function decider(judgement: Judgement, overrides: Partial<Config>) {
  const tables = newTables()
  const cache: Cache = { transact: use => use(tables), count: () => {} }
  const config = profileConfig('modern', { BL_PROBE_INTERVAL: 0, CACHE_PER_DOMAIN: false, ...overrides })
  const evaluate = async (): Promise<Evaluated> => evaluatedOf(judgement)
  const evaluator = async (): Promise<Evaluator> => ({ evaluate }) as Pick<Evaluator, 'evaluate'> as Evaluator
  const nowMs = (): number => 1_760_000_000_000
  const consultant = new Consultant({ config, cache, evaluator, nowMs })
  const instance = { config, consultant: () => consultant, nowMs }
  return { config, decide: async (attributes: Record<string, string>) => decide(requestOf(attributes), instance) }
}

const REJECTMSG = '550 No, %{client} %{helo} %{lists}'
const REFUSAL = judgementOf(REJECTMSG, '; MTA helo: %{client}', {
  weighted: { reasons: ' IN_SPAMCOP=2', rate: '2' },
  listedBy: new Set(['bl.spamcop.net']),
  remember: { spam: { key: 'client', score: 2 }, message: { kind: 'rejected', message: REJECTMSG } },
})

t.test('from the first mail to the last recipient of the second', async t => {
  const ask = setting(REFUSAL, { REJECTMSG, CACHEREJECTMSG: `${REJECTMSG} [cached]` })
  const helo_name = '%{client}'
  const text = '550 No, 192.0.2.10 %{client} bl.spamcop.net'
  t.equal(await ask({ helo_name, instance: 'a' }), `${text}; MTA helo: %{client}`)
  t.equal(await ask({ helo_name, instance: 'a', recipient: 'c@x' }), `${text} (multirecipient mail)`)
  const again = `${text} [cached] - retrying too fast. penalty: 30 seconds x 1 retries.`
  // The first of these loads what fills in.
  for (const instance of ['b', 'c', 'd']) {
    t.equal(await ask({ helo_name, instance }), again)
    t.equal(await ask({ helo_name, instance, recipient: 'c@x' }), `${again} (multirecipient mail)`)
  }
})

t.test('a reference stands where the text has it, once, and is that of the first decision', async t => {
  const message = '550 No (%{ref}), %{helo}'
  const judgement = {
    ...REFUSAL,
    action: message,
    appended: '',
    remember: { ...REFUSAL.remember, message: { kind: 'rejected', message } },
  } as const
  const { decide } = decider(judgement, { REJECTMSG: message, CACHEREJECTMSG: `${message} again` })
  const first = await decide({ helo_name: '%{ref}', instance: 'a' })
  t.match(first.reference, /^[0-9A-Z]{10}$/)
  t.equal(first.action, `550 No (${first.reference}), %{ref}`)
  const tail = ' - retrying too fast. penalty: 30 seconds x 1 retries.'
  for (const [attributes, want] of [
    [{ instance: 'a', recipient: 'c@x' }, `${first.action} (multirecipient mail)`],
    [{ instance: 'b' }, `${first.action} again${tail}`],
    [{ instance: 'b', recipient: 'c@x' }, `${first.action} again${tail} (multirecipient mail)`],
  ] as const) {
    const { action, reference } = await decide({ helo_name: '%{ref}', ...attributes })
    t.equal(action, want)
    t.equal(reference, first.reference)
  }
  const { decide: plain } = decider(REFUSAL, { REJECTMSG })
  const { action, reference } = await plain({ instance: 'a' })
  t.ok(action.endsWith(`; MTA helo: %{client}; ref ${reference}`), 'at the end of any other text')
})

t.test('whoever looks at the judgement afterwards sees the texts as they are configured', async t => {
  const { decide, config } = decider(REFUSAL, { REJECTMSG })
  const { evaluated, action } = await decide({ instance: 'a' })
  t.match(action, /^550 No, 192\.0\.2\.10/)
  t.equal(evaluated && fateOf(evaluated.judgement, config), 'rejected', 'so a refusal is one')
  t.equal(evaluated?.judgement.action, REFUSAL.action)
})

t.test('$EXPAND_TEXTS is what says so', async t => {
  const ask = setting(REFUSAL, { REJECTMSG, CACHEREJECTMSG: `${REJECTMSG} [cached]`, EXPAND_TEXTS: false })
  t.equal(await ask({ instance: 'a' }), `${REJECTMSG}; MTA helo: %{client}`)
  t.equal(await ask({ instance: 'a', recipient: 'c@x' }), `${REJECTMSG} (multirecipient mail)`)
  t.match(await ask({ instance: 'b' }), `${REJECTMSG} [cached] - retrying`)
})

t.test('a sender that leaves little room for the message has it cut for the other recipients', async t => {
  const message = `550 5.7.1 ${'w'.repeat(300)} %{client}`
  const judgement = judgementOf(message, '', { remember: { message: { kind: 'rejected', message } } })
  const ask = setting(judgement, { REJECTMSG: message })
  const sender = `${'s'.repeat(300)}@example.org`
  t.match(await ask({ sender, instance: 'a' }), /^550 5\.7\.1 w{300} 192\.0\.2\.10$/)
  t.match(await ask({ sender, instance: 'a', recipient: 'c@x' }), /^550 5\.7\.1 w{200,299} \(multirecipient mail\)$/)
})
