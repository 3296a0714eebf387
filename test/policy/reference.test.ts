import t from 'tap'
import { isRefusal, withReference } from '../../src/policy/reply.ts'
import { newReference, readReference } from '../../src/policy/reference.ts'

t.test('a reference has ten characters of an alphabet without look-alikes', t => {
  const seen = new Set<string>()
  const characters = new Set<string>()
  for (let i = 0; i < 20_000; i++) {
    const reference = newReference()
    if (!/^[0-9A-HJKMNP-TV-Z]{10}$/.test(reference)) t.fail(`${reference} is none`)
    seen.add(reference)
    for (const character of reference) characters.add(character)
  }
  t.equal(seen.size, 20_000, 'each is another one')
  t.equal(characters.size, 32, 'every character of the alphabet comes')
  t.end()
})

t.test('no reference follows from the one before', t => {
  // Each place of one against each place of the next: of 32 values each comes as often after each, within six deviations.
  const rounds = 40_000
  const counts = Array.from({ length: 10 }, () => new Map<string, number>())
  let before = newReference()
  for (let i = 0; i < rounds; i++) {
    const reference = newReference()
    for (const [place, pairs] of counts.entries()) {
      const pair = `${before[place]}${reference[place]}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }
    before = reference
  }
  const mean = rounds / 1024
  const most = Math.max(...counts.flatMap(pairs => [...pairs.values()]))
  t.ok(
    most < mean + 8 * Math.sqrt(mean),
    `the most frequent pair came ${most} times, ${mean.toFixed(1)} are to be expected`,
  )
  t.end()
})

t.test('a million guesses find none of somebody else', t => {
  const others = new Set(Array.from({ length: 100_000 }, newReference))
  let found = 0
  for (let guess = 0; guess < 1_000_000; guess++) if (others.has(newReference())) found++
  t.equal(found, 0, 'one in ten thousand such tries finds one')
  t.end()
})

t.test('a reference as people type it', t => {
  const cases: readonly { readonly typed: string; readonly want: string | undefined }[] = [
    { typed: '7QK2M0XN4B', want: '7QK2M0XN4B' },
    { typed: '7qk2m0xn4b', want: '7QK2M0XN4B' },
    { typed: '7qk2-moxn-4b', want: '7QK2M0XN4B' },
    { typed: 'ilo0000000', want: '1100000000' },
    { typed: '7QK2M0XN4', want: undefined },
    { typed: '7QK2M0XN4BB', want: undefined },
    { typed: '7QK2M0XN4U', want: undefined },
    { typed: '192.0.2.10', want: undefined },
    { typed: 'user@x.org', want: undefined },
    { typed: '', want: undefined },
  ]
  for (const { typed, want } of cases) t.equal(readReference(typed), want, typed)
  t.end()
})

t.test('where a reference stands', t => {
  const reference = '7QK2M0XN4B'
  const cases = [
    { refusal: '550 no', want: '550 no; ref 7QK2M0XN4B' },
    { refusal: '550 Rejected by policy', want: '550 Rejected by policy; ref 7QK2M0XN4B' },
    { refusal: 'REJECT', want: 'REJECT ref 7QK2M0XN4B' },
    { refusal: 'DEFER_IF_PERMIT 4.3.2 later', want: 'DEFER_IF_PERMIT 4.3.2 later; ref 7QK2M0XN4B' },
    {
      refusal: `550 ${'x'.repeat(496)}`,
      want: `550 ${'x'.repeat(480)}; ref 7QK2M0XN4B`,
      label: 'the bound cuts what stands in front of it',
    },
  ]
  for (const { refusal, want, label } of cases) {
    t.equal(withReference(refusal, reference), want, label ?? refusal)
    t.ok(want.length <= 500)
  }
  t.end()
})

t.test('what is a refusal with a text for the sender', t => {
  const yes = ['550 no', '450 later', ' 554 no', 'REJECT', 'reject no', 'DEFER later', 'DEFER_IF_PERMIT later', '550']
  const no = ['DUNNO', 'PREPEND X: 550 no', 'OK', 'strict', 'HOLD', 'DISCARD no', '250 fine', '5500 no', 'REJECTED', '']
  for (const action of yes) t.ok(isRefusal(action), action)
  for (const action of no) t.notOk(isRefusal(action), action)
  t.end()
})
