import { join } from 'node:path'
import t from 'tap'
import { findServiceManager, Notifier, notifyManager } from '../../src/daemon/notify.ts'
import { socketFolder } from '../../testkit/daemon-process.ts'
import { testNative } from '../../testkit/native.ts'
import { startNotifyReceiver } from '../support/notify-receiver.ts'
import { waitFor } from '../../testkit/wait-for.ts'

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

t.test('what the service manager has said', async t => {
  const cases: {
    label: string
    environment: Record<string, string>
    wantWatchdogMs: number | undefined
    wantKeeps?: true
  }[] = [
    { label: 'nothing', environment: {}, wantWatchdogMs: undefined },
    {
      label: 'a watchdog for this process',
      environment: { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '4711' },
      wantWatchdogMs: 30_000,
    },
    { label: 'one for whoever reads it', environment: { WATCHDOG_USEC: '500000' }, wantWatchdogMs: 500 },
    {
      label: 'one for another process',
      environment: { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' },
      wantWatchdogMs: undefined,
    },
    { label: 'nonsense', environment: { WATCHDOG_USEC: '30 s' }, wantWatchdogMs: undefined },
    { label: 'nothing behind the name', environment: { WATCHDOG_USEC: '' }, wantWatchdogMs: undefined },
    { label: 'a negative number', environment: { WATCHDOG_USEC: '-1' }, wantWatchdogMs: undefined },
    { label: 'it keeps sockets', environment: { FDSTORE: '8' }, wantWatchdogMs: undefined, wantKeeps: true },
    { label: 'it keeps none', environment: { FDSTORE: '0' }, wantWatchdogMs: undefined },
  ]
  for (const { label, environment, wantWatchdogMs, wantKeeps = false } of cases)
    t.same(
      findServiceManager({ NOTIFY_SOCKET: '/n', ...environment }, 4711),
      { socket: '/n', watchdogMs: wantWatchdogMs, keepsSockets: wantKeeps },
      label,
    )
})

t.test('the watchdog is told that all is well only as long as it is', async t => {
  const folder = socketFolder(t)
  const socket = join(folder, 'notify')
  const manager = await startNotifyReceiver(folder, socket)
  t.teardown(() => manager.stop())
  const warnings: string[] = []
  const notifier = new Notifier({ socket, watchdogMs: 20, keepsSockets: false }, testNative(), text =>
    warnings.push(text),
  )
  let asked = 0
  notifier.keepAlive(() => ++asked <= 2)
  // The interval holds no process up, so something else has to.
  await waitFor('it to be asked again', () => asked >= 4)
  notifier.tell('STOPPING=1')
  await waitFor('the last', () => manager.received().includes('STOPPING=1'))
  t.same(manager.received(), ['WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'])
  t.same(warnings, [])
})

t.test('a service manager that cannot be told is logged once, not with each sign of life', async t => {
  const warnings: string[] = []
  const socket = join(socketFolder(t), 'none')
  const notifier = new Notifier({ socket, watchdogMs: undefined, keepsSockets: false }, testNative(), text =>
    warnings.push(text),
  )
  for (let i = 0; i < 3; i++) notifier.tell('WATCHDOG=1')
  t.match(warnings, [/^the service manager was not told: .*ENOENT$/])
  t.equal(warnings.length, 1)
})
