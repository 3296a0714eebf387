import dnsPacket, { type Answer } from 'dns-packet'
import t from 'tap'
import { CONTROL, type Outcome, type Question } from '../../src/dns/outcome.ts'
import { MAX_PENDING } from '../../src/dns/resolver-options.ts'
import { withFakeClock } from '../support/fake-clock.ts'
import { ANSWER, type Exchange, FOUND, Network, QUESTION, replyTo, type Sent } from '../support/fake-network.ts'

const failed = (reason: string) => ({ kind: 'failed', reason })

const TRUNCATED = dnsPacket.TRUNCATED_RESPONSE
const FORMERR = 1
const SERVFAIL = 2
const NXDOMAIN = 3
const NOTIMP = 4
const REFUSED = 5

t.test('a reply settles a question once', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    t.same(network.servers, [0])
    t.equal(clock.timers, 0, 'replies may lie ready')
    clock.advance(0)
    t.equal(clock.timers, 1)
    network.reply(0, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
    t.equal(clock.timers, 0, 'nothing is outstanding, so no timer is set')
    network.reply(0, SERVFAIL)
    network.reply(0, 0, [ANSWER])
    clock.advance(100_000)
    t.same(network.outcomes, [FOUND], 'late replies are dropped')
    t.equal(network.resolver.packetsSent, 1)
  })
  t.end()
})

t.test('NXDOMAIN is an answer', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    network.reply(0, NXDOMAIN)
    t.same(network.outcomes, [{ kind: 'nxdomain' }])
  })
  t.end()
})

t.test('silence: tries, then timeout', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 3 })
    network.ask()
    clock.advance(1999)
    t.same(network.servers, [0])
    clock.advance(1)
    t.same(network.servers, [0, 1])
    clock.advance(2000)
    t.same(network.servers, [0, 1, 0], 'in a circle')
    t.same(new Set(network.sent.map(({ id }) => id)).size, 1, 'under one id')
    clock.advance(1999)
    t.same(network.outcomes, [])
    clock.advance(1)
    t.same(network.outcomes, [failed('timeout')])
    t.equal(clock.timers, 0)
    t.equal(network.resolver.packetsSent, 3)
  })
  t.end()
})

t.test('the deadline ends it, whatever tries are left', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 100 })
    network.ask(clock.now() + 5000)
    clock.advance(4999)
    t.same(network.servers, [0, 1, 0])
    t.same(network.outcomes, [])
    clock.advance(1)
    t.same(network.outcomes, [failed('timeout')])
    clock.advance(60_000)
    t.same(network.servers, [0, 1, 0])

    network.ask(clock.now())
    t.same(network.outcomes, [failed('timeout'), failed('timeout')], 'one that has passed: at once')
    t.equal(network.sent.length, 3, 'and without a packet')
  })
  t.end()
})

t.test('replies that do not match are dropped, and the wait goes on to the same end', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 1 })
    network.ask()
    const good = replyTo(network.sent[0] as Sent, 0, [ANSWER])
    const otherId = Buffer.from(good)
    otherId.writeUInt16BE(((network.sent[0] as Sent).id + 1) & 0xffff, 0)
    const questions = [{ type: 'A' as const, name: 'example.net' }]
    const id = (network.sent[0] as Sent).id
    clock.advance(1500)
    network.receive(0, otherId)
    network.receive(0, dnsPacket.encode({ id, type: 'response', questions, answers: [ANSWER] }))
    network.receive(0, dnsPacket.encode({ id, type: 'response', questions: [{ type: 'AAAA', name: 'example.org' }] }))
    network.receive(0, Buffer.alloc(0))
    network.receive(0, Buffer.from('garbage'))
    network.receive(1, good)
    t.same(network.outcomes, [], 'nor does a server count that was not asked')
    clock.advance(499)
    network.receive(0, good)
    t.same(network.outcomes, [FOUND])
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 1 })
    network.ask()
    clock.advance(1999)
    network.receive(0, Buffer.from('garbage'))
    clock.advance(1)
    t.same(network.outcomes, [failed('timeout')])
  })
  t.end()
})

t.test('a late reply to an earlier try counts', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    clock.advance(2000)
    t.same(network.servers, [0, 1])
    network.reply(0, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
  })
  t.end()
})

