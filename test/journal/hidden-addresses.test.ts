import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { hideAddress, hideWithKeyBeside } from '../../src/journal/hidden-addresses.ts'

const key = Uint8Array.from({ length: 32 }, (_, index) => index)

t.test('what is hidden of an address', t => {
  // openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f, of user@example.org
  const user = '~1745a57c1a78@example.org'
  const cases = [
    { label: 'the local part', address: 'user@example.org', want: user },
    { label: 'in any case', address: 'USER@Example.org', want: `${user.slice(0, 13)}@Example.org` },
    { label: 'nothing of no sender', address: '', want: '' },
    { label: 'nor of what has no local part', address: '@example.org', want: '@example.org' },
  ]
  for (const { label, address, want } of cases) t.equal(hideAddress(address, key), want, label)
  t.not(hideAddress('user@example.net', key).slice(0, 13), user.slice(0, 13), 'another domain, another hash')
  t.match(hideAddress('root', key), /^~[0-9a-f]{12}$/, 'without a domain')
  t.equal(hideAddress('user@example.org', undefined), '~@example.org', 'without a key nobody finds it again')
  t.end()
})

t.test('the key is made once, for its owner alone, and is the same for all', t => {
  const journal = join(t.testdir(), 'journal')
  const one = hideWithKeyBeside(journal)('user@example.org')
  t.match(one, /^~[0-9a-f]{12}@example\.org$/)
  t.equal(statSync(`${journal}.key`).mode & 0o777, 0o600)
  t.equal(readFileSync(`${journal}.key`).length, 32)
  t.equal(hideWithKeyBeside(journal)('user@example.org'), one)
  t.end()
})

t.test('what is no key is not used, nor written over', t => {
  const folder = t.testdir({ 'journal.key': 'short', target: 'x'.repeat(32) })
  const journal = join(folder, 'journal')
  t.equal(hideWithKeyBeside(journal)('user@example.org'), '~@example.org')
  t.equal(readFileSync(`${journal}.key`, 'latin1'), 'short')
  symlinkSync(join(folder, 'target'), join(folder, 'other.key'))
  t.equal(hideWithKeyBeside(join(folder, 'other'))('user@example.org'), '~@example.org', 'nor a link')
  writeFileSync(`${journal}.key`, key)
  t.equal(hideWithKeyBeside(journal)('user@example.org'), hideAddress('user@example.org', key))
  t.end()
})

t.test('a key that could not be had is asked for again', t => {
  const folder = join(t.testdir(), 'later')
  const hide = hideWithKeyBeside(join(folder, 'journal'))
  t.equal(hide('user@example.org'), '~@example.org', 'nowhere to make it')
  mkdirSync(folder)
  const hidden = hide('user@example.org')
  t.match(hidden, /^~[0-9a-f]{12}@example\.org$/)
  rmSync(join(folder, 'journal.key'))
  t.equal(hide('user@example.org'), hidden, 'one that was had is kept')
  t.end()
})
