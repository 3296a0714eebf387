import { join } from 'node:path'
import t from 'tap'
import { notifyManager } from '../../src/daemon/notify.ts'
import { socketFolder } from '../support/daemon-process.ts'
import { testNative } from '../support/native.ts'
import { startNotifyReceiver } from '../support/notify-receiver.ts'
import { waitFor } from '../support/wait-for.ts'

t.test('a state arrives, over a path and over an abstract name', async t => {
  const folder = socketFolder(t)
  for (const path of [join(folder, 'notify'), `@polw-test-${process.pid}`]) {
    const manager = await startNotifyReceiver(folder, path)
    t.equal(notifyManager(path, 'READY=1\nSTATUS=well', testNative()), undefined)
    await waitFor('the state', () => manager.received().length === 1)
    t.same(manager.received(), ['READY=1 STATUS=well'])
    manager.stop()
  }
})

t.test('what cannot be told is a reason, never an exception', async t => {
  const native = testNative()
  t.equal(notifyManager(undefined, 'READY=1', native), undefined, 'nobody wants to know')
  t.match(notifyManager(join(socketFolder(t), 'none'), 'READY=1', native), /ENOENT/)
  t.match(notifyManager(`/${'x'.repeat(200)}`, 'READY=1', native), /no path/)
  t.match(notifyManager('vsock:2:1234', 'READY=1', native), /no path/)
  t.match(notifyManager('/none', 'READY=1', { kind: 'unavailable', why: '' }), /systemd-notify/)
})