t.test('failures that a server answers with', t => {
  const cases: [label: string, flags: number, want: object][] = [
    ['SERVFAIL', SERVFAIL, failed('servfail')],
    ['REFUSED', REFUSED, failed('refused')],
    ['NOTAUTH', 9, failed('other-rcode')],
  ]
  for (const [label, flags, want] of cases) {
    withFakeClock(clock => {
      const network = new Network(clock)
      network.ask()
      network.reply(0, flags)
      t.same(network.outcomes, [want], `${label} of the only server is the outcome`)
    })
    withFakeClock(clock => {
      const network = new Network(clock, { servers: 2 })
      network.ask()
      network.reply(0, flags)
      t.same(network.servers, [0, 1], `${label}: the next server at once`)
      network.reply(1, 0, [ANSWER])
      t.same(network.outcomes, [FOUND])
    })
  }
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 5 })
    network.ask()
    network.reply(0, SERVFAIL)
    network.reply(1, REFUSED)
    t.same(network.outcomes, [failed('servfail')], 'all fail: the first failure, and nobody is asked twice')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 5 })
    network.ask()
    network.reply(0, SERVFAIL)
    clock.advance(2000)
    t.same(network.outcomes, [failed('servfail')], 'a failure, then silence: the failure')
    t.equal(network.sent.length, 2)
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 3, tries: 2 })
    network.ask()
    network.reply(0, SERVFAIL)
    network.reply(1, SERVFAIL)
    t.same(network.servers, [0, 1], 'no more than the tries')
    t.same(network.outcomes, [failed('servfail')])
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    clock.advance(2000)
    network.reply(0, SERVFAIL)
    t.same(network.outcomes, [], 'a late failure: the server asked meanwhile may still answer')
    network.reply(1, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
  })
  t.end()
})

t.test('an unreadable reply is a failure', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    const reply = replyTo(network.sent[0] as Sent, 0, [ANSWER])
    network.receive(0, reply.subarray(0, -1))
    t.same(network.outcomes, [failed('malformed')])
  })
  t.end()
})

t.test('servers that are not there', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    network.refuse(0)
    t.same(network.servers, [0, 1], 'the next one at once')
    network.reply(1, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    network.refuse(0)
    t.same(network.servers, [0], 'the only one is asked again')
    clock.advance(2000)
    t.same(network.servers, [0, 0], 'when its time has come')
    network.reply(1, 0, [ANSWER])
    t.same(network.outcomes, [FOUND], 'it may be back')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2, tries: 3 })
    network.ask()
    network.refuse(0)
    network.refuse(1)
    clock.advance(2000)
    t.same(network.servers, [0, 1, 0])
    network.refuse(0)
    t.same(network.outcomes, [failed('unreachable')], 'refused each time, and no try left')
    t.equal(clock.timers, 0)
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    clock.advance(2000)
    network.refuse(0)
    network.refuse(0)
    t.same(network.outcomes, [], 'one refusal, reported twice: the silent try may still be answered')
    clock.advance(2000)
    t.same(network.outcomes, [failed('timeout')])
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    network.refuse(1)
    t.same(network.servers, [0], 'a server that was not asked')
  })
  t.end()
})

t.test('EDNS0 is left out where it is not understood', t => {
  for (const code of [FORMERR, NOTIMP]) {
    withFakeClock(clock => {
      const network = new Network(clock, { servers: 2 })
      network.ask()
      network.reply(0, code)
      t.same(
        network.sent.map(({ server, edns }) => [server, edns]),
        [
          [0, true],
          [0, false],
        ],
      )
      network.reply(1, 0, [ANSWER])
      t.same(network.outcomes, [FOUND])
      network.ask()
      t.equal(network.sent[2]?.edns, false, 'known from then on')
      clock.advance(2000)
      t.same([network.sent[3]?.server, network.sent[3]?.edns], [1, true], 'of this server')
      t.equal(network.resolver.packetsSent, 4)
    })
  }
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    network.reply(0, FORMERR)
    network.reply(1, FORMERR)
    t.same(network.outcomes, [failed('formerr')], 'once only')
    t.equal(network.sent.length, 2)
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 1 })
    network.ask()
    clock.advance(1999)
    network.reply(0, FORMERR)
    clock.advance(1)
    t.same(network.outcomes, [failed('timeout')], 'within the same try')
  })
  t.end()
})

