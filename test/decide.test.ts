import t from 'tap'
import { builtinConfig } from '../src/config/parameters/parameters.ts'
import type { Answer } from '../src/consult.ts'
import { decide, type Instance } from '../src/decide.ts'
import { warning } from '../src/log/event.ts'
import { VERSION, VERSION_ANSWER, VERSION_QUESTION } from '../src/policy/version.ts'
import { requestOf } from './support/scoring.ts'

/** An instance whose consultant gives one answer and counts how often it was asked. */
function instanceWith(answer: Answer) {
  const counts = { consulted: 0 }
  const consult = async (): Promise<Answer> => {
    counts.consulted++
    return answer
  }
  const instance: Instance = { config: builtinConfig(), consultant: async () => ({ consult }), nowMs: () => 1000 }
  return { instance, counts }
}

t.test('short cuts, in their order', async t => {
  const cases = [
    {
      label: 'empty sender',
      attributes: { sender: '' },
      want: 'DUNNO NULL (<>) Sender',
      wantUncounted: 'nullSenders',
    },
    {
      label: 'empty sender comes before the recipient',
      attributes: { sender: '', recipient: 'postmaster@x' },
      want: 'DUNNO NULL (<>) Sender',
      wantUncounted: 'nullSenders',
    },
    {
      label: 'the question for the version',
      attributes: { sender: '', instance: VERSION_QUESTION },
      want: VERSION_ANSWER + VERSION,
      wantUncounted: undefined,
    },
    {
      label: 'which is none of a mail with a sender',
      attributes: { recipient: 'abuse@x', instance: VERSION_QUESTION },
      want: 'DUNNO mail for abuse@x',
      wantUncounted: 'roleRecipients',
    },
    ...['postmaster', 'abuse'].map(name => ({
      label: name,
      attributes: { recipient: `${name}@x` },
      want: `DUNNO mail for ${name}@x`,
      wantUncounted: 'roleRecipients',
    })),
  ]
  for (const { label, attributes, want, wantUncounted } of cases) {
    const { instance, counts } = instanceWith({ action: '550 no' })
    const decision = await decide(requestOf(attributes), instance)
    t.equal(decision.action, want, label)
    t.equal(decision.evaluated, undefined)
    t.equal(decision.uncounted, wantUncounted)
    t.equal(counts.consulted, 0, 'nothing is opened')
    t.match(decision.events, [{ kind: 'decided', action: want }])
  }
})

t.test('what is answered is masked, never empty, and logged behind its remarks', async t => {
  const { instance } = instanceWith({ action: '550 a\nb', events: [warning('cut'), undefined] })
  const decision = await decide(requestOf(), instance)
  t.equal(decision.action, '550 a?b')
  t.match(decision.events, [
    { kind: 'warning', text: 'cut' },
    { kind: 'decided', action: '550 a?b' },
  ])
  t.equal((await decide(requestOf(), instanceWith({ action: '' }).instance)).action, 'DUNNO default')
})

t.test('a client without an address is not scored', async t => {
  const { instance, counts } = instanceWith({ action: '550 no' })
  const request = { ...requestOf(), client: undefined, clientAddress: 'unknown' }
  const decision = await decide(request, instance)
  t.equal(decision.action, 'DUNNO client address unknown')
  t.equal(decision.uncounted, 'unknownClients')
  t.equal(counts.consulted, 0)
  t.match(decision.events[0], { kind: 'warning', text: /client_address "unknown" is no address/ })
})

t.test('a refusal ends in the reference of its decision, where that is wanted', async t => {
  const config = { ...builtinConfig(), ADD_REFERENCE: true }
  const cases: readonly { readonly label: string; readonly answer: Answer; readonly want: RegExp }[] = [
    { label: 'its own', answer: { action: '550 no', reference: '7QK2M0XN4B' }, want: /^550 no; ref 7QK2M0XN4B$/ },
    {
      label: 'of the decision that is repeated',
      answer: { action: '550 no', by: 'spam', reference: '7QK2M0XN4B' },
      want: /^550 no; ref 7QK2M0XN4B$/,
    },
    {
      label: 'a new one for what has none',
      answer: { action: '550 no', by: 'spam' },
      want: /^550 no; ref [0-9A-Z]{10}$/,
    },
    { label: 'not of accepted mail', answer: { action: 'DUNNO fine', reference: '7QK2M0XN4B' }, want: /^DUNNO fine$/ },
    { label: 'not behind a class', answer: { action: 'strict', reference: '7QK2M0XN4B' }, want: /^strict$/ },
  ]
  for (const { label, answer, want } of cases) {
    const { instance } = instanceWith(answer)
    const decision = await decide(requestOf(), { ...instance, config })
    t.match(decision.action, want, label)
    t.match(decision.events.at(-1), { kind: 'decided', action: decision.action }, 'and so it is logged')
  }
  const { instance } = instanceWith({ action: '550 no', reference: '7QK2M0XN4B' })
  t.equal((await decide(requestOf(), instance)).action, '550 no', 'otherwise it has none')
})
