import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type NameServer, parseNameServerList, parseNameServers, readNameServers } from '../../src/dns/resolv-conf.ts'
import { bundleProgram } from '../../testkit/node-program.ts'

const LOOPBACK6 = '0000:0000:0000:0000:0000:0000:0000:0001'
const v4 = (address: string, port = 53): NameServer => ({ address, port, family: 4 })
const v6 = (address: string, port = 53): NameServer => ({ address, port, family: 6 })
const local = [v4('127.0.0.1')]

t.test('resolv.conf', t => {
  const cases: [label: string, text: string, wantServers: NameServer[]][] = [
    ['nothing', '', local],
    ['one', 'nameserver 192.0.2.1\n', [v4('192.0.2.1')]],
    ['no line end', 'nameserver 192.0.2.1', [v4('192.0.2.1')]],
    ['in order', 'nameserver 192.0.2.2\nnameserver 192.0.2.1\n', [v4('192.0.2.2'), v4('192.0.2.1')]],
    ['IPv6', 'nameserver ::1\n', [v6(LOOPBACK6)]],
    ['IPv6 with a scope', 'nameserver fe80::1%eth0\n', [v6('fe80:0000:0000:0000:0000:0000:0000:0001%eth0')]],
    ['IPv4 written as IPv6', 'nameserver ::ffff:192.0.2.1\n', [v4('192.0.2.1')]],
    ['blanks, tabs, CRLF', '  nameserver \t 192.0.2.1  \r\n', [v4('192.0.2.1')]],
    ['a remark behind it', 'nameserver 192.0.2.1 # ours\n', [v4('192.0.2.1')]],
    ['remarks', '# nameserver 192.0.2.1\n;nameserver 192.0.2.2\n', local],
    ['search and options', 'search example.org\noptions timeout:1 attempts:9\ndomain example.net\n', local],
    ['a keyword that begins alike', 'nameservers 192.0.2.1\n', local],
    ['the keyword alone', 'nameserver\n', local],
    [
      'a fourth one',
      [1, 2, 3, 4].map(n => `nameserver 192.0.2.${n}\n`).join(''),
      [v4('192.0.2.1'), v4('192.0.2.2'), v4('192.0.2.3')],
    ],
    ['bad words', 'nameserver ns.example\nnameserver 192.0.2.256\nnameserver ::1\n', [v6(LOOPBACK6)]],
    ['a scope on IPv4', 'nameserver 192.0.2.1%eth0\n', local],
    ['a scope that is none', 'nameserver fe80::1%a/b\n', local],
    ['no port here', 'nameserver 192.0.2.1:53\n', local],
  ]
  for (const [label, text, servers] of cases) t.same(parseNameServers(text), servers, label)
  t.end()
})

t.test('$NS', t => {
  const cases: [label: string, words: string[], wantServers: NameServer[]][] = [
    ['nothing', [], local],
    ['an address', ['192.0.2.1'], [v4('192.0.2.1')]],
    ['with a port', ['192.0.2.1:5353'], [v4('192.0.2.1', 5353)]],
    ['bare IPv6', ['::1'], [v6(LOOPBACK6)]],
    ['IPv6 in brackets', ['[::1]'], [v6(LOOPBACK6)]],
    ['IPv6 with a port', ['[::1]:5353'], [v6(LOOPBACK6, 5353)]],
    ['IPv6 with a scope and a port', ['[fe80::1%eth0]:53'], [v6('fe80:0000:0000:0000:0000:0000:0000:0001%eth0')]],
    [
      'more than three',
      ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'],
      [v4('192.0.2.1'), v4('192.0.2.2'), v4('192.0.2.3'), v4('192.0.2.4')],
    ],
    ['some bad', ['ns.example', '192.0.2.1', ''], [v4('192.0.2.1')]],
    ['port 0', ['192.0.2.1:0'], local],
    ['port 65536', ['192.0.2.1:65536'], local],
    ['no port behind the colon', ['192.0.2.1:'], local],
    ['IPv4 in brackets', ['[192.0.2.1]'], local],
    ['an open bracket', ['[::1'], local],
    ['something behind the bracket', ['[::1]53'], local],
  ]
  for (const [label, words, servers] of cases) t.same(parseNameServerList(words), servers, label)
  t.end()
})

t.test('the file is read', t => {
  const dir = t.testdir({ 'resolv.conf': 'nameserver 192.0.2.7\n' })
  t.same(readNameServers(join(dir, 'resolv.conf')), [v4('192.0.2.7')])
  t.same(readNameServers(join(dir, 'missing')), local, 'no file')
  mkdirSync(join(dir, 'folder'))
  t.same(readNameServers(join(dir, 'folder')), local, 'a directory')
  writeFileSync(join(dir, 'long'), `nameserver 192.0.2.8\n${'#'.repeat(1 << 20)}\nnameserver 192.0.2.9\n`)
  t.same(readNameServers(join(dir, 'long')), [v4('192.0.2.8')], 'no more than 64 KB of it')
  t.end()
})

t.test('a FIFO that nobody writes to is as good as an empty file', t => {
  const path = join(t.testdir(), 'resolv.conf')
  execFileSync('mkfifo', [path])
  // In a process that can be ended if it waits.
  const program = join(t.testdirName, 'read.cjs')
  bundleProgram('test/dns/read-name-servers.ts', program)
  const servers = execFileSync(process.execPath, [program, path], { encoding: 'utf8', timeout: 20_000 })
  t.strictSame(JSON.parse(servers), local)
  t.end()
})
