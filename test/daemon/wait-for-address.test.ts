import t from 'tap'
import { DaemonError } from '../../src/daemon/daemon-error.ts'
import { waitForAddress } from '../../src/daemon/wait-for-address.ts'

/** What a wait says and does while `bind` fails with these errors, one after the other. */
function waitingFor(errors: Error[], onBind: (tries: number) => void = () => {}) {
  const said = { warned: [] as string[], told: [] as string[], tries: 0, alive: 0 }
  const ended = waitForAddress({
    bind: async () => {
      onBind(++said.tries)
      const error = errors[said.tries - 1]
      if (error) throw error
      return 'bound'
    },
    notifier: {
      tell: state => void said.told.push(state),
      keepAlive: () => {
        said.alive++
        return () => void said.alive--
      },
    },
    warn: text => void said.warned.push(text),
    againMs: 1,
  })
  return { said, ended }
}

const taken = (by: string): DaemonError => new DaemonError(69, `in use by ${by}`)

t.test('the reason is told once, and again when it is another one', async t => {
  const before = process.listenerCount('SIGHUP')
  const { said, ended } = waitingFor([taken('perl'), taken('perl'), taken('perl'), taken('sshd')])
  t.equal(await ended, 'bound')
  t.equal(said.tries, 5)
  t.match(said.warned, [/^in use by perl; tried again every /, /^in use by sshd; /])
  t.equal(said.warned.length, 2)
  t.same(said.told, ['READY=1\nSTATUS=not serving: in use by perl', 'READY=1\nSTATUS=not serving: in use by sshd'])
  t.equal(said.alive, 0, 'the watchdog is no longer told by the wait')
  t.equal(process.listenerCount('SIGHUP'), before)
})

t.test('nothing is said where there is nothing to wait for', async t => {
  const { said, ended } = waitingFor([])
  t.equal(await ended, 'bound')
  t.same([said.warned, said.told], [[], []])
})

t.test('what time does not mend is thrown', async t => {
  const { said, ended } = waitingFor([taken('perl'), new DaemonError(78, 'nowhere to listen')])
  await t.rejects(ended, { name: 'DaemonError', status: 78 })
  t.equal(said.tries, 2)
  await t.rejects(waitingFor([new TypeError('ours')]).ended, { name: 'TypeError' })
})

t.test('SIGHUP ends the wait, for the configuration may be another one', async t => {
  const errors = Array.from({ length: 1000 }, () => taken('perl'))
  const { said, ended } = waitingFor(errors, tries => tries === 3 && process.emit('SIGHUP'))
  await t.rejects(ended, { status: 69, message: 'in use by perl' })
  t.equal(said.tries, 3)
})

t.test('nothing is left of a wait that has ended: the process would not end before it', async t => {
  const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const ended = waitForAddress({
    bind: () => Promise.reject(taken('perl')),
    notifier: { tell: () => {}, keepAlive: () => () => {} },
    warn: () => void setImmediate(() => process.emit('SIGHUP')),
    againMs: 3_600_000,
  })
  await t.rejects(ended, { status: 69, message: 'in use by perl' })
  t.equal(timers(), before)
})
