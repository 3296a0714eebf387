/**
 * Every command that the manual shows is run, and prints what the manual shows; those that cannot be are named, with the reason.
 * Whoever writes another one into a page adds it here.
 */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { DAEMON_USER, socketFolder } from '../../testkit/daemon-process.ts'
import { startDnsServer } from '../../testkit/dns-server.ts'
import { EXECUTABLE } from '../../testkit/executable.ts'
import { commandsOf } from '../support/page-commands.ts'
import { configurationText } from '../../testkit/policy-process.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const PAGES = ['README.md', 'SECURITY.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)].filter(
  path => path.endsWith('.md'),
)

/** Programs whose name begins a command. */
const PROGRAMS = new Set(
  [
    'policyd-weight npm node cat printf mkdir install adduser apt man kill ln ss chmod mv sudo docker swaks strace',
    'systemctl systemd-analyze journalctl postconf postfix ausearch semodule aa-status',
  ]
    .join(' ')
    .split(' '),
)

/** Blocks that hold no commands, by their first line. */
const TEXTS: Readonly<Record<string, string>> = {
  'd /run/policyd-weight 0700 polw polw -': 'tmpfiles.d(5)',
  'policy    unix  -       n       n       -       0       spawn': 'master.cf',
  'smtpd_recipient_restrictions =': 'main.cf',
  'smtpd_recipient_restrictions = …, check_policy_service inet:127.0.0.1:12525': 'main.cf',
  'check_policy_service { inet:192.0.2.25:12525, default_action=DUNNO }': 'main.cf',
  'check_policy_service inet:polw.example.net:12525': 'main.cf',
  "$PROFILE = 'modern';": 'our configuration',
  '{"v":1,"time":"2026-11-29T08:30:00.005Z","id":"7QK2M0XN4B","config":"6c6b5c31",': 'a record of the journal',
  '/var/log/policyd-weight: warning: there is no such directory: decisions are not written down. As root: install -d -o polw -g polw -m 0750 /var/log/policyd-weight':
    'what check prints; test/cli/advice/journal-advice.test.ts',
  "grep 'decided action=.*would ' /var/log/mail.log": 'reads a log of weeks',
  '# The backup MX of our provider.': 'exceptions',
  '192.0.2.0/24    permit': 'a map of Postfix',
  '[Service]': 'a unit',
  '[Socket]': 'a unit',
  '$BIND_ADDRESS = \'192.0.2.25\';     # an address of this host that only your own hosts reach; "all" for every address':
    'our configuration',
  "$SOCKET = '/var/spool/postfix/private/polw';     # check_policy_service unix:private/polw": 'our configuration',
  'host_lookup = *': 'Exim',
  'acl_check_mail:': 'Exim',
  'warn    set acl_m_polw = ${readsocket{inet:127.0.0.1:12525}{\\': 'Exim',
  'descriptor 0 → policy/request → decide ── short cut ─────────────────────────────→ policy/reply → descriptor 1':
    'a drawing',
  'cli/start → supervisor: bind, pid file, $USER → workers ┬ connection ⇄ session → generation → decide …': 'a drawing',
}

/** Its commands are run, and what stands behind them is compared, in wrongly-rejected.test.ts. */
const COMPARED_ELSEWHERE = 'docs/wrongly-rejected.md'

