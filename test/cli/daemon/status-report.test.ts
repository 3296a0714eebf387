import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Counter, COUNTERS } from '../../../src/cache/format.ts'
import {
  type DaemonStatus,
  type Probe,
  renderStatusJson,
  renderStatusPage,
} from '../../../src/cli/daemon/status-report.ts'
import type { WorkerReport } from '../../../src/daemon/worker-report.ts'

const CALM: WorkerReport = { atMs: 100_000, replaced: 0, last: undefined, silent: [] }
const NOW_MS = 100_500
const last = { epochMs: 1_700_000_000_000, pid: 4713, why: 'no reaction for 8 s' }
const ANSWERING: Probe = {
  address: '127.0.0.1 port 12525',
  isAnswer: true,
  version: '1.2.3',
  milliseconds: 1.23,
  text: 'answers, 1.2 ms',
}
const RUNNING: DaemonStatus = {
  pidFile: '/run/x.pid',
  daemon: { pid: 4711, ageSeconds: 266_400.5, workers: 4 },
  probes: [ANSWERING],
  report: CALM,
  counters: undefined,
  nameServers: { silent: [], isOutage: false },
  quarantined: [],
}
const JSON_OF_RUNNING = {
  running: true,
  pidFile: '/run/x.pid',
  pid: 4711,
  seconds: 266_400,
  workers: 4,
  addresses: [
    { address: '127.0.0.1 port 12525', answers: true, version: '1.2.3', milliseconds: 1.2, text: 'answers, 1.2 ms' },
  ],
  workersReplaced: 0,
  lastReplaced: null,
  silentWorkers: [],
  silentSeconds: 0,
  counters: null,
  silentNameServers: [],
  outage: false,
  quarantinedLists: [],
}
const HEAD = ['running, process 4711, for 3 d 2 h, 4 workers', '127.0.0.1 port 12525: answers, 1.2 ms']

t.test('the page and the JSON say the same', async t => {
  const counters = new Map<Counter, number>([
    ['requests', 9],
    ['evaluations', 4],
    ['rejected', 1],
    ['accepted', 3],
    ['messageHits', 5],
    ['busy', 0],
  ])
  const cases: { label: string; status: DaemonStatus; nowMs?: number; want: string[]; wantJson: object }[] = [
    { label: 'all is well', status: RUNNING, want: [...HEAD, 'workers replaced: 0'], wantJson: JSON_OF_RUNNING },
    {
      label: 'who may not look is told less',
      status: { ...RUNNING, report: undefined },
      want: HEAD,
      wantJson: { ...JSON_OF_RUNNING, workersReplaced: null, silentWorkers: null, silentSeconds: null },
    },
    {
      label: 'one was replaced',
      status: { ...RUNNING, report: { ...CALM, replaced: 3, last } },
      want: [
        ...HEAD,
        'workers replaced: 3, the last one at 2023-11-14T22:13:20.000Z: process 4713, no reaction for 8 s',
      ],
      wantJson: {
        ...JSON_OF_RUNNING,
        workersReplaced: 3,
        lastReplaced: { atSeconds: 1_700_000_000, pid: 4713, why: 'no reaction for 8 s' },
      },
    },
    {
      label: 'one could not be started',
      status: { ...RUNNING, report: { ...CALM, replaced: 1, last: { ...last, pid: 0, why: 'spawn EAGAIN' } } },
      want: [...HEAD, 'workers replaced: 1, the last one at 2023-11-14T22:13:20.000Z: spawn EAGAIN'],
      wantJson: {
        ...JSON_OF_RUNNING,
        workersReplaced: 1,
        lastReplaced: { atSeconds: 1_700_000_000, pid: null, why: 'spawn EAGAIN' },
      },
    },
    {
      label: 'one does not react',
      status: { ...RUNNING, report: { ...CALM, silent: [{ pid: 4714, seconds: 5 }] } },
      want: [...HEAD, 'workers replaced: 0', 'worker 4714 has not reacted for 5 s'],
      wantJson: { ...JSON_OF_RUNNING, silentWorkers: [{ pid: 4714, seconds: 5 }] },
    },
    {
      label: 'a name server does not answer',
      status: { ...RUNNING, nameServers: { silent: [{ server: '192.0.2.1:53', seconds: 74 }], isOutage: false } },
      want: [...HEAD, 'workers replaced: 0', 'name server 192.0.2.1:53 has not answered for 74 s: it is asked last'],
      wantJson: { ...JSON_OF_RUNNING, silentNameServers: [{ server: '192.0.2.1:53', seconds: 74 }] },
    },
    {
      label: 'none does',
      status: { ...RUNNING, nameServers: { silent: [{ server: '192.0.2.1:53', seconds: 2 }], isOutage: true } },
      want: [
        ...HEAD,
        'workers replaced: 0',
        'name server 192.0.2.1:53 has not answered for 2 s: no mail is scored ($DNS_OUTAGE)',
      ],
      wantJson: { ...JSON_OF_RUNNING, silentNameServers: [{ server: '192.0.2.1:53', seconds: 2 }], outage: true },
    },
    {
      label: 'a list in quarantine',
      status: {
        ...RUNNING,
        quarantined: [{ list: 'bl.example.org', sinceSeconds: 1_700_000_000, why: '127.83.12.9 is listed' }],
      },
      want: [
        ...HEAD,
        'workers replaced: 0',
        'list bl.example.org is in quarantine since 2023-11-14T22:13:20.000Z: 127.83.12.9 is listed',
      ],
      wantJson: {
        ...JSON_OF_RUNNING,
        quarantinedLists: [{ list: 'bl.example.org', sinceSeconds: 1_700_000_000, why: '127.83.12.9 is listed' }],
      },
    },
    {
      label: 'a busy supervisor',
      status: RUNNING,
      nowMs: 104_000,
      want: [...HEAD, 'workers replaced: 0'],
      wantJson: JSON_OF_RUNNING,
    },
    {
      label: 'a supervisor that hangs',
      status: RUNNING,
      nowMs: 112_500,
      want: [...HEAD, 'workers replaced: 0', 'process 4711 itself has not reacted for 12 s'],
      wantJson: { ...JSON_OF_RUNNING, silentSeconds: 12 },
    },
    {
      label: 'a report of the future',
      status: RUNNING,
      nowMs: 0,
      want: [...HEAD, 'workers replaced: 0'],
      wantJson: JSON_OF_RUNNING,
    },
    {
      label: 'what was answered',
      status: { ...RUNNING, counters },
      want: [
        ...HEAD,
        'workers replaced: 0',
        'answers, with those of spawned processes: accepted 3, rejected 1, message hits 5',
      ],
      wantJson: {
        ...JSON_OF_RUNNING,
        counters: { requests: 9, evaluations: 4, rejected: 1, accepted: 3, messageHits: 5, busy: 0 },
      },
    },
    {
      label: 'not running, and somebody else has the address; nothing was answered',
      status: {
        pidFile: '/run/x\x1b.pid',
        daemon: undefined,
        probes: [
          {
            address: '/run/x.sock',
            isAnswer: false,
            version: undefined,
            milliseconds: 2,
            text: 'something else: "\xe4"',
          },
          {
            address: '/run/y.sock',
            isAnswer: false,
            version: undefined,
            milliseconds: undefined,
            text: 'no answer: ENOENT',
          },
        ],
        report: undefined,
        counters: new Map(),
        nameServers: undefined,
        quarantined: undefined,
      },
      want: [
        'not running (/run/x?.pid)',
        '/run/x.sock: something else: "?"',
        '/run/y.sock: no answer: ENOENT',
        'answers, with those of spawned processes: none',
      ],
      wantJson: {
        running: false,
        pidFile: '/run/x?.pid',
        pid: null,
        seconds: null,
        workers: null,
        addresses: [
          { address: '/run/x.sock', answers: false, version: null, milliseconds: 2, text: 'something else: "?"' },
          { address: '/run/y.sock', answers: false, version: null, milliseconds: null, text: 'no answer: ENOENT' },
        ],
        workersReplaced: null,
        lastReplaced: null,
        silentWorkers: null,
        silentSeconds: null,
        counters: {},
        silentNameServers: null,
        outage: null,
        quarantinedLists: null,
      },
    },
  ]
  for (const { label, status, nowMs = NOW_MS, want, wantJson } of cases) {
    t.strictSame(renderStatusPage(status, nowMs), want.map(line => `${line}\n`).join(''), label)
    const json = renderStatusJson(status, nowMs)
    t.strictSame(JSON.parse(json), wantJson, `${label}: JSON`)
    t.equal(json.indexOf('\n'), json.length - 1, 'one line')
  }
})