t.test('texts, also those that only fit into a reply over TCP', t => {
  const question: Question = { type: 'TXT', name: 'example.org' }
  const long = ['v=spf1 ', 'Ip4:192.0.2.1 '.repeat(18), '-all']
  const answers: Answer[] = [long, 'other'].map(data => ({ type: 'TXT', name: 'example.org', data }))
  const want = [{ kind: 'found', values: [long.join(''), 'other'] }]
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask(undefined, question)
    network.reply(0, 0, answers)
    t.same(network.outcomes, want)
    t.equal(network.exchanges.length, 0)
  })
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask(undefined, question)
    network.reply(0, TRUNCATED, answers.slice(1))
    t.same(network.outcomes, [], 'what a truncated reply holds is no answer')
    const [exchange] = network.exchanges
    if (exchange) exchange.done(replyTo(exchange, 0, answers))
    t.same(network.outcomes, want, 'over TCP')
    t.equal(network.exchanges.length, 1)
  })
  t.end()
})

t.test('a truncated reply is asked for over TCP', t => {
  const exchange = (network: Network, n = 0): Exchange => {
    const found = network.exchanges[n]
    if (!found) throw new Error(`no exchange ${n}`)
    return found
  }
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    network.reply(0, TRUNCATED)
    network.reply(0, TRUNCATED)
    t.equal(network.exchanges.length, 1, 'once')
    t.equal(exchange(network).server, 0, 'of the same server')
    exchange(network).done(replyTo(exchange(network), 0, [ANSWER]))
    t.same(network.outcomes, [FOUND])
    t.equal(network.resolver.packetsSent, 2)
    t.equal(clock.timers, 0)
  })
  for (const [label, flags] of [
    ['truncated again', TRUNCATED],
    ['cut', undefined],
  ] as const) {
    withFakeClock(clock => {
      const network = new Network(clock, { servers: 2, tries: 2 })
      network.ask()
      network.reply(0, TRUNCATED)
      exchange(network).done(flags === undefined ? undefined : replyTo(exchange(network), flags, []))
      t.same(network.servers, [0, 1], `${label}: the next server at once`)
      network.reply(1, TRUNCATED)
      exchange(network, 1).done(replyTo(exchange(network, 1), 0, [ANSWER]))
      t.same(network.outcomes, [FOUND])
    })
  }
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    network.reply(0, TRUNCATED)
    exchange(network).done(replyTo(exchange(network), SERVFAIL, []))
    t.same(network.outcomes, [failed('servfail')], 'a failure over TCP')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    network.reply(0, TRUNCATED)
    clock.advance(2000)
    t.ok(exchange(network).givenUp, 'silent: given up at the end of the try')
    t.same(network.servers, [0, 0])
    network.reply(1, TRUNCATED)
    clock.advance(2000)
    t.ok(exchange(network, 1).givenUp)
    t.same(network.outcomes, [failed('malformed')], 'but no silence: there was a reply')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    let silent = 0
    network.resolver.ask([QUESTION], clock.now() + 60_000, {
      settled: (_, outcome) => void network.outcomes.push(outcome),
      retried: () => void silent++,
    })
    for (const n of [0, 1]) {
      network.reply(n, TRUNCATED)
      exchange(network, n).done(undefined)
      clock.advance(2000)
    }
    t.same(network.outcomes, [failed('malformed')], 'nobody listens on TCP: a broken answer, not an absent one')
    t.equal(silent, 0, 'no try met silence')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { servers: 2 })
    network.ask()
    clock.advance(2000)
    network.reply(1, TRUNCATED)
    network.refuse(1)
    t.same(network.servers, [0, 1], 'refused datagrams say nothing about the connection')
    network.reply(0, 0, [ANSWER])
    t.same(network.outcomes, [FOUND], 'another server was quicker')
    t.ok(exchange(network).givenUp)
  })
  t.end()
})

