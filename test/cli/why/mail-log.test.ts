import { appendFileSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { findLog, LogUnreadable } from '../../../src/cli/why/log-lines.ts'
import { LoggedDecisions } from '../../../src/cli/why/mail-log.ts'
import type { DecisionRecord } from '../../../src/journal/decision-record.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const PARTIES =
  '<client=mail.example.org[192.0.2.10]> <helo=mail.example.org> <from=a@example.org> <to=bob@example.net>'
const WEIGHTED = `weighted check:  IN_SPAMCOP=3.75 NOT_IN_X=-1.5 Y=ERR(0.5) (check from: .a. - helo: .b.) Z=-1e-05; ${PARTIES}; rate: 2.75`
const DECIDED = `decided action=550 Mail appeared to be SPAM; ref 7QK2M01N4B; ${PARTIES}; delay: 1s`

function readAll(...lines: readonly string[]): DecisionRecord[] {
  const logged = new LoggedDecisions(NOW)
  return lines.flatMap(line => logged.read(line) ?? [])
}

t.test('a decision in every form of log', t => {
  const fronts: [label: string, front: string, wantTime: string | RegExp][] = [
    ['syslog', 'Nov 29 11:00:01 mx policyd-weight[7]: ', /^2026-11-(?:28|29|30)T/],
    ['of the year before', 'Dec  1 11:00:01 mx policyd-weight[7]: ', /^2025-1[12]-/],
    ['rsyslog', '2026-11-29T11:00:01.123456+01:00 mx postfix/policyd-weight[7]: ', '2026-11-29T10:00:01.123Z'],
    ['journalctl', '2026-11-29T11:00:01+0000 mx policyd-weight[7]: ', '2026-11-29T11:00:01.000Z'],
    ['$LOGFILE', '2026-11-29T11:00:01.005Z [7]: ', '2026-11-29T11:00:01.005Z'],
  ]
  for (const [label, front, wantTime] of fronts) {
    const [record, ...others] = readAll(front + WEIGHTED, front + DECIDED)
    t.same(others, [], label)
    t.match(
      record,
      {
        time: wantTime,
        id: '7QK2M01N4B',
        config: '',
        action: '550 Mail appeared to be SPAM; ref 7QK2M01N4B',
        request: {
          client_address: '192.0.2.10',
          client_name: 'mail.example.org',
          helo_name: 'mail.example.org',
          sender: 'a@example.org',
          recipient: 'bob@example.net',
        },
        rate: 2.75,
      },
      label,
    )
    t.same(
      record?.rules?.map(({ rule, score }) => `${rule} ${score}`),
      ['IN_SPAMCOP 3.75', 'NOT_IN_X -1.5', 'Y 0.5', 'Z -0.00001'],
      label,
    )
  }
  t.end()
})

t.test('lines that belong together, and others', t => {
  const at = (process: number, text: string): string => `2026-11-29T11:00:01.005Z [${process}]: ${text}`
  const reject =
    'NOQUEUE: reject: RCPT from mail.example.org[192.0.2.10]: 550 5.7.1 <bob@example.net>: Recipient address rejected: SPAM; ref 7QK2M01N4B; from=<a@example.org> to=<bob@example.net> proto=ESMTP helo=<mail.example.org>'
  t.equal(readAll(at(1, WEIGHTED), at(2, DECIDED))[0]?.rate, undefined, 'of another process')
  t.match(readAll(at(9, reject))[0], {
    id: '7QK2M01N4B',
    request: { sender: 'a@example.org', helo_name: 'mail.example.org' },
  })
  t.equal(readAll(at(1, DECIDED), at(9, reject)).length, 1, 'Postfix repeats a refusal')
  t.same(readAll(at(9, reject.replace('; ref 7QK2M01N4B', ''))), [], 'a refusal that is none of ours')
  const again = readAll(at(1, 'rejected again:  IN_X=3; <client=m[192.0.2.10]>; rate: 3'), at(1, DECIDED))
  t.match(again[0], { by: 'spam', rate: 3 }, 'out of memory')
  const debug = DECIDED.replace('; <client=', '; <instance=1.2> <client=')
  t.match(
    readAll(at(1, debug))[0],
    { action: /SPAM; ref 7QK2M01N4B$/, request: { client_address: '192.0.2.10' } },
    '$DEBUG',
  )
  for (const line of [
    '',
    'x',
    at(1, 'weighted check: '),
    at(1, 'decided action='),
    'Nov 29',
    '{',
    '{"v":1}',
    at(1, 'reject: RCPT from '),
  ])
    t.same(readAll(line), [], line)
  const helo = '> <from='.repeat(1000)
  t.equal(readAll(at(1, DECIDED.replace('<helo=mail.example.org', `<helo=${helo}`))).length, 1, 'a long hostile HELO')
  t.end()
})

t.test('a reference that a stranger has written is nobody’s', t => {
  const ours = (action: string): string =>
    `2026-11-29T11:00:01.005Z [7]: decided action=${action}; ${PARTIES}; delay: 1s`
  const postfix = (text: string, from = 'a@example.org', front = 'NOQUEUE: reject: RCPT from '): string =>
    `2026-11-29T11:00:01.005Z mx postfix/smtpd[9]: ${front}m[192.0.2.10]: 550 5.7.1 <bob@example.net>: ${text}; from=<${from}> to=<bob@example.net> proto=ESMTP helo=<h>`
  const forged = '; ref 0123456789'
  const cases: [label: string, line: string, want: string | undefined][] = [
    ['ours', ours('550 no; ref 7QK2M01N4B'), '7QK2M01N4B'],
    ['of a bare word', ours('REJECT ref 7QK2M01N4B'), '7QK2M01N4B'],
    ['of a dry run', ours('PREPEND X-policyd-weight: would 550 no; ref 7QK2M01N4B'), '7QK2M01N4B'],
    ['in front of ours', ours(`550 no, x${forged}.example; ref 7QK2M01N4B`), '7QK2M01N4B'],
    ['in an address that is not scored', ours(`DUNNO mail for postmaster@x${forged}`), ''],
    ['in reasons of an accepted mail', ours(`PREPEND X-policyd-weight: x${forged}`), ''],
    ['Postfix repeats ours', postfix('no; ref 7QK2M01N4B'), '7QK2M01N4B'],
    ['a sender', postfix('User unknown', `"${forged}; from=<x"@example.org`), undefined],
    ['a sender beside ours', postfix('no; ref 7QK2M01N4B', `"${forged}; from=<x"@example.org`), undefined],
    ['a HELO name', postfix('User unknown').replace('helo=<h', `helo=<h${forged}`), undefined],
    [
      'a recipient',
      postfix('User unknown').replace('<bob@example.net>', `<"${forged}; from=<x"@example.net>`),
      undefined,
    ],
    ['a command', postfix('no; ref 7QK2M01N4B', 'a@b', 'warning: x: reject: RCPT from '), undefined],
  ]
  for (const [label, line, want] of cases) t.equal(readAll(line)[0]?.id, want, label)
  t.end()
})

t.test('of a log that is too long the end is read', async t => {
  const file = join(t.testdir({ log: 'first\n' }), 'log')
  // Sparse: it takes no room.
  truncateSync(file, 1024 * 1024 * 1024)
  appendFileSync(file, '\nlast\n')
  const config = { LOGFILE: '', syslog_ident: '' }
  const { open } = await findLog({ config, file, sinceMs: NOW })
  const lines: string[] = []
  for await (const line of open()) lines.push(line.replaceAll('\0', ''))
  t.same(lines, ['', 'last'])
})

t.test('nobody names another client in his addresses', t => {
  const other = '; <client=victim.example[203.0.113.9]> <helo=v> <from=v@example.com> <to=v@example.net>'
  const at = '2026-11-29T11:00:01.005Z [7]: '
  for (const part of ['a@example.org', 'bob@example.net']) {
    const hostile = (line: string): string => at + line.replace(`${part}>`, `"${other}"@x>`)
    const [record] = readAll(hostile(WEIGHTED), hostile(DECIDED))
    t.match(record, { rate: 2.75, request: { client_address: '192.0.2.10', client_name: 'mail.example.org' } }, part)
    t.equal(record?.action, '550 Mail appeared to be SPAM; ref 7QK2M01N4B', part)
  }
  t.end()
})

t.test('what is no regular file, and so cannot be read twice, is said to be none', async t => {
  const folder = t.testdir({ folder: {} })
  const config = { LOGFILE: join(folder, 'folder'), syslog_ident: 'policyd-weight' }
  const found = (file?: string): Promise<unknown> =>
    findLog({ config, file, sinceMs: NOW, usualFiles: [], searchPath: join(folder, 'folder') })
  await t.rejects(found(join(folder, 'folder')), { message: /is no regular file$/ })
  await t.rejects(found('/dev/null'), { message: /is no regular file$/ })
  t.match(await found(), { where: /nothing is there/ }, 'such a $LOGFILE')
})

t.test('where a log is', async t => {
  const folder = t.testdir({ named: `${DECIDED}\n`, bin: {} })
  const lines = async (places: Partial<Parameters<typeof findLog>[0]>): Promise<{ where: string; lines: string[] }> => {
    const config = { LOGFILE: '', syslog_ident: 'policyd-weight' }
    const searchPath = join(folder, 'bin')
    const found = await findLog({ config, file: undefined, sinceMs: NOW, searchPath, usualFiles: [], ...places })
    const read: string[] = []
    for await (const line of found.open()) read.push(line)
    return { where: found.where, lines: read }
  }
  t.same(await lines({ file: join(folder, 'named') }), { where: join(folder, 'named'), lines: [DECIDED] })
  await t.rejects(lines({ file: join(folder, 'none') }), LogUnreadable)
  t.match(await lines({ usualFiles: [join(folder, 'none')] }), { where: /nothing is there/, lines: [] })

  mkdirSync(join(folder, 'log'))
  const at = (name: string, text: string | Buffer, days: number): void => {
    writeFileSync(join(folder, 'log', name), text)
    utimesSync(join(folder, 'log', name), NOW / 1000, NOW / 1000 + days * 86_400)
  }
  at('mail.log', 'now\n', 0.5)
  at('mail.log.1', 'before\n', 0.2)
  at('mail.log.2.gz', gzipSync('packed\n'), 0.1)
  at('mail.log.3.gz', gzipSync('too old\n'), -3)
  at('mail.log.4.gz', gzipSync('x'.repeat(5000)).subarray(0, 20), 0.05)
  at('mail.logs', 'another\n', 0.5)
  const usualFiles = [join(folder, 'log', 'mail.log')]
  t.same((await lines({ usualFiles })).lines, ['packed', 'before', 'now'], 'rotated ones as well, one of them cut off')

  writeFileSync(join(folder, 'bin', 'journalctl'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 })
  const journal = await lines({ usualFiles, searchPath: `${join(folder, 'bin')}:/bin:/usr/bin` })
  t.equal(journal.where, 'journalctl')
  t.match(journal.lines[0], /^--no-pager --quiet --output=short-iso --since=@\d+ .*--identifier=policyd-weight /)
  const own = await lines({ config: { LOGFILE: join(folder, 'named'), syslog_ident: '' } })
  t.same(own.lines, [DECIDED], '$LOGFILE comes first')
})
