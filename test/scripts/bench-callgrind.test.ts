import t from 'tap'
import { PROFILE_ROWS, readProfile } from '../../scripts/bench/callgrind.ts'

t.test('instructions count for the part of the function that executes them', t => {
  const output = [
    'version: 1',
    'events: Ir',
    'ob=(1) /usr/bin/node',
    'fn=(1) v8::internal::Scanner::Next()',
    '0 300',
    'cfn=(2) malloc',
    'calls=2 0',
    '0 70',
    '+1 5',
    'fn=(2)',
    '* 70',
    "fn=(3) Builtins_LoadIC'2",
    '-3 11',
    'fn=(4) detail::sprp(unsigned long long, unsigned long long)',
    '0 9000000',
    'fn=(5) main',
    '16 1',
    'totals: 9000387',
  ].join('\n')
  const profile = readProfile(output)
  t.strictSame([...profile.keys()], PROFILE_ROWS)
  t.equal(profile.get('compiling functions at their first use'), 305)
  t.equal(profile.get('memory'), 70)
  t.equal(profile.get('running JavaScript'), 11)
  t.equal(profile.get('all else of Node and the system'), 1)
  t.equal(profile.get('other first uses: inline caches, shapes of objects'), 0)
  t.equal(profile.get('all'), 387, 'without the search for primes')
  t.end()
})