t.test('a process that is held up right behind its questions', t => {
  withFakeClock(clock => {
    const waits: number[] = []
    const { setTimeout } = globalThis
    Object.assign(globalThis, {
      setTimeout: (callback: () => void, delayMs: number) => {
        waits.push(delayMs)
        return setTimeout(callback, delayMs)
      },
    })
    const network = new Network(clock)
    network.ask()
    clock.holdUp(5000)
    clock.advance(0)
    t.strictSame(waits, [0, 2000], 'no time is negative: Node would complain on standard error')
    t.equal(network.sent.length, 2, 'the next try is due')
  })
  t.end()
})

t.test('questions that are asked together', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    for (let n = 0; n < 40; n++) network.ask(undefined, { type: 'A', name: `${n}.example.org` })
    clock.advance(0)
    t.equal(clock.timers, 1, 'share one timer')
    t.equal(new Set(network.sent.map(({ id }) => id)).size, 40, 'have an id each')
    clock.advance(1000)
    network.ask()
    clock.advance(1000)
    t.equal(network.sent.length, 81)
    clock.advance(1000)
    t.equal(network.sent.length, 82, 'each has its own time')
    clock.advance(60_000)
    t.equal(network.outcomes.length, 41)
    t.equal(clock.timers, 0)
  })
  t.end()
})

t.test('an outcome may lead to the next question', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 1 })
    let second: Outcome | undefined
    network.resolver.ask([QUESTION], clock.now() + 60_000, {
      settled: () => {
        network.resolver.ask([{ type: 'MX', name: 'example.org' }], clock.now() + 60_000, {
          settled: (_, outcome) => {
            second = outcome
          },
        })
      },
    })
    clock.advance(2000)
    t.equal(second, undefined)
    clock.advance(2000)
    t.same(second, failed('timeout'))
  })
  t.end()
})

t.test('closing settles what is outstanding', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    network.ask()
    network.resolver.close()
    t.same(network.outcomes, [failed('timeout'), failed('timeout')])
    t.ok(network.closed)
    t.equal(clock.timers, 0)
  })
  t.end()
})

t.test('equal questions under way share one query', t => {
  const other: Question = { type: 'MX', name: 'example.org' }
  withFakeClock(clock => {
    const network = new Network(clock)
    network.ask()
    network.ask()
    network.ask(undefined, other)
    t.equal(network.sent.length, 2, 'one for each question')
    network.reply(0, 0, [ANSWER])
    t.same(network.outcomes, [FOUND, FOUND], 'and an outcome for each who asked')
    network.ask()
    t.equal(network.sent.length, 3, 'what was answered is asked anew')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    clock.advance(1000)
    network.ask()
    clock.advance(3000)
    t.same(network.outcomes, [failed('timeout')], 'the first has had its two tries')
    t.equal(network.sent.length, 3, 'the second has one more')
    network.ask()
    t.equal(network.sent.length, 4, 'but the query does not live for ever: the next one is another')
    t.not(network.sent[3]?.id, network.sent[0]?.id)
    network.reply(2, 0, [ANSWER])
    t.same(network.outcomes, [failed('timeout'), FOUND])
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 100 })
    network.ask(clock.now() + 3000)
    network.ask(clock.now() + 5000)
    clock.advance(3000)
    t.same(network.outcomes, [failed('timeout')], 'each has its own deadline')
    clock.advance(2000)
    t.same(network.outcomes, [failed('timeout'), failed('timeout')])
    t.equal(network.resolver.pending, 0)
  })
  t.end()
})

t.test('what is cancelled is neither told nor asked again', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    const outcomes: Outcome[] = []
    const listener = { settled: (_: number, outcome: Outcome) => void outcomes.push(outcome) }
    const questions = ['a.example', 'b.example', 'c.example'].map((name): Question => ({ type: 'A', name }))
    const asking = network.resolver.ask(questions, clock.now() + 60_000, listener)
    network.ask(undefined, questions[0])
    t.equal(network.resolver.pending, 3)
    asking.cancel()
    t.equal(network.resolver.pending, 1, 'but what somebody else waits for')
    clock.advance(2000)
    t.equal(network.sent.length, 4)
    network.reply(1, 0, [{ type: 'A', name: 'b.example', data: '192.0.2.1' }])
    network.reply(0, 0, [{ type: 'A', name: 'a.example', data: '192.0.2.1' }])
    t.same(outcomes, [])
    t.same(network.outcomes, [FOUND])
    t.equal(clock.timers, 0, 'nothing keeps the process alive')
    asking.cancel()
  })
  withFakeClock(clock => {
    const network = new Network(clock)
    const listener = { settled: () => t.fail('it was cancelled') }
    const asking = network.resolver.ask([QUESTION], clock.now() + 60_000, listener)
    network.reply(0, TRUNCATED)
    asking.cancel()
    t.ok(network.exchanges[0]?.givenUp, 'its connection is given up')
  })
  t.end()
})

