import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Caller, CallerGone } from '../../src/turn/caller.ts'
import { Connection } from '../../src/daemon/connection.ts'
import { SESSION_LIMITS } from '../../src/daemon/session.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { type Client, connectTo, socketFolder } from '../../testkit/daemon-process.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes } from '../../testkit/policy-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'

const request = (instance: string): Buffer => requestBytes(attributesOf({ instance }))

interface Tried {
  readonly client: Client
  readonly connection: Connection
  readonly warnings: string[]
  readonly clock: { nowMs: number }
  /** Requests that are counted as not answered. */
  readonly unanswered: () => number
}

/** A connection in this process, and a client of it. */
async function tryConnection(
  t: Test,
  answer: (instance: string, caller: Caller) => Promise<string>,
  closesAfterAnswer = false,
): Promise<Tried> {
  const warnings: string[] = []
  const clock = { nowMs: 0 }
  const path = join(socketFolder(t), 'socket')
  let connection: Connection | undefined
  let unanswered = 0
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    connection = new Connection(socket, {
      answer: (text, caller) => answer(parseRequest(text, warning => warnings.push(warning)).instance, caller),
      warn: text => warnings.push(text),
      unanswered: () => {
        unanswered++
      },
      closesAfterAnswer: () => closesAfterAnswer,
      nowMs: () => clock.nowMs,
    })
  })
  server.listen(path)
  await once(server, 'listening')
  const client = await connectTo(path)
  t.teardown(() => {
    client.socket.destroy()
    server.close()
  })
  await waitFor('the connection', () => connection !== undefined)
  return { client, connection: connection as Connection, warnings, clock, unanswered: () => unanswered }
}

const echo = async (instance: string): Promise<string> => `action=DUNNO ${instance}\n\n`

t.test('requests in one packet are answered in order', async t => {
  const { client } = await tryConnection(t, echo)
  const text = await client.ask(Buffer.concat(['a', 'b', 'c'].map(request)), 3)
  t.equal(text, 'action=DUNNO a\n\naction=DUNNO b\n\naction=DUNNO c\n\n')
})

t.test('an answer does not wait for the next one', async t => {
  let release = (): void => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const { client } = await tryConnection(t, async instance => {
    if (instance === 'slow') await held
    return echo(instance)
  })
  t.equal(await client.ask(Buffer.concat([request('quick'), request('slow')]), 1), 'action=DUNNO quick\n\n')
  release()
  t.equal(await client.ask('', 2), 'action=DUNNO quick\n\naction=DUNNO slow\n\n')
})

t.test('a client that has said its last is answered all the same', async t => {
  const { client } = await tryConnection(t, echo)
  client.socket.end(Buffer.concat([request('a'), request('b')]))
  await client.closed
  t.equal(client.received(), 'action=DUNNO a\n\naction=DUNNO b\n\n')
})

t.test('trouble: earlier answers, none for the request at hand, a warning, and the end', async t => {
  const { client, warnings, unanswered } = await tryConnection(t, async instance => {
    if (instance === 'bad') throw new Error('of ours')
    return echo(instance)
  })
  client.socket.write(Buffer.concat(['a', 'bad', 'c'].map(request)))
  await client.closed
  t.equal(client.received(), 'action=DUNNO a\n\n')
  t.same(warnings, ['no answer sent: of ours'])
  t.equal(unanswered(), 1)
})

t.test('a line without an end is trouble', async t => {
  const { client, warnings, unanswered } = await tryConnection(t, echo)
  client.socket.write('x'.repeat(20_000))
  await client.closed
  t.match(warnings, ['no answer sent: a line of more than 8192 bytes'])
  t.equal(unanswered(), 1)
})

t.test('a request that is never complete is not answered', async t => {
  const { client, connection, warnings, unanswered } = await tryConnection(t, echo)
  client.socket.write(Buffer.concat([request('a'), Buffer.from('request=smtpd')]))
  await waitFor('the first answer', () => client.received() !== '')
  await waitFor('the deadline', () => {
    connection.checkDeadline(SESSION_LIMITS.requestMs)
    return warnings.length > 0
  })
  await client.closed
  t.same(warnings, ['connection closed: a request was not complete after 60 s'])
  t.equal(unanswered(), 1)
})

