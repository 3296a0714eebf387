import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { noteException } from '../../../src/cli/why/present-exception.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'

t.test('the exception that there is by now, for a client behind a NAT64 by either address', async t => {
  const attributes = {
    client_address: '64:ff9b::203.0.113.9',
    client_name: 'Mail.Example.org',
    sender: 'a@example.org',
  }
  const cases = [
    { label: 'none', line: '192.0.2.1 SKIP', want: [] },
    { label: 'its own', line: '203.0.113.9 SKIP', want: [/203\.0\.113\.9 SKIP: it counts for the next such mail$/] },
    { label: 'what Postfix sees', line: '64:ff9b::/96 SKIP', want: [/64:ff9b::\/96 SKIP/] },
    { label: 'its name, in whatever case', line: 'mail.example.org DRY', want: [/mail\.example\.org DRY/] },
    { label: 'its sender', line: 'sender:.example.org ACCEPT', want: [/it counts only where SPF or DNS shows/] },
  ]
  for (const { label, line, want } of cases) {
    const path = join(t.testdir(), 'exceptions')
    writeFileSync(path, `${line}\n`)
    chmodSync(path, 0o644)
    const config = builtinConfig({ EXCEPTIONS: path, NAT64: true })
    const notes = await noteException(attributes, { config, path: undefined, nowMs: Date.now })
    t.equal(notes.length, want.length, label)
    t.match(notes, want, label)
  }
  const config = builtinConfig({ NAT64: true })
  const long = { ...attributes, helo_name: 'x'.repeat(100_000) }
  t.same(await noteException(long, { config, path: undefined, nowMs: Date.now }), [], 'what is no request')
})
