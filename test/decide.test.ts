import t from 'tap'
import { MessageMemory } from '../src/cache/memory.ts'
import { builtinConfig, type Config } from '../src/config/parameters.ts'
import { decide, type Instance } from '../src/decide.ts'
import type { Evaluator } from '../src/evaluate.ts'
import type { Remember } from '../src/score/verdict.ts'
import { requestOf } from './support/scoring.ts'

/** An instance whose evaluator gives one judgement and counts how often it was asked. */
function instanceWith(action: string, remember: Remember = {}, config: Partial<Config> = {}) {
  const counts = { evaluations: 0 }
  const evaluator = {
    evaluate: async () => {
      counts.evaluations++
      const judgement = { action, remember, weighted: undefined, addresses: [], notes: ['cut'], steps: [] }
      return { judgement, lookups: [], queries: 0, cut: false }
    },
  } as unknown as Evaluator
  const instance: Instance = {
    config: builtinConfig(config),
    memory: new MessageMemory(),
    evaluator: async () => evaluator,
    nowMs: () => 1000,
  }
  return { instance, counts }
}

t.test('short cuts, in their order', async t => {
  const cases = [
    { label: 'empty sender', attributes: { sender: '' }, want: 'DUNNO NULL (<>) Sender' },
    {
      label: 'empty sender comes before the recipient',
      attributes: { sender: '', recipient: 'postmaster@x' },
      want: 'DUNNO NULL (<>) Sender',
    },
    { label: 'postmaster', attributes: { recipient: 'postmaster@x' }, want: 'DUNNO mail for postmaster@x' },
    { label: 'abuse', attributes: { recipient: 'abuse@x' }, want: 'DUNNO mail for abuse@x' },
  ]
  for (const { label, attributes, want } of cases) {
    const { instance, counts } = instanceWith('550 no')
    const decision = await decide(requestOf(attributes), instance)
    t.equal(decision.action, want, label)
    t.equal(decision.evaluated, undefined)
    t.equal(counts.evaluations, 0, 'nothing is evaluated')
    t.match(decision.lines, [{ text: `decided action=${want}; ` }])
  }
})

t.test('the other recipients of a mail get the answer of the first', async t => {
  const cases: { label: string; remember: Remember; want: string }[] = [
    {
      label: 'accepted',
      remember: { message: { kind: 'accepted' } },
      want: 'DUNNO multirecipient-mail - already accepted by previous query',
    },
    {
      label: 'rejected',
      remember: { message: { kind: 'rejected', message: '550 no' } },
      want: '550 no (multirecipient mail)',
    },
    {
      label: 'rejected by a restriction class',
      remember: { message: { kind: 'rejected', message: 'rc: strict, x' } },
      want: 'strict',
    },
    { label: 'nothing to remember', remember: {}, want: 'first' },
  ]
  for (const { label, remember, want } of cases) {
    const { instance, counts } = instanceWith('first', remember)
    t.equal((await decide(requestOf(), instance)).action, 'first')
    t.equal((await decide(requestOf({ recipient: 'other@example.net' }), instance)).action, want, label)
    t.equal(counts.evaluations, want === 'first' ? 2 : 1)
  }
})

t.test('what is evaluated is masked, never empty, and logged with its remarks', async t => {
  const { instance } = instanceWith('550 a\nb')
  const decision = await decide(requestOf(), instance)
  t.equal(decision.action, '550 a?b')
  t.match(decision.lines, [{ severity: 'warning', text: 'warning: cut' }, { text: /^decided action=550 a\?b; / }])
  t.equal((await decide(requestOf(), instanceWith('').instance)).action, 'DUNNO default')
})

t.test('a client without an address is not scored', async t => {
  const { instance, counts } = instanceWith('550 no')
  const request = { ...requestOf(), client: undefined, clientAddress: 'unknown' }
  const decision = await decide(request, instance)
  t.equal(decision.action, 'DUNNO client address unknown')
  t.equal(counts.evaluations, 0)
  t.match(decision.lines[0], { severity: 'warning', text: /client_address "unknown" is no address/ })
})
