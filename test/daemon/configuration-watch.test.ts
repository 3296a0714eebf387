import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ConfigurationWatch } from '../../src/daemon/configuration-watch.ts'

t.test('whatever happens to one of the places is a change, once', async t => {
  const folder = t.testdir({ second: 'a' })
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  const watch = new ConfigurationWatch([first, second])
  const changes: readonly [title: string, change: () => void][] = [
    ['edited in place', () => writeFileSync(second, 'bb')],
    [
      'replaced by one of the same size',
      () => {
        writeFileSync(join(folder, 'new'), 'cc')
        renameSync(join(folder, 'new'), second)
      },
    ],
    ['one that comes first appears', () => writeFileSync(first, '')],
    ['removed', () => rmSync(first)],
  ]
  t.notOk(watch.hasChanged(), 'nothing yet')
  for (const [title, change] of changes) {
    change()
    t.ok(watch.hasChanged(), title)
    t.notOk(watch.hasChanged(), `${title}: seen`)
  }
})

t.test('the files of keys are looked at as well', async t => {
  const folder = t.testdir({ conf: '', one: 'a', two: 'b' })
  const [one, two] = [join(folder, 'one'), join(folder, 'two')]
  const watch = new ConfigurationWatch([join(folder, 'conf')])
  watch.watchKeys({ DQS_KEY_FILE: one, ABUSIX_KEY_FILE: '' })
  t.notOk(watch.hasChanged(), 'that they are named is no change')
  writeFileSync(one, 'aa')
  t.ok(watch.hasChanged(), 'a key')
  watch.watchKeys({ DQS_KEY_FILE: '', ABUSIX_KEY_FILE: two })
  writeFileSync(one, 'aaa')
  t.notOk(watch.hasChanged(), 'one that is named no more')
  rmSync(two)
  t.ok(watch.hasChanged(), 'the other one')
})

t.test('what has changed while it was read is found out afterwards', async t => {
  const folder = t.testdir({ conf: '', key: 'a' })
  const [conf, key] = [join(folder, 'conf'), join(folder, 'key')]
  const watch = new ConfigurationWatch([conf])
  for (const changed of [conf, key]) {
    watch.watchKeys({ DQS_KEY_FILE: key, ABUSIX_KEY_FILE: '' })
    t.notOk(watch.hasChanged())
    writeFileSync(changed, 'changed')
    watch.watchKeys({ DQS_KEY_FILE: key, ABUSIX_KEY_FILE: '' })
    t.ok(watch.hasChanged(), changed)
  }
})

t.test('one that cannot be looked at is as it was', async t => {
  const folder = t.testdir({ conf: '' })
  const conf = join(folder, 'conf')
  const watch = new ConfigurationWatch([conf])
  rmSync(conf)
  symlinkSync('conf', conf)
  t.notOk(watch.hasChanged(), 'a link in a circle')
  rmSync(conf)
  t.ok(watch.hasChanged(), 'removed')
})
