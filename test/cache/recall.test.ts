import t from 'tap'
import { rememberHam } from '../../src/cache/ham.ts'
import { noteListAnswers } from '../../src/cache/list-health.ts'
import { recallMessage, rememberMessage } from '../../src/cache/mails.ts'
import { type Recalled, recall } from '../../src/cache/recall.ts'
import { rememberSpam } from '../../src/cache/spam.ts'
import type { Tables } from '../../src/cache/tables.ts'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { LISTS, requestOf } from '../support/scoring.ts'
import { newTables } from '../support/tables.ts'

const CONFIG = builtinConfig({ ...LISTS, BL_ERROR_SKIP: 0, CACHEREJECTMSG: '550 again', NTIME: 30, NTTL: 1 })
const NOW = 1_760_000_000
const REQUEST = requestOf()
const SPAM_MESSAGE = '550 again - retrying too fast. penalty: 30 seconds x 1 retries.'

const withMessage = ({ messages }: Tables): void => rememberMessage(messages, REQUEST, { kind: 'accepted' }, NOW)
const withSpam = ({ spam }: Tables): void => rememberSpam(spam, REQUEST, 'client', 7.5, CONFIG, NOW)
const withSoftHam = ({ ham }: Tables): void => rememberHam(ham, REQUEST, -6.1, CONFIG, NOW)
const withHardHam = ({ ham }: Tables): void => {
  const hardSinceSeconds = NOW - 10
  ham.set('192.0.2.10-example.org', { score: -6.1, queriesLeft: 1, seenSeconds: 0, sinceSeconds: 0, hardSinceSeconds })
}
const withBrokenList = ({ lists }: Tables): void => {
  noteListAnswers(lists, new Map([['two.example', { kind: 'timeout' }]]), CONFIG, NOW)
}

t.test('what is known, in its order', t => {
  const cases: {
    label: string
    known: ((tables: Tables) => void)[]
    want: Recalled
    wantCounted: string[]
    wantMemo: 'accepted' | 'rejected' | undefined
  }[] = [
    {
      label: 'nothing',
      known: [],
      want: { kind: 'open', skippedLists: new Set() },
      wantCounted: ['evaluations'],
      wantMemo: undefined,
    },
    {
      label: 'the mail comes before everything',
      known: [withMessage, withSpam, withHardHam, withBrokenList],
      want: { kind: 'message', memo: { kind: 'accepted' } },
      wantCounted: ['messageHits'],
      wantMemo: 'accepted',
    },
    {
      label: 'SPAM comes before HAM, and answers the other recipients',
      known: [withSpam, withHardHam, withBrokenList],
      want: { kind: 'spam', message: SPAM_MESSAGE, score: 7.5, reasons: undefined },
      wantCounted: ['spamHits'],
      wantMemo: 'rejected',
    },
    {
      label: 'a hard HAM answers, the other recipients too',
      known: [withHardHam, withBrokenList],
      want: { kind: 'ham', score: -6.1 },
      wantCounted: ['hardHamHits'],
      wantMemo: 'accepted',
    },
    {
      label: 'a soft HAM is handed over, with the lists to skip',
      known: [withSoftHam, withBrokenList],
      want: { kind: 'open', cachedHamScore: -6.1, skippedLists: new Set(['two.example']) },
      wantCounted: ['hamHits', 'evaluations'],
      wantMemo: undefined,
    },
  ]
  for (const { label, known, want, wantCounted, wantMemo } of cases) {
    const tables = newTables()
    for (const make of known) make(tables)
    const recalled = recall(tables, REQUEST, CONFIG, 1000 * NOW)
    t.match(recalled, want, label)
    if (recalled.kind === 'open' && want.kind === 'open') {
      t.strictSame([...recalled.skippedLists], [...want.skippedLists], `${label}: lists`)
      t.equal(recalled.cachedHamScore, want.cachedHamScore, `${label}: score`)
    }
    const counted = [...tables.counters.read()].filter(([, count]) => count > 0).map(([name]) => name)
    t.strictSame(counted, ['requests', ...wantCounted], `${label}: counters`)
    t.equal(recallMessage(tables.messages, REQUEST, NOW)?.kind, wantMemo, `${label}: other recipients`)
  }
  t.end()
})

t.test('what answers by itself uses no skip of a list up', t => {
  const tables = newTables()
  withHardHam(tables)
  withBrokenList(tables)
  const before = [...tables.lists.entries()]
  recall(tables, REQUEST, CONFIG, 1000 * (NOW + 1))
  t.strictSame([...tables.lists.entries()], before)
  t.end()
})