/** What cannot be run here. */
const NOT_RUN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^(?:apt|adduser|systemctl|systemd-analyze|ln|ausearch) /, 'changes or asks the system, as root; test/package does'],
  [/^(?:mkdir -p|printf '\[Service\]\\n.*) /, 'changes the system, as root; test/systemd does'],
  [/^install -/, 'as root'],
  [/^(?:postconf|postfix) /, 'needs Postfix; npm run test:postfix'],
  [/^man /, 'needs the package'],
  [/^journalctl /, 'needs systemd; npm run test:systemd reads it'],
  [/^kill PID$/, 'the process is made up'],
  [/^node empty\.js$/, 'bare Node, for comparison'],
  [/^\/usr\/sbin\/policyd-weight -d < request$/, 'the original'],
  [/^policyd-weight lists --(?:test$|release )/, 'asks real lists; test/cli/lists-commands.test.ts'],
  [
    /^policyd-weight (?:why|forgive|explain|exempt(?: --remove)? 203\.0\.113\.9)\b/,
    'wants a refused mail; test/scripts/wrongly-rejected.test.ts',
  ],
  [/^policyd-weight prepare$/, 'as root; test/boot/prepared.test.ts'],
  [/^npm run demo$/, 'by CI, in a fresh clone'],
  [/^npm (?:ci|cit|install)\b/, 'takes packages from a registry'],
  [/^npm run (?:bench|bench:spawn|bench:profiles|bench:postfix|bench:quote)$/, 'a benchmark'],
  [/^npm run quality\b/, 'test/scripts/quality.test.ts runs them, CI --check'],
  [/^npm run (?:test:postfix|test:package|test:systemd)$/, 'as root, with packages of Debian'],
  [
    /^npm run (?:package|test:kept|test:journal|fuzz|fuzz -- --seconds 60|conformance|check:imports|check:references|check:budgets|docs)$/,
    'by CI, on its own',
  ],
]

/** How a command is tried. */
interface Try {
  readonly command: string
  /** What is run in its place. */
  readonly run?: string
  /** What it ends with; 0. */
  readonly status?: readonly number[]
  /** What it prints. */
  readonly want: readonly (RegExp | string)[]
}

const [LOG_LINE = ''] = /^weighted check: {2}NOT_IN.*$/m.exec(read('README.md')) ?? []
const [STATUS_LINE = ''] = /^running, process .*$/m.exec(read('docs/daemon.md')) ?? []
const [ANSWERS_LINE = ''] = /^127\.0\.0\.1 port 12525: answers, .*$/m.exec(read('docs/daemon.md')) ?? []
const [COUNTED_LINE = ''] = /^answers, with .*: /m.exec(read('docs/daemon.md')) ?? []
const VERDICT_LINE = '5.1 >= $REJECTLEVEL (1): refused'
const EXPLAINED = [`log       ${LOG_LINE}`, VERDICT_LINE, /\naction=550 .*\n\n$/]

/** In this order: one finds what another has made. */
const TRIES: readonly Try[] = [
  { command: 'policyd-weight -v', want: [/^policyd-weight \d+\.\d+\.\d+, Node v\d+\.\d+\.\d+\n$/] },
  { command: 'policyd-weight --licenses', want: ['yargs'] },
  { command: 'policyd-weight defaults', want: [/^\$PROFILE = 'modern';/m, /^#\$REJECTLEVEL = 1;/m] },
  {
    command: 'policyd-weight defaults > /etc/policyd-weight.conf',
    run: 'policyd-weight defaults > policyd-weight.conf && cat policyd-weight.conf && policyd-weight -f ./policyd-weight.conf check',
    want: [/^\$PROFILE = 'modern';/m, /policyd-weight\.conf: no errors, /],
  },
  { command: 'policyd-weight unit', want: [/^\[Unit\]$/m, /^ExecStart=/m] },
  {
    command: 'policyd-weight unit > /etc/systemd/system/policyd-weight.service',
    run: 'policyd-weight unit > policyd-weight.service && cat policyd-weight.service',
    want: [/^\[Service\]$/m],
  },
  { command: 'policyd-weight check', want: [/\/conf: no errors, no warnings\n$/] },
  { command: 'policyd-weight config --changed', want: [/^\$TCP_PORT = 0;/m] },
  {
    command: /printf '%s\\n' request=[\s\S]*?policyd-weight -d/.exec(read('README.md'))?.[0] ?? '',
    want: EXPLAINED,
  },
  { command: 'policyd-weight -d -k', want: [/cache\.debug: emptied \(forgotten: 1 rejected, /] },
  { command: /cat > request <<END\n[\s\S]*?\nEND/.exec(read('docs/migrate.md'))?.[0] ?? '', want: [/^$/] },
  { command: 'node ./policyd-weight -d < request', want: EXPLAINED },
  {
    command: 'cat /etc/policyd-weight.conf > modern.conf',
    run: "printf '$REJECTLEVEL = 2;\\n@helo_from_mx_eq_ip_score = (1.5, -3.1);\\n1;' > modern.conf",
    want: [/^$/],
  },
  { command: `printf '\\n$PROFILE = "modern";\\n' >> modern.conf`, want: [/^$/] },
  {
    command: 'policyd-weight -f modern.conf check',
    want: [/@helo_from_mx_eq_ip_score repeats what it is in the profile classic/, /\nprofile modern: line 4 says so\n/],
  },
  {
    command: 'policyd-weight -f modern.conf config --changed',
    want: [/^\$REJECTLEVEL = 2;/m, /^@helo_from_mx_eq_ip_score = /m],
  },
  { command: 'policyd-weight start', want: [/^policyd-weight: started, process \d+, listening on /] },
  {
    command: 'policyd-weight status',
    run: 'policyd-weight < request && policyd-weight status',
    want: [masked(STATUS_LINE), masked(ANSWERS_LINE).replace(/^.*?: /, ''), 'workers replaced: ', COUNTED_LINE],
  },
  {
    command: 'policyd-weight status --json',
    want: [
      /^\{"running":true,.*"counters":\{.*\},"silentNameServers":\[\],"outage":false,"quarantinedLists":\[\]\}\n$/,
    ],
  },
  { command: 'policyd-weight reload', want: [/reads its configuration again/] },
  { command: 'policyd-weight restart', want: [/started, process \d+/] },
  { command: 'policyd-weight stop', want: [/stopped, process \d+/] },
  { command: 'policyd-weight -s', want: [/\nSPAM: rejected clients \(1\)\n/, /\nCounters/] },
  { command: 'policyd-weight -k', want: [/policyd-weight\.cache: emptied \(/] },
  {
    command: "policyd-weight exempt 192.0.2.7 --until 30d --note 'ticket 4711'",
    want: [/: 192\.0\.2\.7 ACCEPT until=\d{4}-\d\d-\d\d # ticket 4711\n {2}for the client 192\.0\.2\.7:\n/],
  },
  {
    command: 'policyd-weight exempt 192.0.2.7 --until 60d',
    want: [
      /: 192\.0\.2\.7 ACCEPT until=\S+ # ticket 4711\n {2}changed: until from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d\n/,
    ],
  },
  {
    command: 'policyd-weight exempt 192.0.2.7 --until 30d',
    want: [/: 192\.0\.2\.7 ACCEPT until=\S+ # ticket 4711\n {2}changed: until from /],
  },
  { command: 'policyd-weight exempt', want: [/^WHO +ACTION +UNTIL +USES +LAST USE +NOTE\n192\.0\.2\.7 +ACCEPT /] },
  { command: 'policyd-weight exempt --json', want: [/^\{"file":.*"who":"192\.0\.2\.7".*\}\n$/] },
  {
    command: 'policyd-weight exempt sender:.partner.example --until 30d',
    want: [
      /\n {2}for mail from addresses in partner\.example and all below, where SPF or DNS shows it to be theirs:\n/,
    ],
  },
  {
    command: "policyd-weight exempt 'sender!:.partner.example' --until 30d",
    want: [/\n {2}for mail from addresses in partner\.example and all below, whoever sends it:\n/],
  },
  {
    command: 'policyd-weight exempt .partner.example',
    want: [/\n {2}for clients whose confirmed name is partner\.example or ends in \.partner\.example:\n/],
  },
  {
    command: 'policyd-weight exempt recipient:sales@example.net',
    want: [/\n {2}for mail to sales@example\.net:\n {2}scored, and neither refused nor deferred\n/],
  },
  {
    command: 'policyd-weight exempt recipient:.test.example.net DRY',
    want: [/\n {2}for mail to addresses in test\.example\.net and all below:\n {2}scored, and not refused; the header/],
  },
  { command: 'policyd-weight exempt --remove 192.0.2.7', want: [/: removed "192\.0\.2\.7 ACCEPT /] },
  { command: 'policyd-weight lists', want: [/^LIST +KIND +STATE +/, /\n\d+ lists?; \d+ warnings?; /] },
  { command: 'policyd-weight lists --json', want: [/^\{"status":0,.*"lists":\[.*\}\n$/] },
  { command: 'policyd-weight doctor', status: [0, 1, 2], want: [/\n\d+ ok, \d+ notes?, /] },
  { command: 'policyd-weight doctor --json', status: [0, 1, 2], want: [/^\{"status":\d,"counts":\{.*\}\n$/] },
  {
    command: 'policyd-weight doctor --postfix /etc/postfix-2',
    status: [0, 1, 2],
    want: [/\n\d+ ok, \d+ notes?, /],
  },
]

/** Numbers are those of another day. */
function masked(printed: string): string {
  return printed.replace(/\d+ (?:d \d+ h|h \d+ min|min \d+ s)/g, 'TIME').replace(/\d+(?:\.\d+)?/g, 'N')
}

t.test('each command of the manual is tried, or there is a reason', async t => {
  const shown = PAGES.map(path => ({ path, ...commandsOf(read(path), word => PROGRAMS.has(word)) }))
  const commands = new Set(shown.flatMap(({ commands }) => commands))
  const texts = new Set(shown.flatMap(({ texts }) => texts))
  const tried = new Set(TRIES.map(({ command }) => command))
  for (const { path, commands, texts } of shown) {
    const known = (command: string): boolean => tried.has(command) || NOT_RUN.some(([pattern]) => pattern.test(command))
    t.strictSame(
      commands.filter(command => !known(command)),
      [],
      `${path}: commands that are neither tried nor named with a reason`,
    )
    t.strictSame(
      texts.filter(
        line => TEXTS[line] === undefined && line !== LOG_LINE && line !== STATUS_LINE && path !== COMPARED_ELSEWHERE,
      ),
      [],
      `${path}: blocks that are neither commands nor known for something else`,
    )
  }
  t.strictSame(
    [...tried].filter(command => !commands.has(command)),
    [],
    'what is tried is shown',
  )
  t.strictSame(
    Object.keys(TEXTS).filter(line => !texts.has(line)),
    [],
  )
  for (const [pattern, reason] of NOT_RUN)
    t.ok(
      [...commands].some(command => pattern.test(command)),
      reason,
    )
})

t.test('what is shown is what happens', async t => {
  const dns = await startDnsServer({ 'forged.example': { MX: [[10, 'mx.forged.example']] } })
  t.teardown(() => dns.close())
  const folder = socketFolder(t)
  const [bin, configuration] = [join(folder, 'bin'), join(folder, 'conf')]
  mkdirSync(bin)
  copyFileSync(EXECUTABLE, join(folder, 'policyd-weight'))
  writeFileSync(
    configuration,
    configurationText({
      NS: `127.0.0.1:${dns.port}`,
      LOCKPATH: `${folder}/cache/`,
      EXCEPTIONS: join(folder, 'exceptions'),
      LOGFILE: join(folder, 'log'),
      PIDFILE: join(folder, 'pid'),
      TCP_PORT: 0,
      SOCKET: join(folder, 'socket'),
      USER: DAEMON_USER.name,
      MAX_PROC: 1,
    }),
  )
  // The manual's own configuration file would be the system's, and ask the system's name servers.
  const wrap = (name: string, command: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${command}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  wrap('policyd-weight', `exec ${process.execPath} ${folder}/policyd-weight -f ${configuration} "$@"`)
  wrap('node', `program=$1; shift; exec ${process.execPath} "$program" -f ${configuration} "$@"`)
  const { uid, gid } = { uid: -1, gid: -1, ...DAEMON_USER.options }
  if (uid >= 0) for (const path of [folder, configuration, bin]) chownSync(path, uid, gid)
  const run = async (command: string) => {
    const child = spawn('/usr/bin/env', ['-i', `PATH=${bin}:/usr/bin:/bin`, 'bash', '-c', command], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...DAEMON_USER.options,
    })
    const status = new Promise<number | null>(resolve => child.once('close', resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { status: await status, stdout, stderr }
  }
  t.teardown(() => run('policyd-weight stop'))
  for (const { command, run: instead = command, status = [0], want } of TRIES) {
    const ended = await run(instead)
    t.ok(status.includes(ended.status ?? -1), `${command}: ends with ${ended.status}: ${ended.stderr}`)
    for (const expected of want) {
      if (typeof expected !== 'string') t.match(ended.stdout, expected, command)
      else
        t.ok(
          expected !== '' && (ended.stdout.includes(expected) || masked(ended.stdout).includes(expected)),
          `${command}: prints "${expected}": ${ended.stdout}`,
        )
    }
  }
})

t.test('commands are found in a page', t => {
  const page = [
    'Text with `npm ci`, `npm` and `x y`, and `npm\nrun x`.',
    '',
    '   ```',
    '   npm a \\',
    '       b      # with a comment',
    '   npm start  # also: stop, status',
    '   npm <<END',
    '   c',
    '   END',
    '   ```',
    '```sh',
    'x = 1',
    '```',
  ].join('\n')
  t.strictSame(
    commandsOf(page, word => word === 'npm'),
    {
      commands: ['npm a \\\n    b', 'npm start', 'npm stop', 'npm status', 'npm <<END\nc\nEND', 'npm ci', 'npm run x'],
      texts: ['x = 1'],
    },
  )
  t.end()
})
