import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LogFile } from '../../src/log/log-file.ts'

const line = (text: string): { readonly severity: 'info'; readonly text: string } => ({ severity: 'info', text })

t.test('lines go to the end of the file, which stays open until it is closed', async t => {
  const path = join(t.testdir({ log: 'before\n' }), 'log')
  const file = new LogFile()
  file.append(path, [line('one'), line('two')])
  renameSync(path, `${path}.1`)
  file.append(path, [line('three')])
  file.close()
  file.append(path, [line('four')])
  file.close()
  const textOf = (name: string): string => readFileSync(name, 'latin1').replace(/^\S+Z \[\d+\]: /gm, '')
  t.equal(textOf(`${path}.1`), 'before\none\ntwo\nthree\n')
  t.equal(textOf(path), 'four\n')
})

t.test('many and long lines are all written, whole', async t => {
  const path = join(t.testdir(), 'log')
  const texts = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat((i * 37) % 5000)}`)
  const file = new LogFile()
  file.append(path, texts.map(line))
  file.close()
  t.same(
    readFileSync(path, 'latin1')
      .trimEnd()
      .split('\n')
      .map(text => text.replace(/^\S+ \[\d+\]: /, '')),
    texts,
  )
})

t.test('what cannot be written any more is opened anew', async t => {
  const path = join(t.testdir(), 'log')
  const file = new LogFile()
  const listen = (): number => {
    execFileSync('mkfifo', [path])
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  }
  const first = listen()
  file.append(path, [line('one')])
  closeSync(first)
  // As a log daemon may do that is started anew.
  rmSync(path)
  const second = listen()
  t.throws(() => file.append(path, [line('two')]), { code: 'EPIPE' })
  file.append(path, [line('three')])
  file.close()
  t.match(readFileSync(second, 'latin1'), / three\n$/)
  closeSync(second)
})