t.test('$TRY_BALANCE: the connection is closed behind an answer', async t => {
  const { client } = await tryConnection(t, echo, true)
  client.socket.write(Buffer.concat(['a', 'b'].map(request)))
  await client.closed
  t.equal(client.received(), 'action=DUNNO a\n\n')
})

t.test('finishing waits for the request at hand', async t => {
  let release = (): void => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  let isAsked = false
  const { client, connection } = await tryConnection(t, async instance => {
    isAsked = true
    await held
    return echo(instance)
  })
  client.socket.write(request('a'))
  await waitFor('the request', () => isAsked)
  connection.finish()
  release()
  await client.closed
  t.equal(client.received(), 'action=DUNNO a\n\n')
})

t.test('an idle connection is closed without a word when its time is over', async t => {
  const { client, connection, warnings, unanswered } = await tryConnection(t, echo)
  connection.checkDeadline(SESSION_LIMITS.idleMs - 1)
  t.equal(await client.ask(request('a'), 1), 'action=DUNNO a\n\n', 'not before')
  connection.checkDeadline(SESSION_LIMITS.idleMs)
  await client.closed
  t.same(warnings, [])
  t.equal(unanswered(), 0)
})

t.test('for a client that never reads little is decided, less is kept, and it is closed', async t => {
  const ANSWER = `action=DUNNO ${'x'.repeat(480)}\n\n`
  let decided = 0
  const { client, connection, warnings, clock, unanswered } = await tryConnection(t, async () => {
    decided++
    return ANSWER
  })
  client.socket.pause()
  // Far more than all buffers between the two hold, as far as the kernel takes it.
  const many = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => request(String(i))))
  client.socket.write(many)
  let before = -1
  await waitFor('nothing to be decided any more', async () => {
    const isQuiet = decided === before && decided > 0
    before = decided
    if (!isQuiet) await new Promise(resolve => setTimeout(resolve, 300))
    return isQuiet
  })
  t.ok(decided < 20_000, `${decided} of 20,000 were decided`)
  clock.nowMs = SESSION_LIMITS.answerMs
  connection.checkDeadline(clock.nowMs)
  await waitFor('a warning', () => warnings.length > 0)
  t.match(warnings, ['connection closed: an answer was not read for 60 s'])
  t.equal(unanswered(), 0, 'it was answered')
})

t.test('a client that reads late gets everything', async t => {
  const { client } = await tryConnection(t, async instance => `action=DUNNO ${instance.padEnd(480, '.')}\n\n`)
  client.socket.pause()
  client.socket.write(Buffer.concat(Array.from({ length: 3000 }, (_, i) => request(String(i)))))
  await new Promise(resolve => setImmediate(resolve))
  client.socket.resume()
  const text = await client.ask('', 3000)
  const instances = text.split('\n\n').map(answer => /DUNNO (\d+)/.exec(answer)?.[1])
  t.same(
    instances.slice(0, -1),
    Array.from({ length: 3000 }, (_, i) => String(i)),
    'in order',
  )
})

/** An answer that comes only when its caller is gone. */
function untilGone(gone: { count: number }) {
  return (_instance: string, caller: Caller): Promise<string> =>
    new Promise((_, reject) => {
      caller.onGone = () => {
        gone.count++
        reject(new CallerGone())
      }
    })
}

t.test('a client that is gone ends its request', async t => {
  const gone = { count: 0 }
  const warnings: string[] = []
  const asked = untilGone(gone)
  let requests = 0
  const server = createServer({ allowHalfOpen: true }, socket => {
    new Connection(socket, {
      answer: (_text, caller) => {
        requests++
        return asked('', caller)
      },
      warn: text => warnings.push(text),
      unanswered: () => warnings.push('unanswered'),
      closesAfterAnswer: () => false,
      nowMs: () => 0,
    })
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write(request('a'))
  await waitFor('the request', () => requests === 1)
  client.resetAndDestroy()
  await waitFor('its end', () => gone.count === 1)
  t.same(warnings, [], 'which is no trouble')
})

t.test('a client that has closed its side is waited for no longer than a moment', async t => {
  const gone = { count: 0 }
  const { client } = await tryConnection(t, untilGone(gone))
  client.socket.end(request('a'))
  await waitFor('its end', () => gone.count === 1)
  await client.closed
  t.equal(client.received(), '')
})