t.test('the manual shows it as it is', t => {
  const shown = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'daemon.md'), 'utf8')
  const replaced = { epochMs: Date.parse('2025-05-01T12:00:03.120Z'), pid: 4713, why: 'no reaction for 8 s' }
  const counters: [Counter, number][] = [
    ['accepted', 1204],
    ['rejected', 518],
    ['deferred', 33],
    ['messageHits', 97],
    ['nullSenders', 12],
  ]
  const page = renderStatusPage(
    {
      ...RUNNING,
      report: { ...CALM, replaced: 1, last: replaced, silent: [{ pid: 4715, seconds: 4 }] },
      counters: new Map(counters),
      nameServers: { silent: [{ server: '192.0.2.2:53', seconds: 74 }], isOutage: false },
      quarantined: [
        {
          list: 'bl.example.org',
          sinceSeconds: Date.parse('2025-05-01T12:00:03Z') / 1000,
          why: '127.83.12.9 is listed',
        },
      ],
    },
    NOW_MS,
  )
  t.ok(shown.includes(`\`\`\`\n${page}\`\`\`\n`), page)
  const names = Object.keys(JSON.parse(renderStatusJson(RUNNING, NOW_MS)))
  for (const name of [...names, ...COUNTERS]) t.match(shown, `\`${name}\``, `${name} is explained`)
  t.end()
})

t.test('for how long it has been running', t => {
  const cases = [
    { seconds: 0, want: '0 min 0 s' },
    { seconds: 72.9, want: '1 min 12 s' },
    { seconds: 7260, want: '2 h 1 min' },
    { seconds: 90_000, want: '1 d 1 h' },
  ]
  for (const { seconds, want } of cases)
    t.match(
      renderStatusPage({ ...RUNNING, daemon: { pid: 1, ageSeconds: seconds, workers: 1 } }, NOW_MS),
      `for ${want}, `,
      want,
    )
  t.end()
})
