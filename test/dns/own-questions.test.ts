import t from 'tap'
import type { Asker } from '../../src/dns/fan-out.ts'
import type { Outcome, Question } from '../../src/dns/outcome.ts'
import { OwnQuestions } from '../../src/dns/own-questions.ts'

interface Asked {
  readonly name: string
  readonly tries: number | undefined
  readonly settle: (outcome: Outcome) => void
  isLastTry: boolean
}

interface Own {
  keep(questions: Parameters<OwnQuestions<string>['keep']>[1]): void
  learned: OwnQuestions<string>['learned']
  areSilent: OwnQuestions<string>['areSilent']
}

function ownQuestions(): { asked: Asked[]; own: Own } {
  const asked: Asked[] = []
  const resolver: Pick<Asker, 'ask'> = {
    ask(questions, _deadlineMs, { settled }, tries) {
      const own = questions.map(
        ({ name }, index): Asked => ({ name, tries, settle: outcome => settled(index, outcome), isLastTry: false }),
      )
      asked.push(...own)
      return {
        cancel: () => t.fail('nobody cancels it'),
        stopRetrying: () => {
          for (const each of own) each.isLastTry = true
        },
      }
    },
  }
  const own = new OwnQuestions<string>(2000)
  return {
    asked,
    own: {
      keep: questions => own.keep(resolver, questions),
      learned: () => own.learned(),
      areSilent: lists => own.areSilent(lists),
    },
  }
}

const questionTo = (host: string, n = 1): { host: string; question: Question; read: (outcome: Outcome) => string } => ({
  host,
  question: { type: 'A', name: `${n}.2.0.192.${host}`, ofList: true },
  read: ({ kind }) => kind,
})

t.test('one question for each list, of which the try under way is the last', t => {
  const { asked, own } = ownQuestions()
  own.keep([questionTo('a.test'), questionTo('b.test')])
  own.keep([questionTo('a.test', 2)])
  t.match(
    asked,
    [
      { name: '1.2.0.192.a.test', tries: 1, isLastTry: true },
      { name: '1.2.0.192.b.test', tries: 1, isLastTry: true },
    ],
    'and no more',
  )
  t.equal(asked.length, 2)
  asked[0]?.settle({ kind: 'nxdomain' })
  own.keep([questionTo('a.test', 3)])
  t.equal(asked[2]?.name, '3.2.0.192.a.test', 'when it is over, the next')
  t.end()
})

t.test('what was learned is told once', t => {
  const { asked, own } = ownQuestions()
  t.equal(own.learned().size, 0)
  own.keep([questionTo('a.test'), questionTo('b.test')])
  t.equal(own.learned().size, 0)
  asked[0]?.settle({ kind: 'failed', reason: 'timeout' })
  asked[1]?.settle({ kind: 'nodata' })
  t.same(
    [...own.learned()],
    [
      ['a.test', 'failed'],
      ['b.test', 'nodata'],
    ],
  )
  t.equal(own.learned().size, 0)
  t.end()
})

t.test('lists that were silent when they were last asked', t => {
  const { asked, own } = ownQuestions()
  const both = [questionTo('a.test'), questionTo('b.test')]
  t.equal(own.areSilent(both), false, 'nobody knows')
  own.keep(both)
  t.equal(own.areSilent(both), false, 'nor yet')
  for (const { settle } of asked) settle({ kind: 'failed', reason: 'timeout' })
  t.equal(own.areSilent(both), true)
  own.keep(both)
  asked[2]?.settle({ kind: 'nxdomain' })
  t.equal(own.areSilent(both), false, 'one of them answers again')
  t.equal(own.areSilent(both.slice(1)), true)
  t.end()
})