t.test('a question that is not to be sent again ends with the try that is under way', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    const asking = network.resolver.ask([QUESTION], clock.now() + 60_000, {
      settled: (_, outcome) => void network.outcomes.push(outcome),
    })
    clock.advance(500)
    asking.stopRetrying()
    clock.advance(1499)
    t.same(network.outcomes, [])
    clock.advance(1)
    t.same(network.outcomes, [failed('timeout')])
    t.equal(network.sent.length, 1)
  })
  t.end()
})

t.test('who asks is told when a try was in vain', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 3 })
    const retried: number[] = []
    const questions = ['a.example', 'b.example'].map((name): Question => ({ type: 'A', name }))
    network.resolver.ask(questions, clock.now() + 60_000, {
      settled: (_, outcome) => void network.outcomes.push(outcome),
      retried: index => void retried.push(index),
    })
    network.reply(0, NXDOMAIN)
    clock.advance(2000)
    t.same(retried, [1])
    clock.advance(4000)
    t.same(retried, [1, 1], 'not by the last one, which is the outcome')
    t.equal(network.outcomes.length, 2)
  })
  t.end()
})

t.test('a server that is silent to EDNS0 is asked without at last, and from then on', t => {
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 3 })
    network.ask()
    clock.advance(4000)
    t.same(
      network.sent.map(({ edns }) => edns),
      [true, true, false],
    )
    network.reply(2, 0, [ANSWER])
    t.same(network.outcomes, [FOUND])
    network.ask()
    t.equal(network.sent[3]?.edns, false, 'it has answered this way alone')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    network.reply(0, 0, [ANSWER])
    network.ask()
    clock.advance(2000)
    t.same(
      network.sent.map(({ edns }) => edns),
      [true, true, false],
    )
    network.reply(2, 0, [ANSWER])
    network.ask()
    t.equal(network.sent[3]?.edns, true, 'one that was seen to understand it goes on to get it')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 2 })
    network.ask()
    network.refuse(0)
    clock.advance(2000)
    t.equal(network.sent[1]?.edns, true, 'a server that is not there was not silent')
  })
  withFakeClock(clock => {
    const network = new Network(clock, { tries: 1 })
    network.ask()
    t.equal(network.sent[0]?.edns, true, 'nor is there silence before the only try')
    clock.advance(2000)
    network.ask()
    t.equal(network.sent[1]?.edns, false, 'but before that of the next question')
    network.reply(1, 0, [ANSWER])
    t.same(network.outcomes, [failed('timeout'), FOUND])
  })
  t.end()
})

t.test('any reply answers the control question', t => {
  for (const flags of [0, SERVFAIL, REFUSED, NXDOMAIN, TRUNCATED]) {
    withFakeClock(clock => {
      const network = new Network(clock)
      network.ask(undefined, CONTROL)
      network.reply(0, flags)
      t.equal(network.outcomes.length, 1, `flags ${flags}`)
      t.not(network.outcomes[0]?.kind === 'failed' && network.outcomes[0].reason, 'timeout')
      t.equal(network.exchanges.length, 0)
    })
  }
  t.end()
})

t.test('more queries under way than there may be are an error of whoever asks', t => {
  withFakeClock(clock => {
    const network = new Network(clock)
    const names = Array.from({ length: MAX_PENDING }, (_, n): Question => ({ type: 'A', name: `n${n}.example` }))
    const asking = network.resolver.ask(names, clock.now() + 60_000, { settled: () => {} })
    t.equal(network.resolver.pending, MAX_PENDING)
    t.throws(() => network.ask(), RangeError)
    asking.cancel()
    network.ask()
    t.equal(network.resolver.pending, 1)
  })
  t.end()
})
