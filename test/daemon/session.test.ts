import t from 'tap'
import { Session } from '../../src/daemon/session.ts'
import type { RequestText } from '../../src/policy/attributes.ts'
import { ProtocolError } from '../../src/policy/protocol-error.ts'
import { parseRequest } from '../../src/policy/request.ts'
import { attributesOf } from '../../testkit/executable.ts'
import { requestBytes, requestText } from '../../testkit/policy-process.ts'

const LIMITS = { idleMs: 1000, requestMs: 60, answerMs: 30 }
const REQUEST = requestBytes(attributesOf())
const TEXT = requestText(attributesOf())

function newSession(nowMs = 0): Session {
  return new Session(nowMs, LIMITS)
}

/** Everything that is there to be taken, each answered at once. */
function takeAll(session: Session, nowMs = 0): RequestText[] {
  const taken: RequestText[] = []
  for (let next = session.take(nowMs); next; next = session.take(nowMs)) {
    taken.push(next)
    session.answered(nowMs)
  }
  return taken
}

t.test('a request that comes byte by byte is taken with its last byte', async t => {
  const session = newSession()
  for (let i = 0; i < REQUEST.length - 1; i++) {
    session.receive(Buffer.from(REQUEST.subarray(i, i + 1)))
    t.equal(session.take(0), undefined)
    t.equal(session.phase, 'receiving')
  }
  session.receive(Buffer.from(REQUEST.subarray(-1)))
  t.equal(session.take(0), TEXT)
  t.equal(session.phase, 'deciding')
})

t.test('three requests, cut in two anywhere, are three requests', async t => {
  const three = Buffer.concat([REQUEST, REQUEST, REQUEST])
  const wrong: number[] = []
  for (let cut = 0; cut <= three.length; cut++) {
    const session = newSession()
    const taken: RequestText[] = []
    for (const part of [three.subarray(0, cut), three.subarray(cut)]) {
      if (part.length === 0) continue
      session.receive(Buffer.from(part))
      taken.push(...takeAll(session))
    }
    if (taken.length !== 3 || taken[2] !== TEXT || session.phase !== 'idle') wrong.push(cut)
  }
  t.same(wrong, [], 'offsets at which it goes wrong')
})

t.test('one request at a time is decided, in the order received', async t => {
  const session = newSession()
  session.receive(
    Buffer.concat([requestBytes(attributesOf({ instance: 'a' })), requestBytes(attributesOf({ instance: 'b' }))]),
  )
  const instanceOf = (text: RequestText | undefined): string =>
    parseRequest(text ?? '', warning => t.fail(warning)).instance
  t.equal(instanceOf(session.take(0)), 'a')
  t.equal(session.take(0), undefined, 'the first one has no answer yet')
  session.answered(0)
  t.equal(instanceOf(session.take(0)), 'b')
})

t.test('no more is read than one request and what comes while it is decided', async t => {
  const session = newSession()
  session.receive(Buffer.from(REQUEST))
  t.notOk(session.isFull, 'idle')
  session.take(0)
  t.notOk(session.isFull, 'nothing more has come')
  session.receive(Buffer.from('request='))
  t.ok(session.isFull, 'something has come, and cannot be taken')
  session.answered(0)
  t.notOk(session.isFull, 'now it can')
  session.blocked(0)
  session.receive(Buffer.from('x'))
  t.ok(session.isFull, 'the client does not read: nothing is read from it')
  t.equal(session.take(0), undefined, 'and nothing decided for it')
  session.drained(0)
  t.notOk(session.isFull)
})

t.test('what breaks a bound is an error', async t => {
  const wrong: readonly [title: string, input: string, wantCode: string][] = [
    ['a line without an end', 'x'.repeat(9000), 'line-too-long'],
    ['a request without an end', `${'a=b\n'.repeat(300)}`, 'too-many-attributes'],
    ['long lines', `a=${'x'.repeat(8000)}\n`.repeat(9), 'request-too-long'],
  ]
  for (const [title, input, wantCode] of wrong) {
    const session = newSession()
    let code: string | undefined
    try {
      for (let at = 0; at < input.length; at += 1000) {
        session.receive(Buffer.from(input.slice(at, at + 1000)))
        session.take(0)
      }
    } catch (error) {
      if (error instanceof ProtocolError) code = error.code
    }
    t.equal(code, wantCode, title)
  }
})

t.test('every phase but deciding has a deadline, and bytes that complete nothing put none off', async t => {
  const idle = newSession(100)
  t.equal(idle.overdue(1099), undefined)
  t.match(idle.overdue(1100), /no request/)
  idle.receive(Buffer.from('\n'))
  idle.take(900)
  t.equal(idle.phase, 'idle', 'an empty line begins nothing')
  t.match(idle.overdue(1100), /no request/, 'and is no sign of life')

  const slow = newSession(0)
  for (let nowMs = 500; nowMs < 560; nowMs += 10) {
    slow.receive(Buffer.from('r'))
    slow.take(nowMs)
    t.equal(slow.overdue(nowMs), undefined)
  }
  t.match(slow.overdue(560), /not complete/, 'a byte now and then: from the first one on')

  const deaf = newSession(0)
  deaf.receive(Buffer.from(REQUEST))
  deaf.take(1)
  t.equal(deaf.overdue(1_000_000), undefined, 'what is being decided is waited for')
  deaf.answered(2)
  deaf.blocked(2)
  t.equal(deaf.overdue(31), undefined)
  t.match(deaf.overdue(32), /not read/)
  deaf.drained(31)
  t.equal(deaf.overdue(1030), undefined, 'idle from when the answer was taken')
  t.match(deaf.overdue(1031), /no request/)
})
