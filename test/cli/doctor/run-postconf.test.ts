import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readPostfix } from '../../../src/cli/doctor/run-postconf.ts'

/** A search path with a postconf of our own in it. */
function onPath(t: Test, script: string): string {
  const folder = t.testdir()
  writeFileSync(join(folder, 'postconf'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'postconf'), 0o755)
  return `${folder}:/usr/bin:/bin`
}

t.test('everything is asked for, with -c', async t => {
  const path = onPath(
    t,
    `case "$*" in
"-c /etc/two words -x -n") echo 'policy_time_limit = 3600' ;;
"-c /etc/two words -M") echo 'policy unix - n n - 0 spawn user=polw argv=/x' ;;
"-c /etc/two words -x -P") echo 'smtp/inet/a = b' ;;
"-c /etc/two words -x mail_version "*) echo 'mail_version = 3.9'; echo 'policy_time_limit = 1'; echo warning >&2 ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac`,
  )
  const seen = await readPostfix('/etc/two words', path)
  if (seen.kind !== 'postfix') throw new Error(JSON.stringify(seen))
  t.strictSame(
    [...seen.postfix.parameters],
    [
      ['mail_version', '3.9'],
      ['policy_time_limit', '3600'],
    ],
  )
  t.match(seen.postfix.services, [{ name: 'policy', processLimit: '0' }])
  t.equal(seen.postfix.overrides.get('smtp/inet')?.get('a'), 'b')
  t.strictSame(seen.notes, [])
})

t.test('a postconf that knows neither -x nor -P', async t => {
  const path = onPath(
    t,
    `case "$*" in
*-x*) echo "postconf: invalid option -- 'x'" >&2; exit 1 ;;
-n) echo 'a = $b'; echo 'b = 1' ;;
-M) ;;
*) echo 'mail_version = 2.9' ;;
esac`,
  )
  const seen = await readPostfix(undefined, path)
  if (seen.kind !== 'postfix') throw new Error(JSON.stringify(seen))
  t.equal(seen.postfix.parameters.get('a'), '1')
  t.match(seen.notes, [/-P failed \(postconf: invalid option/])
})

t.test('one that fails', async t => {
  const path = onPath(
    t,
    `[ "$1" = -M ] && { echo 'postconf: fatal: open /x: Permission denied' >&2; exit 1; }; echo 'a = 1'`,
  )
  t.strictSame(await readPostfix(undefined, path), {
    kind: 'failed',
    command: 'postconf -M',
    why: 'postconf: fatal: open /x: Permission denied',
  })
})

t.test('one that prints without end', async t => {
  const path = onPath(t, 'exec yes "a = b"')
  t.match(await readPostfix(undefined, path), { kind: 'failed', command: 'postconf -n' })
})

t.test('there is none', async t => {
  t.strictSame(await readPostfix(undefined, t.testdir()), { kind: 'missing' })
})
