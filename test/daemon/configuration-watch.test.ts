import { renameSync, rmSync, writeFileSync } from 'node:fs'
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
